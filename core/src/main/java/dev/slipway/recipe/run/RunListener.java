package dev.slipway.recipe.run;

/** Hears what a run tells; called on the thread that carries it out. */
@FunctionalInterface
public interface RunListener {
  void on(RunEvent event);
}
