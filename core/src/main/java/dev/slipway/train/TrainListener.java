package dev.slipway.train;

/** Hears what a run tells. */
@FunctionalInterface
public interface TrainListener {
  void on(TrainEvent event);
}
