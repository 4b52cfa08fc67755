package dev.slipway.platform.server;

import dev.slipway.platform.feedback.FeedbackFile;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The last answers, in memory alone, so that feedback that names one by its id need not bring it
 * along, nor can bring another. For any thread.
 */
final class AnswerLedger {
  private final int mostAnswers;
  private final long mostChars;
  private final long keptNanos;
  private final LongSupplier nanos;
  private final LinkedHashMap<String, Answered> answers = new LinkedHashMap<>();
  private long chars;

  AnswerLedger(int mostAnswers, long mostChars, Duration kept, LongSupplier nanos) {
    this.mostAnswers = mostAnswers;
    this.mostChars = mostChars;
    this.keptNanos = kept.toNanos();
    this.nanos = nanos;
  }

  /** What was answered to one request. */
  static final class Answered {
    private final String caller;
    private final String model;
    private final String version;
    private final JsonNode prompt;
    private final @Nullable JsonNode tools;
    private final List<JsonNode> completions;
    private final long chars;

    /** Feedback that was given, by choice; guarded by this. */
    private final Map<Integer, FeedbackFile.Place> given = new HashMap<>();

    private long answered;

    /**
     * @param caller whose request it was, who alone may give feedback
     * @param model what answered, by its own name
     * @param version of it
     * @param prompt a list of messages, or a text
     * @param completions of the choices: a message each, or a text
     */
    Answered(
        String caller,
        String model,
        String version,
        JsonNode prompt,
        @Nullable JsonNode tools,
        List<JsonNode> completions) {
      this.caller = caller;
      this.model = model;
      this.version = version;
      this.prompt = prompt;
      this.tools = tools;
      this.completions = List.copyOf(completions);
      chars =
          prompt.toString().length()
              + (tools == null ? 0 : tools.toString().length())
              + completions.stream().mapToLong(one -> one.toString().length()).sum();
    }

    String caller() {
      return caller;
    }

    String model() {
      return model;
    }

    String version() {
      return version;
    }

    JsonNode prompt() {
      return prompt;
    }

    @Nullable JsonNode tools() {
      return tools;
    }

    List<JsonNode> completions() {
      return completions;
    }

    Map<Integer, FeedbackFile.Place> given() {
      return given;
    }
  }

  synchronized void remember(String id, Answered answer) {
    answer.answered = nanos.getAsLong();
    answers.put(id, answer);
    chars += answer.chars;
    Iterator<Answered> oldest = answers.values().iterator();
    while (oldest.hasNext()) {
      Answered one = oldest.next();
      if (answers.size() <= mostAnswers && chars <= mostChars && !isExpired(one)) {
        break;
      }
      oldest.remove();
      chars -= one.chars;
    }
  }

  /** An answer that was remembered and not yet forgotten. */
  synchronized @Nullable Answered find(String id) {
    Answered answer = answers.get(id);
    return answer == null || isExpired(answer) ? null : answer;
  }

  private boolean isExpired(Answered answer) {
    return nanos.getAsLong() - answer.answered > keptNanos;
  }
}
