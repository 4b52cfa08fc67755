package dev.slipway.platform.server;

import dev.slipway.base.Json;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.jspecify.annotations.Nullable;

/** How requests that are refused, or fail, are answered: always in the shape of OpenAI's errors. */
final class ErrorHandlers {
  private static final System.Logger LOG = System.getLogger(ErrorHandlers.class.getName());

  /** Bytes of a refused request's body that are read, so that its connection can be kept. */
  private static final int READ_ANYWAY = 1 << 16;

  private final ClientConnections clients;

  ErrorHandlers(ClientConnections clients) {
    this.clients = clients;
  }

  void register(HttpRouting.Builder routing) {
    routing
        .error(ApiProblem.class, this::send)
        .error(HttpException.class, (request, response, e) -> send(request, response, problem(e)))
        .error(Throwable.class, this::sendFailure);
  }

  /** Of what is no HTTP at all, and therefore never reaches a route. */
  static DirectHandlers ofNoHttp() {
    DirectHandler handler = new NoHttp();
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      handlers.addHandler(type, handler);
    }
    return handlers.build();
  }

  /** Says why where details are asked for; Helidon's sentences tell nothing of the service. */
  static ErrorHandling withReasons() {
    return ErrorHandling.builder().includeEntity(true).build();
  }

  /**
   * Ends the connection where its client or the answer says so: Helidon waits for the client to do
   * it. Not while an error is handled, where Helidon takes this for a failure of the handler.
   */
  void endIfSaid(ServerRequest request, ServerResponse response) {
    if (!request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)
        && !response.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
      return;
    }
    if (request.content().hasEntity() && !request.content().consumed()) {
      // Helidon would take the rest of the body for the next request.
      clients.drain(request.socketId());
    }
    throw new CloseConnectionException("as was said");
  }

  /** Answers a request that is not even let in. */
  void refuse(ServerRequest request, ServerResponse response, RuntimeException reason) {
    switch (reason) {
      case ApiProblem problem -> send(request, response, problem);
      case HttpException mistake -> send(request, response, problem(mistake));
      default -> sendFailure(request, response, reason);
    }
  }

  private void send(ServerRequest request, ServerResponse response, ApiProblem problem) {
    response.status(problem.status());
    if (problem.retryAfterSeconds() > 0) {
      response.headers().set(HeaderNames.RETRY_AFTER, String.valueOf(problem.retryAfterSeconds()));
    }
    long announced = request.headers().contentLength().orElse(0);
    boolean chunked = request.headers().contains(HeaderNames.TRANSFER_ENCODING);
    if ((chunked || announced > READ_ANYWAY) && !request.content().consumed()) {
      response.headers().set(HeaderNames.CONNECTION, "close"); // the rest is not read
    }
    ResponseBody.json(request, response, problem.body());
  }

  private void sendFailure(ServerRequest request, ServerResponse response, Throwable e) {
    LOG.log(System.Logger.Level.ERROR, "a request failed: " + request.path().path(), e);
    send(
        request,
        response,
        ApiProblem.failed("the service failed on this request; its log says more"));
  }

  private static ApiProblem problem(HttpException e) {
    int status = e.status().code();
    return status >= 500
        ? ApiProblem.failed(String.valueOf(e.getMessage()))
        : ApiProblem.refused(status, null, "invalid_request", String.valueOf(e.getMessage()));
  }

  private static final class NoHttp implements DirectHandler {
    @Override
    public TransportResponse handle(
        TransportRequest request,
        EventType type,
        Status status,
        ServerResponseHeaders headers,
        @Nullable String message) {
      ApiProblem problem = problem(request, status, message);
      SafeHeaders.set(headers, RequestIds.of(request.headers()));
      headers.set(HeaderNames.CONTENT_TYPE, "application/json");
      return TransportResponse.builder()
          .status(Status.create(problem.status()))
          .headers(headers)
          .keepAlive(false)
          .entity(Json.bytes(problem.body()))
          .build();
    }

    private static ApiProblem problem(
        TransportRequest request, Status status, @Nullable String message) {
      String encoding = request.headers().first(HeaderNames.CONTENT_ENCODING).orElse("");
      if (status.code() == 400 && !encoding.isEmpty()) {
        return ApiProblem.refused(
            415,
            null,
            "unsupported_media_type",
            "the Content-Encoding is "
                + RequestFields.shown(encoding)
                + ", expected a body as it is; send it uncompressed, without this header");
      }
      String why = message == null || message.isBlank() ? status.reasonPhrase() : message;
      return switch (status.code()) {
        case 500 -> ApiProblem.failed("the service failed on this request");
        case 505 ->
            ApiProblem.refused(
                505,
                null,
                "http_version_not_supported",
                "this service speaks HTTP/1.1; ask by it (nginx: proxy_http_version 1.1)");
        default ->
            ApiProblem.refused(
                status.code(), null, "invalid_request", "this is no HTTP/1.1 request: " + why);
      };
    }
  }
}
