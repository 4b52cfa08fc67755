package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.platform.audit.AuditLog;
import dev.slipway.platform.audit.PersonalData;
import io.helidon.webserver.http.RoutingRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells the audit log of each request before anything is done for it, and of each answer. A service
 * whose log can't be written answers 503: nothing happens that is not told.
 */
final class AuditTrail implements AutoCloseable {
  /** Nobody waited for the answer any more. The number is nginx', and no client ever gets it. */
  static final int GONE = 499;

  /** Requests that nobody lets in could fill the disk: so many a minute are told one by one. */
  private static final int MOST_REFUSED = 600;

  private final @Nullable AuditLog log;
  private final boolean content;
  private final LongConsumer failures;
  private long minute = System.nanoTime();
  private long refused;

  /**
   * @param log null where none is kept
   * @param content whether prompts and answers are told, personal data masked
   * @param failures hears how many lines could not be written
   */
  AuditTrail(@Nullable AuditLog log, boolean content, LongConsumer failures) {
    this.log = log;
    this.content = content && log != null;
    this.failures = failures;
  }

  boolean content() {
    return content;
  }

  /** What the service itself does: {@code start}, {@code ready}, {@code stop}. */
  void service(String event, String model) {
    if (log != null) {
      log.tell(Json.object().put("event", event).put("model", model));
    }
  }

  /**
   * A request that was let in.
   *
   * @throws ApiProblem 503 when it can't be told
   */
  void request(Exchange exchange, RoutingRequest http) {
    if (log == null) {
      return;
    }
    try {
      log.append(request("request", exchange, http));
    } catch (IOException e) {
      failures.accept(1);
      throw ApiProblem.unavailable(
          "audit_unavailable",
          "the service can't write its audit log and therefore answers nothing");
    }
  }

  /** A request that was not let in. */
  void refused(Exchange exchange, RoutingRequest http, ApiProblem problem) {
    if (log != null && isTold()) {
      log.tell(request("refused", exchange, http).put("status", problem.status()));
    }
  }

  /** How a request that was let in ended. */
  void answer(Exchange exchange, int status) {
    if (log == null) {
      return;
    }
    ObjectNode line =
        Json.object()
            .put("event", "answer")
            .put("request_id", exchange.requestId())
            .put("key", exchange.key())
            .put("status", status)
            .put("milliseconds", exchange.millis())
            .put("prompt_tokens", exchange.promptTokens())
            .put("completion_tokens", exchange.completionTokens());
    if (exchange.model() != null) {
      line.put("model", exchange.model());
    }
    if (content) {
      masked(line.putArray("prompts"), exchange.prompts());
      masked(line.putArray("answers"), exchange.answers());
    }
    log.tell(line);
  }

  private static void masked(ArrayNode into, List<String> texts) {
    texts.forEach(text -> into.add(PersonalData.mask(text)));
  }

  private static ObjectNode request(String event, Exchange exchange, RoutingRequest http) {
    return Json.object()
        .put("event", event)
        .put("request_id", exchange.requestId())
        .put("key", exchange.key())
        .put("remote", remote(http))
        .put("method", http.prologue().method().text())
        .put("path", http.path().path());
  }

  /** The address, not a name that somebody else's server would have to be asked for. */
  private static String remote(RoutingRequest http) {
    return http.remotePeer().address() instanceof InetSocketAddress address
        ? address.getAddress().getHostAddress()
        : "local";
  }

  /** How many were not told is told with the first of the next minute. */
  private synchronized boolean isTold() {
    long now = System.nanoTime();
    if (now - minute > 60_000_000_000L) {
      minute = now;
      if (refused > MOST_REFUSED && log != null) {
        log.tell(
            Json.object().put("event", "refused_more").put("requests", refused - MOST_REFUSED));
      }
      refused = 0;
    }
    return ++refused <= MOST_REFUSED;
  }

  @Override
  public void close() {
    if (log != null) {
      log.close();
    }
  }
}
