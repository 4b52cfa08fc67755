package dev.slipway.platform.engine;

import tools.jackson.databind.node.ObjectNode;

/** An opened model that answers one request after the other, on the thread that opened it. */
public interface QueuedEngine extends AutoCloseable {
  /** What {@code /v1/models} tells of it beside its name; from any thread. */
  ObjectNode card();

  @Override
  void close();
}
