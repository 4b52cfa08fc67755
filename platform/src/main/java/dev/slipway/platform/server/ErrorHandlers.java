package dev.slipway.platform.server;

import dev.slipway.base.Json;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** How requests that are refused, or fail, are answered: always in the shape of OpenAI's errors. */
final class ErrorHandlers {
  private static final System.Logger LOG = System.getLogger(ErrorHandlers.class.getName());

  /** Bytes of a refused request's body that are read, so that its connection can be kept. */
  private static final int READ_ANYWAY = 1 << 16;

  private final ClientConnections clients;

  private ErrorHandlers(ClientConnections clients) {
    this.clients = clients;
  }

  static void register(HttpRouting.Builder routing, ClientConnections clients) {
    ErrorHandlers handlers = new ErrorHandlers(clients);
    routing
        .error(ApiProblem.class, handlers::send)
        .error(
            HttpException.class,
            (request, response, e) -> handlers.send(request, response, problem(e)))
        .error(Throwable.class, handlers::sendFailure);
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

  /** Helidon waits for a client that wants the connection closed to close it. */
  static void endIfAsked(ServerRequest request) {
    boolean read = !request.content().hasEntity() || request.content().consumed();
    if (read && request.headers().containsToken(HeaderValues.CONNECTION_CLOSE)) {
      throw new CloseConnectionException("as the client asked");
    }
  }

  private void send(ServerRequest request, ServerResponse response, ApiProblem problem) {
    response.status(problem.status());
    if (problem.retryAfterSeconds() > 0) {
      response.headers().set(HeaderNames.RETRY_AFTER, String.valueOf(problem.retryAfterSeconds()));
    }
    long announced = request.headers().contentLength().orElse(0);
    boolean chunked = request.headers().contains(HeaderNames.TRANSFER_ENCODING);
    boolean unread = (chunked || announced > READ_ANYWAY) && !request.content().consumed();
    if (unread) {
      response.headers().set(HeaderNames.CONNECTION, "close");
    }
    ResponseBody.json(request, response, problem.body());
    if (unread) {
      // Helidon would take the rest of the body for the next request.
      clients.drain(request.socketId());
      throw new CloseConnectionException("the rest of a refused body is not read");
    }
    endIfAsked(request);
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
        String message) {
      ApiProblem problem =
          status.code() >= 500
              ? ApiProblem.failed("the service failed on this request")
              : ApiProblem.refused(status.code(), null, "invalid_request", message);
      headers.set(HeaderNames.CONTENT_TYPE, "application/json");
      return TransportResponse.builder()
          .status(status)
          .headers(headers)
          .keepAlive(false)
          .entity(Json.bytes(problem.body()))
          .build();
    }
  }
}
