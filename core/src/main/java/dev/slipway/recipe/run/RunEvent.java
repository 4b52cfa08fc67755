package dev.slipway.recipe.run;

import dev.slipway.data.Statistics;
import dev.slipway.train.TrainEvent;

/** What a run tells while it is carried out. */
public sealed interface RunEvent {
  /** A stage begins. */
  record PhaseStarted(Phase phase) implements RunEvent {}

  /**
   * How far a stage is.
   *
   * @param fraction done, or NaN where it isn't known
   * @param text for people: what was done so far
   */
  record PhaseProgress(Phase phase, double fraction, String text) implements RunEvent {}

  /**
   * A stage has left its product.
   *
   * @param reused whether it was there already
   * @param text for people: what came of it
   */
  record PhaseFinished(Phase phase, boolean reused, double seconds, String text)
      implements RunEvent {}

  /** What became of the source. */
  record DataPrepared(Statistics statistics) implements RunEvent {}

  /** From the training loop. */
  record Training(TrainEvent event) implements RunEvent {}

  /** Something that a person should know and that ends nothing. */
  record Note(String text) implements RunEvent {}
}
