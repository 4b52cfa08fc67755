package dev.slipway.platform.access;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The keys that open the service now. Their file is looked at each second: what was made or revoked
 * counts without a restart. A file that can't be read, or is wrong, leaves the keys that were.
 */
public final class Keyring implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Keyring.class.getName());

  private final KeyFile file;
  private final Path path;
  private final Limits usual;
  private final Clock clock;
  private final LongSupplier nanos;
  private final Map<String, Allowance> allowances = new ConcurrentHashMap<>();
  private final FileWatch watch;
  private volatile List<ApiKey> keys;
  private volatile Instant latest = Instant.MIN;

  private Keyring(Path path, Limits usual, Clock clock, LongSupplier nanos, Duration period) {
    this.path = path;
    this.file = new KeyFile(path);
    this.usual = usual;
    this.clock = clock;
    this.nanos = nanos;
    this.watch = new FileWatch(List.of(path), period, this::reload);
    this.keys = file.read();
  }

  /**
   * Reads the keys and begins to watch their file.
   *
   * @param usual what a key may ask for whose own limits say nothing
   * @throws SlipwayException {@code keys.none} where no key opens anything, and as {@link
   *     KeyFile#read}
   */
  public static Keyring open(Path path, Limits usual) {
    return open(path, usual, Clock.systemUTC(), System::nanoTime, Duration.ofSeconds(1));
  }

  static Keyring open(Path path, Limits usual, Clock clock, LongSupplier nanos, Duration period) {
    Keyring ring = new Keyring(path, usual, clock, nanos, period);
    Instant now = clock.instant();
    if (ring.keys.stream().noneMatch(key -> key.isValid(now))) {
      throw new SlipwayException(
          Exit.INPUT,
          "keys.none",
          path + " has no key that is valid",
          "make one with `slipway keys create NAME --keys " + path + "`");
    }
    ring.watch.start();
    return ring;
  }

  /** Who a key belongs to; nobody where it is unknown, expired or revoked. */
  public Optional<Caller> caller(String secret) {
    byte[] hash = ApiKey.hash(secret).getBytes(StandardCharsets.US_ASCII);
    ApiKey found = null;
    // All are compared, each in the same time, so that the time tells nothing.
    for (ApiKey key : keys) {
      if (MessageDigest.isEqual(hash, key.hash().getBytes(StandardCharsets.US_ASCII))) {
        found = key;
      }
    }
    if (found == null || !found.isValid(now())) {
      return Optional.empty();
    }
    Limits limits = found.limits().or(usual);
    Allowance allowance =
        allowances.compute(
            found.name(),
            (_, old) ->
                old != null && old.limits().equals(limits) ? old : new Allowance(limits, nanos));
    return Optional.of(
        new Caller(
            found.name(),
            found.scopes().stream().map(Scope::of).collect(Collectors.toUnmodifiableSet()),
            allowance));
  }

  /** Never goes back: a key that has expired stays so when the machine's clock is set back. */
  private synchronized Instant now() {
    Instant now = clock.instant();
    if (now.isAfter(latest)) {
      latest = now;
    }
    return latest;
  }

  private synchronized void reload() {
    try {
      keys = file.read();
      allowances.keySet().retainAll(keys.stream().map(ApiKey::name).toList());
      LOG.log(System.Logger.Level.INFO, "the keys in {0} are read again", path);
    } catch (SlipwayException e) {
      LOG.log(System.Logger.Level.ERROR, "the keys stay as they were: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    watch.close();
  }
}
