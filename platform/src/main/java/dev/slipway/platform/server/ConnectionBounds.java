package dev.slipway.platform.server;

import java.time.Duration;

/**
 * How long a connection may keep the service waiting, and how many there may be.
 *
 * @param headers from a request's first byte, or the connection's beginning, to its headers' end
 * @param idle between two requests
 * @param stall without a byte of a body that is awaited, or without the client taking a byte of its
 *     answer
 * @param bodyRate bytes a second that a body has to come with, after the first {@code stall}
 * @param most connections at once; a further one ends the one that has been without a request for
 *     longest
 * @param behind pieces of a stream that may wait for its client; then its generation is ended
 */
public record ConnectionBounds(
    Duration headers, Duration idle, Duration stall, int bodyRate, int most, int behind) {
  public static final ConnectionBounds DEFAULT =
      new ConnectionBounds(
          Duration.ofSeconds(10),
          Duration.ofSeconds(75),
          Duration.ofSeconds(30),
          16 << 10,
          2048,
          1024);
}
