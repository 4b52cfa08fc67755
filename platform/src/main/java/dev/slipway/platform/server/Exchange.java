package dev.slipway.platform.server;

import dev.slipway.platform.access.Caller;
import io.helidon.webserver.http.ServerRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request and its answer, as they are told to the audit log. What carries a request out adds what
 * it knows; written by the request's own thread alone.
 */
final class Exchange {
  private final String requestId;
  private final long began = System.nanoTime();
  private final boolean keepsContent;
  private final Tracing.Request trace;
  private @Nullable Caller caller;
  private @Nullable String model;
  private long promptTokens;
  private long completionTokens;
  private boolean told;
  private boolean gone;
  private boolean ended;
  private final List<String> prompts = new ArrayList<>();
  private final List<StringBuilder> answers = new ArrayList<>();

  /**
   * @param trace hears where its time went
   * @param keepsContent whether prompts and answers are to be kept, for the log
   */
  Exchange(String requestId, Tracing.Request trace, boolean keepsContent) {
    this.requestId = requestId;
    this.trace = trace;
    this.keepsContent = keepsContent;
  }

  static Exchange of(ServerRequest http) {
    return http.context()
        .get(Exchange.class)
        .orElseThrow(() -> new IllegalStateException("a request that nobody let in"));
  }

  String requestId() {
    return requestId;
  }

  Tracing.Request trace() {
    return trace;
  }

  long millis() {
    return (System.nanoTime() - began) / 1_000_000;
  }

  boolean keepsContent() {
    return keepsContent;
  }

  void admitted(Caller by) {
    caller = by;
  }

  /** The name of the caller's key; "" without one, or when nobody was let in. */
  String key() {
    return caller == null ? "" : caller.name();
  }

  /** The audit log has its beginning. */
  void told() {
    told = true;
  }

  boolean isTold() {
    return told;
  }

  /** Its client has gone. */
  void gone() {
    gone = true;
  }

  boolean isGone() {
    return gone;
  }

  /** Whether this is the first time that it is said to have ended. */
  boolean end() {
    boolean first = !ended;
    ended = true;
    return first;
  }

  void model(String name) {
    model = name;
  }

  @Nullable String model() {
    return model;
  }

  void prompt(long tokens) {
    promptTokens += tokens;
  }

  void completion(long tokens) {
    completionTokens += tokens;
  }

  long promptTokens() {
    return promptTokens;
  }

  long completionTokens() {
    return completionTokens;
  }

  /** A text that was asked about; kept only where content is. */
  void asked(String text) {
    if (keepsContent) {
      prompts.add(text);
    }
  }

  /** More of an answer; kept only where content is. */
  void answered(int choice, String text) {
    if (keepsContent) {
      while (answers.size() <= choice) {
        answers.add(new StringBuilder());
      }
      answers.get(choice).append(text);
    }
  }

  List<String> prompts() {
    return prompts;
  }

  List<String> answers() {
    return answers.stream().map(StringBuilder::toString).toList();
  }
}
