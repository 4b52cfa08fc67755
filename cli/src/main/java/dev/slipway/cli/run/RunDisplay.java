package dev.slipway.cli.run;

import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Units;
import dev.slipway.recipe.run.Phase;
import dev.slipway.recipe.run.RunEvent;
import dev.slipway.recipe.run.RunListener;
import dev.slipway.train.TrainEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/** Shows a run as it is carried out: one line a phase, and the live line of training. */
final class RunDisplay implements RunListener {
  /** Steps over which the speed on the live line is averaged. */
  private static final int WINDOW = 50;

  private final Display display;
  private final double pricePerHour;
  private final double flopsPerToken;
  private final String unit;
  private final double matmulFlops;
  private final Deque<TrainEvent.StepDone> recent = new ArrayDeque<>();
  private final Deque<Double> losses = new ArrayDeque<>();
  private long steps;
  private double validation = Double.NaN;
  private double trainSeconds;

  /**
   * @param flopsPerToken of training
   * @param unit of what is learnt from, short
   * @param matmulFlops this machine's own speed in matrix products, FLOP/s; 0 when not measured
   */
  RunDisplay(
      Display display, double pricePerHour, double flopsPerToken, String unit, double matmulFlops) {
    this.display = display;
    this.pricePerHour = pricePerHour;
    this.flopsPerToken = flopsPerToken;
    this.unit = unit;
    this.matmulFlops = matmulFlops;
  }

  @Override
  public void on(RunEvent event) {
    switch (event) {
      case RunEvent.PhaseStarted(Phase phase) -> display.phase(phase.word());
      case RunEvent.PhaseProgress(Phase phase, double fraction, String text) ->
          display.progress((Double.isNaN(fraction) ? "" : Display.bar(fraction) + "  ") + text);
      case RunEvent.PhaseFinished(Phase phase, boolean reused, double seconds, String text) ->
          display.done(text + (reused ? " (was there)" : ""));
      case RunEvent.DataPrepared(var statistics) ->
          statistics
              .dropped()
              .forEach(
                  (reason, count) ->
                      display.detail(
                          String.format(
                              Locale.ROOT,
                              "%s dropped: %s (%s)",
                              Units.whole(count.records()),
                              reason.label(),
                              Units.bytes(count.bytes()))));
      case RunEvent.Training(TrainEvent training) -> on(training);
      case RunEvent.Note(String text) -> display.warn(text);
    }
  }

  private void on(TrainEvent event) {
    switch (event) {
      case TrainEvent.Started started -> steps = started.steps();
      case TrainEvent.FirstBatch first ->
          FirstBatchText.lines(first.rows()).forEach(display::detail);
      case TrainEvent.Resumed resumed -> {
        steps = resumed.steps();
        display.detail(
            "goes on from the checkpoint of step "
                + Units.whole(resumed.step())
                + (resumed.exact()
                    ? ""
                    : "; engine, processor or threads are others, so the end may differ in its last bits"));
      }
      case TrainEvent.CheckpointDamaged damaged ->
          display.warn(
              "checkpoint "
                  + damaged.step()
                  + " is damaged ("
                  + damaged.problem()
                  + "); the one before it is used");
      case TrainEvent.StepDone done -> step(done);
      case TrainEvent.Evaluated evaluated -> validation = evaluated.loss();
      case TrainEvent.EarlyStopped stopped ->
          display.detail("stopped early: the best was step " + Units.whole(stopped.bestStep()));
      case TrainEvent.BestRestored restored ->
          display.detail("put the best back: step " + Units.whole(restored.bestStep()));
      case TrainEvent.LayersWatched _,
          TrainEvent.Checkpointed _,
          TrainEvent.Interrupted _,
          TrainEvent.Finished _,
          TrainEvent.Failed _ -> {
        // The phase's last line, or the problem, says it.
      }
    }
  }

  private void step(TrainEvent.StepDone done) {
    recent.addLast(done);
    losses.addLast(done.loss());
    trainSeconds += done.seconds();
    if (recent.size() > WINDOW) {
      recent.removeFirst();
      losses.removeFirst();
    }
    double seconds = recent.stream().mapToDouble(TrainEvent.StepDone::seconds).sum();
    double tokensPerSecond =
        recent.stream().mapToLong(TrainEvent.StepDone::targets).sum() / seconds;
    double left = (steps - done.step()) * seconds / recent.size();
    StringBuilder line = new StringBuilder(Display.bar((double) done.step() / steps));
    line.append(
        String.format(Locale.ROOT, "  step %s/%s", Units.whole(done.step()), Units.whole(steps)));
    line.append(
        String.format(
            Locale.ROOT,
            "  loss %.3f",
            losses.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN)));
    if (!Double.isNaN(validation)) {
      line.append(String.format(Locale.ROOT, "  val %.3f", validation));
    }
    line.append(String.format(Locale.ROOT, "  %s %s/s", Units.count(tokensPerSecond), unit));
    if (matmulFlops > 0) {
      line.append(
          String.format(
              Locale.ROOT,
              "  %.0f %% of peak",
              100 * tokensPerSecond * flopsPerToken / matmulFlops));
    }
    line.append("  ").append(Units.seconds(left)).append(" left");
    if (pricePerHour > 0) {
      line.append(String.format(Locale.ROOT, "  %.4f spent", pricePerHour * trainSeconds / 3600));
    }
    display.progress(line.toString());
  }
}
