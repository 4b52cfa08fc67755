package dev.slipway.platform.server;

import dev.slipway.base.Json;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import tools.jackson.databind.node.ObjectNode;

/** What an answer carries; to HEAD only what it would carry. */
public final class ResponseBody {
  private ResponseBody() {}

  /** Answers GET, and HEAD by the same headers. */
  public static void read(HttpRules rules, String path, Handler handler) {
    rules.get(path, handler).route(Method.HEAD, path, handler);
  }

  /**
   * Sends these bytes, or their number alone where HEAD asked: bytes behind the headers would be
   * taken for the next answer on the connection (RFC 9110 §9.3.2).
   */
  public static void send(ServerRequest request, ServerResponse response, byte[] bytes) {
    if (request.prologue().method().equals(Method.HEAD)) {
      response.headers().contentLength(bytes.length);
      response.send(bytes, 0, 0);
    } else {
      response.send(bytes);
    }
  }

  /** {@link #send} of JSON. */
  static void json(ServerRequest request, ServerResponse response, ObjectNode body) {
    response.headers().set(HeaderNames.CONTENT_TYPE, "application/json");
    send(request, response, Json.bytes(body));
  }
}
