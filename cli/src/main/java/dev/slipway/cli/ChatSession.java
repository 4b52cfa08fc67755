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

  /** Hears what is said. */
  interface Listener {
    /** More of an answer. */
    void piece(String text);

    /**
     * The answer is over.
     *
     * @param note why it ended, where it did not by itself
     */
    void end(@Nullable String note);

    /** Something about the conversation, in lines. */
    void note(String text);

    /** Why a message had no answer. */
    void problem(String text);
  }

  /**
   * As plain text, a line for each thing.
   *
   * @param problems hears why messages had no answer
   */
  static Listener plain(Consumer<String> out, Consumer<String> problems) {
    return new Listener() {
      @Override
      public void piece(String text) {
        out.accept(text);
      }

      @Override
      public void end(@Nullable String note) {
        out.accept(note == null ? "\n" : "\n" + note + "\n");
      }

      @Override
      public void note(String text) {
        out.accept(text + "\n");
      }

      @Override
      public void problem(String text) {
        problems.accept(text);
      }
    };
  }

  private final LanguageModel model;
  private final ChatTokenizer tokenizer;
  private final int maxTokens;
  private final Sampling sampling;
  private final Listener out;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<ObjectNode> messages = new ArrayList<>();
  private @Nullable String system;
  private int turn;

  /**
   * @param maxTokens of an answer; 0 goes on to the end of the context
   * @param sampling whose seed is of the first answer; each further one adds one
   * @param out hears of it as it comes
   */
  ChatSession(
      LanguageModel model,
      ChatTemplates templates,
      @Nullable String system,
      int maxTokens,
      Sampling sampling,
      Listener out) {
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
      out.problem("error[" + e.code() + "]: " + e.getMessage());
    }
    return true;
  }

  private boolean command(String text) {
    String[] parts = text.split("\\s+", 2);
    String argument = parts.length > 1 ? parts[1] : "";
    switch (parts[0].toLowerCase(Locale.ROOT)) {
      case "/help" -> out.note(HELP.stripTrailing());
      case "/system" -> {
        system = argument.isEmpty() ? null : argument;
        out.note(system == null ? "No system message." : "The model is told: " + system);
      }
      case "/reset" -> {
        messages.clear();
        out.note("A new conversation.");
      }
      case "/save" -> {
        if (argument.isEmpty()) {
          out.note("Name a file: /save FILE");
        } else if (messages.isEmpty()) {
          out.note("Nothing was said yet.");
        } else {
          AtomicFiles.write(Path.of(argument), Json.line(document()) + "\n");
          out.note("Saved " + messages.size() + " messages in " + argument + ".");
        }
      }
      case "/exit", "/quit" -> {
        return false;
      }
      default -> out.note("There is no " + parts[0] + "; /help lists what there is.");
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
                out.piece(piece.text());
                return !stop.get();
              });
    } catch (SlipwayException e) {
      messages.removeLast(); // as if it had not been asked
      throw e;
    }
    turn++;
    out.end(ending(generation));
    messages.add(message("assistant", generation.text()));
  }

  private @Nullable String ending(Generation generation) {
    if (stop.get()) {
      return "(stopped)";
    }
    if (generation.finishReason() != Generation.FinishReason.LENGTH) {
      return null;
    }
    return maxTokens == 0
        ? "(the context is full: /reset begins a new conversation)"
        : "(" + maxTokens + " tokens: --max-tokens allows more)";
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
