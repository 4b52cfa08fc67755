package dev.slipway.platform.access;

import java.util.EnumSet;
import java.util.Set;

/**
 * Who asks. A request has one from the moment that it is let in; handlers find it by {@code
 * Callers.of(request)}.
 *
 * @param name of its key; "" for who needs none
 * @param scopes what it may do
 * @param allowance what it has left
 */
public record Caller(String name, Set<Scope> scopes, Allowance allowance) {
  /**
   * Whoever reaches a service without keys, which listens for its own machine alone: may ask and
   * look, but changes nothing of the service.
   */
  public static final Caller LOCAL =
      new Caller(
          "", EnumSet.of(Scope.INFER, Scope.METRICS), new Allowance(Limits.NONE, System::nanoTime));

  /** Who started a service without keys, and was told its {@link SessionKey}. */
  public static final Caller OWNER =
      new Caller("", EnumSet.allOf(Scope.class), new Allowance(Limits.NONE, System::nanoTime));

  public Caller {
    scopes = Set.copyOf(scopes);
  }

  public boolean may(Scope scope) {
    return scopes.contains(scope);
  }
}
