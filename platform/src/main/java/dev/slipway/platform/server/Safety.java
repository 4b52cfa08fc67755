package dev.slipway.platform.server;

import dev.slipway.platform.access.Limits;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What protects a service and those who use it.
 *
 * @param keys file of API keys; null lets everyone in who reaches the service, which then listens
 *     for its own machine alone
 * @param limits what a key may ask for whose own limits say nothing
 * @param plain whether it may listen to other machines without TLS
 */
public record Safety(@Nullable Path keys, Limits limits, boolean plain) {
  public static final Safety NONE = new Safety(null, Limits.NONE, false);

  public Safety withKeys(@Nullable Path newKeys) {
    return new Safety(newKeys, limits, plain);
  }

  public Safety withLimits(Limits newLimits) {
    return new Safety(keys, newLimits, plain);
  }

  public Safety withPlain(boolean newPlain) {
    return new Safety(keys, limits, newPlain);
  }
}
