package dev.slipway.platform.access;

import dev.slipway.base.Exit;
import dev.slipway.base.Hashing;
import dev.slipway.base.SlipwayException;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A key as its file holds it: everything but the key itself.
 *
 * @param name who it is for; what the audit log, the fair queue and the limits know it by
 * @param hash SHA-256 of the key. A key is 256 random bits, so that there is nothing to guess that
 *     a slow hash would protect
 * @param hint the key's beginning, by which people tell keys apart
 * @param scopes words of {@link Scope}
 * @param expires from when on it opens nothing; null for never
 * @param revoked since when it opens nothing; null while it does
 * @param requestsPerMinute 0 for what the service allows every key
 * @param tokensPerMinute likewise
 */
public record ApiKey(
    String name,
    String hash,
    String hint,
    List<String> scopes,
    Instant created,
    @Nullable Instant expires,
    @Nullable Instant revoked,
    long requestsPerMinute,
    long tokensPerMinute) {
  /** What every key begins with, so that tools that look for leaked secrets can know it. */
  public static final String PREFIX = "sk-slipway-";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  /**
   * @throws SlipwayException {@code keys.name}, {@code keys.file}, {@code keys.scope}, {@code
   *     keys.limit}
   */
  public ApiKey {
    if (!NAME.matcher(name).matches()) {
      throw new SlipwayException(
          Exit.USAGE,
          "keys.name",
          "'" + name + "' can't be the name of a key",
          "take 1 to 64 letters, digits, and any of . _ @ - within");
    }
    if (!HASH.matcher(hash).matches()) {
      throw new SlipwayException(
          Exit.INPUT,
          "keys.file",
          "the hash of the key '" + name + "' is no SHA-256 in hexadecimal",
          "put back what `slipway keys create` wrote, or make the key anew");
    }
    scopes = List.copyOf(scopes);
    scopes.forEach(Scope::of);
    new Limits(requestsPerMinute, tokensPerMinute);
  }

  /** Whether it opens anything at a time. */
  public boolean isValid(Instant now) {
    return revoked == null && (expires == null || now.isBefore(expires));
  }

  /** {@code valid}, {@code expired} or {@code revoked}. */
  public String status(Instant now) {
    return revoked != null ? "revoked" : isValid(now) ? "valid" : "expired";
  }

  Limits limits() {
    return new Limits(requestsPerMinute, tokensPerMinute);
  }

  ApiKey revokedAt(Instant time) {
    return new ApiKey(
        name, hash, hint, scopes, created, expires, time, requestsPerMinute, tokensPerMinute);
  }

  static String hash(String secret) {
    return Hashing.sha256(secret);
  }
}
