package dev.slipway.platform.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * The key that a service without a file of keys makes for itself, for what is stored: whoever
 * reaches it may ask, and only who started it is told the key. It ends with the service.
 */
public final class SessionKey {
  private final String secret = KeyFile.secret();

  /** What its owner sends. */
  public String secret() {
    return secret;
  }

  /** {@link Caller#OWNER} with the key, else {@link Caller#LOCAL}. */
  public Caller caller(String given) {
    return MessageDigest.isEqual(
            secret.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8))
        ? Caller.OWNER
        : Caller.LOCAL;
  }
}
