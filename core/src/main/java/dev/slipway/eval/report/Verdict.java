package dev.slipway.eval.report;

import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.report.ReportData.Evaluation;
import dev.slipway.eval.yardstick.Yardstick;
import java.util.Comparator;
import java.util.Optional;

/** Says in a sentence how good a model is beside its yardsticks, whichever way that came out. */
public final class Verdict {
  private Verdict() {}

  public static String of(Evaluation evaluation) {
    Interval model = evaluation.metrics().bitsPerByte();
    String figure =
        "The model needs "
            + Figures.decimals(model.estimate(), 3)
            + " bits for each byte of text that it never saw";
    Optional<Yardstick> best =
        evaluation.yardsticks().stream().min(Comparator.comparingDouble(Yardstick::bitsPerByte));
    if (best.isEmpty()) {
      return figure + ".";
    }
    double yardstick = best.get().bitsPerByte();
    String beside =
        " the best yardstick (" + best.get().name() + ", " + Figures.decimals(yardstick, 3) + ")";
    String share = Figures.percent(Math.abs(model.estimate() / yardstick - 1));
    if (overlap(model, best.get())) {
      return figure + ", about as many as" + beside + ".";
    }
    return model.estimate() < yardstick
        ? figure + ": " + share + " fewer than" + beside + "."
        : figure + ": " + share + " more than" + beside + ", which it does not beat.";
  }

  /** Whether the yardstick's figure lies within the model's interval or the other way round. */
  private static boolean overlap(Interval model, Yardstick yardstick) {
    Interval other = yardstick.interval();
    return model.contains(yardstick.bitsPerByte())
        || other != null && other.contains(model.estimate());
  }
}
