package dev.slipway.platform.access;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;

/**
 * How much a key may ask for; 0 for as much as it likes.
 *
 * @param requests a minute
 * @param tokens a minute, of prompts and answers together
 */
public record Limits(long requests, long tokens) {
  public static final Limits NONE = new Limits(0, 0);

  /**
   * @throws SlipwayException {@code keys.limit} below 0
   */
  public Limits {
    if (requests < 0 || tokens < 0) {
      throw new SlipwayException(
          Exit.USAGE,
          "keys.limit",
          "a limit is " + Math.min(requests, tokens) + " a minute, expected 0 for none, or more",
          "give another number");
    }
  }

  /** These, with those of another in the place of what is not limited here. */
  Limits or(Limits others) {
    return new Limits(
        requests > 0 ? requests : others.requests, tokens > 0 ? tokens : others.tokens);
  }
}
