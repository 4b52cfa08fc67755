package dev.slipway.platform.server;

import io.helidon.webserver.http.HttpRouting;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.node.ObjectNode;

/**
 * A kind of model behind the service: the paths that it adds, and the thread on which it computes.
 */
interface Served {
  /** Its paths, and the method of each. */
  Map<String, String> paths();

  void route(HttpRouting.Builder routing, ClientConnections clients);

  /** Begins to open the model. */
  void start();

  /** Done when the model is open, or has failed to open and why. */
  CompletableFuture<?> opened();

  /** What {@code /v1/models} tells of the open model beside its name. */
  ObjectNode card();

  /** Takes nothing more, finishes what was accepted within a time, and closes the model. */
  void stop(Duration patience);
}
