package dev.slipway.cli;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.Generation;
import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.Sampling;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import dev.slipway.tokenizer.chat.Conversation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A conversation with a model, line by line; a line that begins with a slash is a command. */
final class ChatSession {
  static final String HELP =
      """
      /system TEXT   what the model is told before the conversation; without TEXT nothing
      /reset         begins a new conversation
      /save FILE     writes the conversation as a line of JSON, as training reads it
      /help          this list
      /exit          ends; so does Ctrl-D
      Ctrl-C stops an answer. A message that begins with a slash is written with two.
      """;

  private final LanguageModel model;
  private final ChatTokenizer tokenizer;
  private final int maxTokens;
  private final Sampling sampling;
  private final Consumer<String> out;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<ObjectNode> messages = new ArrayList<>();
  private @Nullable String system;
  private int turn;

  /**
   * @param maxTokens of an answer; 0 goes on to the end of the context
   * @param sampling whose seed is of the first answer; each further one adds one
   * @param out takes text as it comes
   */
  ChatSession(
      LanguageModel model,
      ChatTemplates templates,
      @Nullable String system,
      int maxTokens,
      Sampling sampling,
      Consumer<String> out) {
    this.model = model;
    this.tokenizer = new ChatTokenizer(model.tokenizer(), templates);
    this.system = system;
    this.maxTokens = maxTokens;
    this.sampling = sampling;
    this.out = out;
  }

  /** Stops the answer that comes. May be called by any thread. */
  void stop() {
    stop.set(true);
  }

  /** Takes a line; false ends the conversation. */
  boolean take(String line) {
    String text = line.strip();
    if (text.isEmpty()) {
      return true;
    }
    try {
      if (!text.startsWith("/")) {
        answer(text);
      } else if (text.startsWith("//")) {
        answer(text.substring(1));
      } else {
        return command(text);
      }
    } catch (SlipwayException e) {
      // A mistake of this line ends the line and not the conversation.
      out.accept("error[" + e.code() + "]: " + e.getMessage() + "\n");
    }
    return true;
  }

  private boolean command(String text) {
    String[] parts = text.split("\\s+", 2);
    String argument = parts.length > 1 ? parts[1] : "";
    switch (parts[0].toLowerCase(Locale.ROOT)) {
      case "/help" -> out.accept(HELP);
      case "/system" -> {
        system = argument.isEmpty() ? null : argument;
        out.accept(system == null ? "No system message.\n" : "The model is told: " + system + "\n");
      }
      case "/reset" -> {
        messages.clear();
        out.accept("A new conversation.\n");
      }
      case "/save" -> {
        if (argument.isEmpty()) {
          out.accept("Name a file: /save FILE\n");
        } else if (messages.isEmpty()) {
          out.accept("Nothing was said yet.\n");
        } else {
          AtomicFiles.write(Path.of(argument), Json.line(document()) + "\n");
          out.accept("Saved " + messages.size() + " messages in " + argument + ".\n");
        }
      }
      case "/exit", "/quit" -> {
        return false;
      }
      default -> out.accept("There is no " + parts[0] + "; /help lists what there is.\n");
    }
    return true;
  }

  private void answer(String text) {
    messages.add(message("user", text));
    stop.set(false);
    Generation generation;
    try {
      int[] prompt = tokenizer.encode(Conversation.of(conversation(), true)).ids();
      GenerationRequest request =
          GenerationRequest.of(
              new GenerationRequest.Prompt.Ids(Arrays.stream(prompt).boxed().toList()),
              maxTokens == 0 ? Math.max(1, model.context() - prompt.length) : maxTokens,
              sampling.withSeed(sampling.seed() + turn));
      generation =
          model.generate(
              request,
              piece -> {
                out.accept(piece.text());
                return !stop.get();
              });
    } catch (SlipwayException e) {
      messages.removeLast(); // as if it had not been asked
      throw e;
    }
    turn++;
    out.accept("\n");
    if (stop.get()) {
      out.accept("(stopped)\n");
    } else if (generation.finishReason() == Generation.FinishReason.LENGTH) {
      out.accept(
          maxTokens == 0
              ? "(the context is full: /reset begins a new conversation)\n"
              : "(" + maxTokens + " tokens: --max-tokens allows more)\n");
    }
    messages.add(message("assistant", generation.text()));
  }

  private List<ObjectNode> conversation() {
    List<ObjectNode> all = new ArrayList<>();
    if (system != null) {
      all.add(message("system", system));
    }
    all.addAll(messages);
    return all;
  }

  /** {@code {"messages": […]}}. */
  ObjectNode document() {
    ObjectNode document = Json.object();
    ArrayNode array = document.putArray("messages");
    conversation().forEach(array::add);
    return document;
  }

  private static ObjectNode message(String role, String content) {
    return Json.object().put("role", role).put("content", content);
  }
}
