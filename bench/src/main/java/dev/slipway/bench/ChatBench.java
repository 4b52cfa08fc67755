package dev.slipway.bench;

import dev.slipway.base.Json;
import dev.slipway.model.gguf.GgufModel;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import dev.slipway.tokenizer.chat.ChatTemplate;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tokenizer.chat.Conversation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * From conversations to ids, through the chat template and the tokenizer, beside transformers'
 * {@code apply_chat_template} over its fast tokenizer: two threads each, in turn, the same ids.
 *
 * <p>Arguments: {@code MODEL}, a folder with a tokenizer and a template, or a GGUF file, whose
 * vocabulary gets ChatML's template; then any of {@code megabytes=16 rounds=5}. Conversations are
 * made of the JDK's sources. The Python is {@code $PYTHON}.
 */
public final class ChatBench {
  private static final String CHATML =
      "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}";

  private ChatBench() {}

  public static void main(String[] args) throws IOException {
    Map<String, String> given = TaskTraining.arguments(Arrays.copyOfRange(args, 1, args.length));
    long bytes = (long) (1e6 * Double.parseDouble(given.getOrDefault("megabytes", "16")));
    int rounds = Integer.parseInt(given.getOrDefault("rounds", "5"));
    Path work = Files.createTempDirectory("slipway-chat");
    try {
      Path model = folder(Path.of(args[0]), work);
      List<JsonNode> conversations = conversations(bytes);
      Path lines = work.resolve("conversations.jsonl");
      Files.write(lines, conversations.stream().map(Json::line).toList());
      compare(model, lines, conversations, rounds);
    } finally {
      for (String name :
          List.of(
              "conversations.jsonl",
              "tokenizer.json",
              "tokenizer_config.json",
              "special_tokens_map.json",
              "chat_template.jinja")) {
        Files.deleteIfExists(work.resolve(name));
      }
      Files.delete(work);
    }
  }

  private static Path folder(Path model, Path work) throws IOException {
    if (!GgufModel.is(model)) {
      return model;
    }
    Tokenizers.write(GgufModel.tokenizer(model), work, 1 << 20);
    Files.writeString(work.resolve("chat_template.jinja"), CHATML);
    return work;
  }

  /** Turns of some thousand characters of Java each, four a conversation. */
  private static List<JsonNode> conversations(long bytes) throws IOException {
    List<JsonNode> conversations = new ArrayList<>();
    long made = 0;
    Path zip = Path.of(System.getProperty("java.home"), "lib", "src.zip");
    try (ZipFile sources = new ZipFile(zip.toFile())) {
      for (ZipEntry entry :
          sources.stream().filter(each -> each.getName().endsWith(".java")).toList()) {
        String text =
            new String(sources.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
        for (int from = 0; from + 4000 <= text.length() && made < bytes; from += 4000) {
          ArrayNode messages = Json.array();
          for (int turn = 0; turn < 4; turn++) {
            ObjectNode message = messages.addObject();
            message.put("role", turn % 2 == 0 ? "user" : "assistant");
            String part = text.substring(from + 1000 * turn, from + 1000 * turn + 1000);
            message.put("content", part);
            made += part.getBytes(StandardCharsets.UTF_8).length;
          }
          conversations.add(messages);
        }
      }
    }
    return conversations;
  }

  private static List<int[]> ours(
      Tokenizer tokenizer, ChatTemplates templates, List<JsonNode> conversations) {
    List<String> texts = new ArrayList<>();
    for (JsonNode each : conversations) {
      Conversation conversation = Conversation.of(each, "a conversation");
      ChatTemplate template = templates.of(conversation);
      texts.add(template.render(conversation).text());
    }
    return tokenizer.encodeBatch(texts, false);
  }

  private static void compare(Path model, Path lines, List<JsonNode> conversations, int rounds)
      throws IOException {
    Tokenizer tokenizer = ModelFolder.tokenizer(model);
    ChatTemplates templates = ModelFolder.chatTemplates(model);
    Process process =
        new ProcessBuilder(
                System.getenv().getOrDefault("PYTHON", "python3"),
                "bench/peers/chat.py",
                model.toString(),
                lines.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader answers =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        PrintWriter commands =
            new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8)) {
      double[] ratios = new double[rounds];
      double megabytes = Files.size(lines) / 1e6;
      double[] speeds = new double[rounds];
      double[] theirs = new double[rounds];
      for (int round = -2; round < rounds; round++) {
        commands.println("round");
        String answer = answers.readLine();
        if (answer == null) {
          throw new IOException("bench/peers/chat.py ended");
        }
        String[] told = answer.split(" ");
        long began = System.nanoTime();
        List<int[]> ids = ours(tokenizer, templates, conversations);
        double seconds = (System.nanoTime() - began) / 1e9;
        long count = ids.stream().mapToLong(each -> each.length).sum();
        long sum = 0;
        for (int[] each : ids) {
          for (int i = 0; i < each.length; i++) {
            sum = (sum * 31 + each[i]) & 0xFFFF_FFFFL;
          }
        }
        if (count != Long.parseLong(told[1]) || sum != Long.parseLong(told[2])) {
          throw new IllegalStateException(count + " ids and " + sum + ", they have " + answer);
        }
        if (round >= 0) { // the first two warm up
          speeds[round] = megabytes / seconds;
          theirs[round] = megabytes / Double.parseDouble(told[0]);
          ratios[round] = speeds[round] / theirs[round];
        }
      }
      commands.println("quit");
      Arrays.sort(ratios);
      Arrays.sort(speeds);
      Arrays.sort(theirs);
      System.out.printf(
          Locale.ROOT,
          "%,d conversations, %.1f MB, vocabulary %,d; Slipway %.1f MB/s, transformers %.1f MB/s (medians); ratio %.2f (%.2f to %.2f); the same ids%n",
          conversations.size(),
          megabytes,
          tokenizer.vocabularySize(),
          speeds[rounds / 2],
          theirs[rounds / 2],
          ratios[rounds / 2],
          ratios[0],
          ratios[rounds - 1]);
    } finally {
      process.destroy();
    }
  }
}
