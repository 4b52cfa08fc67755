package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request that is refused or has failed, in OpenAI's shape: {@code {"error": {"message", "type",
 * "param", "code"}}}.
 */
final class ApiProblem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;
  private final @Nullable String param;
  private final @Nullable String code;
  private final int retryAfterSeconds;

  private ApiProblem(
      int status,
      String type,
      @Nullable String param,
      @Nullable String code,
      String message,
      int retryAfterSeconds) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
    this.param = param;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** 400 for a field of the request. */
  static ApiProblem invalid(String param, String code, String message) {
    return new ApiProblem(400, "invalid_request_error", param, code, message, 0);
  }

  /** 400 for a conversation that the model's template does not take, or that has none. */
  static ApiProblem conversation(SlipwayException e) {
    // The command line's sentence names a folder and options, which are nobody's matter here.
    String why =
        e.code().equals("chat.no-template")
            ? "this model has no chat template and can't hold a conversation; ask one that was tuned"
                + " for conversations, or continue a text by /v1/completions"
            : String.valueOf(e.getMessage());
    return invalid("messages", e.code(), why);
  }

  /** Any other refusal of a request that its sender can mend. */
  static ApiProblem refused(int status, @Nullable String param, String code, String message) {
    return new ApiProblem(status, "invalid_request_error", param, code, message, 0);
  }

  /** 404 for a model that is not served. */
  static ApiProblem unknownModel(String asked, List<String> served) {
    return refused(
        404,
        "model",
        "model_not_found",
        "the model '"
            + RequestFields.shown(asked)
            + "' does not exist; this service has '"
            + String.join("', '", served)
            + "'");
  }

  /** 429: ask again later. */
  static ApiProblem busy(String message, int retryAfterSeconds) {
    return new ApiProblem(429, "requests", null, "rate_limit_exceeded", message, retryAfterSeconds);
  }

  /**
   * 429: a key is over its limits.
   *
   * @param what {@code requests} or {@code tokens}
   */
  static ApiProblem limited(String what, String message, int retryAfterSeconds) {
    return new ApiProblem(429, what, null, "rate_limit_exceeded", message, retryAfterSeconds);
  }

  /** 503: not now. */
  static ApiProblem unavailable(String code, String message) {
    return new ApiProblem(503, "server_error", null, code, message, 2);
  }

  /** 507: there is no room for what is to be kept. */
  static ApiProblem notStored(String code, String message) {
    return new ApiProblem(507, "server_error", null, code, message, 0);
  }

  /** 504: the time that the request gave is over. */
  static ApiProblem late(Duration timeout) {
    return new ApiProblem(
        504,
        "server_error",
        null,
        "deadline_exceeded",
        "the answer was not there within "
            + timeout.toMillis()
            + " ms; ask for fewer tokens, or give it more time",
        0);
  }

  /** 500: a fault of the service. */
  static ApiProblem failed(String message) {
    return new ApiProblem(500, "server_error", null, "internal_error", message, 0);
  }

  int status() {
    return status;
  }

  /** What the {@code Retry-After} header says; 0 for none. */
  int retryAfterSeconds() {
    return retryAfterSeconds;
  }

  ObjectNode body() {
    ObjectNode body = Json.object();
    body.putObject("error")
        .put("message", getMessage())
        .put("type", type)
        .put("param", param)
        .put("code", code);
    return body;
  }
}
