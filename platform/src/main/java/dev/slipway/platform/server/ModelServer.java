package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.platform.access.SessionKey;
import dev.slipway.platform.access.TlsContext;
import dev.slipway.platform.engine.TextEngine;
import io.helidon.common.tls.Tls;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Language models and their adapters, an encoder, a reward model, or a task's model as an HTTP
 * service: {@code /v1/models}, {@code /v1/completions}, {@code /v1/embeddings}, {@code /v1/score}
 * or {@code /v1/predict}, {@code /health}, {@code /metrics}, and the pages that it is handed. It
 * listens at once and answers 503 until the model is loaded; told to stop, it finishes what it
 * accepted and answers 503 to the rest.
 */
public final class ModelServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ModelServer.class.getName());

  /** Held here, since the log manager forgets loggers that nobody holds. */
  private static final Logger HELIDON = Logger.getLogger("io.helidon");

  /** How long answers may take to be sent, once all have been computed. */
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(5);

  private static final Map<String, String> COMMON =
      Map.of(
          "/v1/models", "GET",
          "/admin/reload", "POST",
          "/health", "GET",
          "/ready", "GET",
          "/metrics", "GET");

  private final ServeOptions options;
  private final String model;
  private final ModelService service;
  private final Map<String, String> allowed;
  private final ServerMetrics metrics;
  private final Protection protection;
  private final AuditTrail trail;
  private final Tracing tracing;
  private final ClientConnections clients;
  private final ErrorHandlers errors;
  private final @Nullable SessionKey session;
  private final Gate gate;
  private final WebServer web;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile ServiceState state = ServiceState.LOADING;
  private int port;
  private boolean stopping;

  private ModelServer(
      ServeOptions options, Servable servable, List<? extends Pages> pages, Protection protection) {
    this.options = options;
    this.protection = protection;
    this.model = servable.byDefault();
    this.metrics = new ServerMetrics(model, options.traces() != null);
    this.service = ModelService.of(servable, options, metrics, () -> state);
    this.allowed = new TreeMap<>(COMMON);
    allowed.putAll(service.paths());
    Set<String> open =
        pages.stream().flatMap(page -> page.paths().stream()).collect(Collectors.toSet());
    this.session =
        protection.keys() == null && options.feedback() != null ? new SessionKey() : null;
    this.gate = new Gate(protection.keys(), session, open, options.host());
    this.trail =
        new AuditTrail(protection.audit(), options.safety().auditContent(), metrics::auditFailed);
    protection.watch(metrics);
    this.tracing = Tracing.to(options.traces());
    this.clients = new ClientConnections(options.safety().bounds());
    this.errors = new ErrorHandlers(clients);
    metrics.watchConnections(clients::count);
    WebServerConfig.Builder builder = WebServer.builder();
    if (protection.tls() != null) {
      builder.tls(
          Tls.builder()
              .sslContext(protection.tls().context())
              .sslParameters(TlsContext.parameters())
              .build());
    }
    service.start(); // beside the rest of the service
    this.web =
        builder
            .host(options.host())
            .port(options.port())
            // Nagle's algorithm would hold a stream's first event until the headers are
            // acknowledged, 40 ms later.
            .connectionOptions(socket -> socket.tcpNoDelay(true))
            .shutdownHook(false) // ours drains first
            .shutdownGracePeriod(Duration.ofSeconds(1)) // to write the last answers
            .addConnectionSelector(clients)
            .featuresDiscoverServices(false)
            .protocolsDiscoverServices(false) // ours alone, from the first byte on
            .directHandlers(ErrorHandlers.ofNoHttp())
            .errorHandling(ErrorHandlers.withReasons())
            .routing(routing(pages))
            .build();
  }

  /** As below, of one language model. */
  public static ModelServer start(
      ServeOptions options,
      String model,
      Callable<? extends TextEngine> opening,
      List<? extends Pages> pages) {
    return start(options, TextModels.one(model, opening), pages);
  }

  /**
   * Listens, and begins to load what it serves.
   *
   * @param pages further paths, such as the console's
   * @throws dev.slipway.base.SlipwayException {@code serve.port-in-use} and other reasons why
   *     nothing can be served
   */
  public static ModelServer start(
      ServeOptions options, Servable servable, List<? extends Pages> pages) {
    HELIDON.setLevel(Level.WARNING); // it would tell of itself on the terminal
    ListenAddress.requireFree(options);
    ListenAddress.requireSafe(options);
    Protection protection = Protection.open(options.safety());
    ModelServer server = new ModelServer(options, servable, pages, protection);
    server.trail.service("start", server.model);
    try {
      server.listen();
    } catch (RuntimeException e) {
      server.service.stop(Duration.ZERO);
      throw e;
    }
    server.service.opened().whenComplete((engine, failure) -> server.loaded(failure == null));
    return server;
  }

  private void listen() {
    web.start();
    port = web.port();
    if (!web.isRunning()) {
      ListenAddress.requireFree(options);
      throw new IllegalStateException("the web server did not start; its log says why");
    }
  }

  /** The port that it listens on. */
  public int port() {
    return port;
  }

  /** Where a person or a client on this machine finds it. */
  public URI address() {
    String host = options.host();
    if (host.equals("0.0.0.0") || host.equals("::")) {
      host = "localhost";
    }
    return URI.create(
        (protection.tls() == null ? "http://" : "https://")
            + (host.contains(":") ? "[" + host + "]" : host)
            + ":"
            + port());
  }

  /** The key for what is stored where there is no file of keys; null where none is needed. */
  public @Nullable String sessionKey() {
    return session == null ? null : session.secret();
  }

  /** Waits until the model is loaded; when it can't be, stops the service and throws the reason. */
  public void awaitReady() throws InterruptedException {
    try {
      service.opened().get();
    } catch (ExecutionException e) {
      stop();
      if (e.getCause() instanceof RuntimeException reason) {
        throw reason;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("the model could not be loaded", e.getCause());
    }
  }

  /** Waits until the service has stopped. */
  public void awaitStop() throws InterruptedException {
    stopped.await();
  }

  /**
   * Refuses new requests, finishes the accepted ones within {@link ServeOptions#drain}, closes the
   * model and stops listening. A second call waits for the first.
   */
  public void stop() {
    synchronized (this) {
      if (!stopping) {
        stopping = true;
        synchronized (stopped) { // a model that is loaded just now makes nothing ready any more
          state = ServiceState.DRAINING;
        }
        try {
          service.stop(options.drain());
          clients.awaitQuiet(LAST_ANSWERS); // what was computed is sent, who came too late is told
          web.stop();
          clients.close();
          trail.service("stop", model);
          trail.close();
          tracing.close();
          protection.close();
        } finally {
          stopped.countDown();
        }
      }
    }
  }

  /** As {@link #stop}. */
  @Override
  public void close() {
    stop();
  }

  private void loaded(boolean well) {
    synchronized (stopped) {
      if (state == ServiceState.LOADING) {
        state = well ? ServiceState.READY : ServiceState.FAILED;
      }
    }
  }

  private HttpRouting.Builder routing(List<? extends Pages> pages) {
    HttpRouting.Builder routing =
        HttpRouting.builder().addFilter(this::filter).post("/admin/reload", this::reload);
    errors.register(routing);
    ResponseBody.read(routing, "/v1/models", this::models);
    ResponseBody.read(routing, "/v1/models/{model}", this::oneModel);
    ResponseBody.read(routing, "/health", this::health);
    ResponseBody.read(routing, "/ready", this::health);
    ResponseBody.read(routing, "/metrics", this::scrape);
    service.route(routing, clients);
    pages.forEach(routing::register);
    return routing.any(this::nowhere);
  }

  private void scrape(ServerRequest request, ServerResponse response) {
    String type = ServerMetrics.type(request.headers().first(HeaderNames.ACCEPT).orElse(""));
    response.headers().set(HeaderNames.CONTENT_TYPE, type);
    ResponseBody.send(request, response, metrics.scrape(type).getBytes(StandardCharsets.UTF_8));
  }

  private void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    String path = request.path().path();
    String known = allowed.containsKey(path) ? path : "other";
    String id = RequestIds.of(request.headers());
    Exchange exchange = new Exchange(id, tracing.begin(request, known, id), trail.content());
    request.context().register(exchange);
    SafeHeaders.set(response.headers(), exchange.requestId());
    response.whenSent(() -> sent(known, exchange, response.status().code()));
    clients.began(request.socketId());
    try {
      if (admitted(exchange, request, response)) {
        chain.proceed();
      }
    } catch (CloseConnectionException e) {
      exchange.gone();
      sent(known, exchange, AuditTrail.GONE);
      throw e;
    } finally {
      clients.ended(request.socketId());
    }
    errors.endIfSaid(request, response);
  }

  /** Whether it is let in; else it is answered. */
  private boolean admitted(Exchange exchange, RoutingRequest request, RoutingResponse response) {
    try {
      admit(exchange, request, response);
      return true;
    } catch (CloseConnectionException e) {
      throw e;
    } catch (RuntimeException e) { // as an error handler does, which may not end the connection
      errors.refuse(request, response, e);
      return false;
    }
  }

  private void admit(Exchange exchange, RoutingRequest request, RoutingResponse response) {
    try {
      exchange.admitted(gate.admit(request, response));
    } catch (ApiProblem problem) {
      trail.refused(exchange, request, problem);
      throw problem;
    }
    if (gate.isTold(request)) {
      trail.request(exchange, request);
      exchange.told();
    }
  }

  private void sent(String path, Exchange exchange, int status) {
    if (exchange.end()) {
      int told = exchange.isGone() ? AuditTrail.GONE : status;
      String name = exchange.model();
      (name == null ? metrics : metrics.of(name)).answered(path, told);
      exchange.trace().end(exchange, told);
      if (exchange.isTold()) {
        trail.answer(exchange, told);
      }
    }
  }

  private void models(ServerRequest request, ServerResponse response) {
    state.requireReady();
    ObjectNode list = Json.object().put("object", "list");
    ArrayNode data = list.putArray("data");
    service.cards().forEach((name, card) -> data.add(card(name, card)));
    ResponseBody.json(request, response, list);
  }

  private void oneModel(ServerRequest request, ServerResponse response) {
    state.requireReady();
    String asked = request.path().pathParameters().get("model");
    SequencedMap<String, ObjectNode> cards = service.cards();
    ObjectNode card = cards.get(asked);
    if (card == null) {
      throw ApiProblem.unknownModel(asked, List.copyOf(cards.keySet()));
    }
    ResponseBody.json(request, response, card(asked, card));
  }

  private static ObjectNode card(String name, ObjectNode card) {
    return Json.object().put("id", name).put("object", "model").setAll(card);
  }

  private void reload(ServerRequest request, ServerResponse response) {
    state.requireReady();
    RequestFields fields = RequestFields.of(RequestBody.json(request, options.maxBodyBytes()));
    fields.require(Set.of("model"), List.of());
    ObjectNode list = Json.object().put("object", "list");
    ArrayNode data = list.putArray("data");
    reload(fields.model()).forEach((name, card) -> data.add(card(name, card)));
    ResponseBody.json(request, response, list);
  }

  private SequencedMap<String, ObjectNode> reload(@Nullable String asked) {
    SequencedMap<String, ObjectNode> reloaded = service.reload(asked);
    reloaded.keySet().forEach(name -> trail.service("reload", name));
    return reloaded;
  }

  /**
   * Opens all models anew while they answer: requests that come once a new one is there get it,
   * those before keep the old one. What can't be opened goes on as it was, and the log says why.
   */
  public void reload() {
    try {
      state.requireReady();
      reload(null)
          .forEach(
              (name, card) ->
                  LOG.log(
                      System.Logger.Level.INFO,
                      "reloaded " + name + ", version " + card.path("version").asString()));
    } catch (ApiProblem e) {
      LOG.log(System.Logger.Level.ERROR, "not reloaded: " + e.getMessage());
    }
  }

  private void health(ServerRequest request, ServerResponse response) {
    ServiceState now = state;
    response.status(now == ServiceState.READY ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503);
    ResponseBody.json(
        request, response, Json.object().put("status", now.word()).put("model", model));
  }

  private void nowhere(ServerRequest request, ServerResponse response) {
    String path = request.path().path();
    String method = request.prologue().method().text();
    String expected = allowed.get(path);
    if (expected != null) {
      response.headers().set(HeaderNames.ALLOW, expected);
      throw ApiProblem.refused(
          405,
          null,
          "method_not_allowed",
          method + " is not for " + path + ", expected " + expected);
    }
    throw ApiProblem.refused(
        404,
        null,
        "unknown_url",
        "there is no "
            + method
            + " "
            + path
            + "; there are "
            + String.join(", ", allowed.keySet()));
  }
}
