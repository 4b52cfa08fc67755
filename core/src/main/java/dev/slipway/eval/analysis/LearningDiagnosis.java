package dev.slipway.eval.analysis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What learning curves say, and what to try next. The rules are those that practitioners read
 * curves by (Goodfellow, Bengio and Courville 2016, §5.2 and §11.3; Karpathy 2019, "A Recipe for
 * Training Neural Networks"); each threshold is a constant here, and each sentence tells the
 * numbers it rests on, so that a reader can disagree.
 */
public final class LearningDiagnosis {
  /** A rise of the training loss over its least value so far by this share is a jump. */
  static final double JUMP = 0.25;

  /** Validation loss this much over its least one, at the end, is overfitting. */
  static final double OVERFIT = 0.05;

  /** Validation loss at its best over training loss there by this share of chance is a gap. */
  static final double GAP = 0.2;

  /** A best training loss over this share of chance has learnt next to nothing. */
  static final double UNLEARNT = 0.9;

  /** A loss over half of chance with next to no gap: the model could take in more. */
  static final double UNDERFIT = 0.5;

  /** Gain over the last quarter of epochs that calls for more of them. */
  static final double STILL_FALLING = 0.02;

  /** Fewer training examples a class than this are few. */
  static final int FEW_EXAMPLES = 200;

  /** Largest class over smallest. */
  static final double IMBALANCE = 5;

  private LearningDiagnosis() {}

  /** What was found. */
  public enum Kind {
    UNSTABLE,
    NOT_LEARNING,
    UNDERFITTING,
    OVERFITTING,
    TOO_LITTLE_DATA,
    IMBALANCE,
    NOT_CONVERGED,
    HEALTHY,
    UNKNOWN
  }

  /**
   * @param kind of it
   * @param finding a sentence with its numbers
   * @param tryNext a sentence: what to change, in the recipe's words
   */
  public record Finding(Kind kind, String finding, String tryNext) {}

  /** One or more, the most urgent first. */
  public static List<Finding> of(LearningCurves curves) {
    List<Finding> found = new ArrayList<>();
    if (curves.trainingLoss().length == 0) {
      return List.of(
          new Finding(
              Kind.UNKNOWN,
              "No epoch was finished, so that its curves say nothing.",
              "Train for at least one epoch."));
    }
    unstable(curves, found);
    boolean unstable = !found.isEmpty();
    boolean learnt = !notLearning(curves, found);
    boolean over = false;
    if (learnt && curves.best() >= 0) {
      over = overfitting(curves, found);
      tooLittleData(curves, over, found);
      if (!over && !unstable) {
        boolean falling = notConverged(curves, found);
        underfitting(curves, falling, found);
      }
    }
    imbalance(curves, found);
    if (found.isEmpty()) {
      found.add(healthy(curves));
    }
    return List.copyOf(found);
  }

  private static Finding healthy(LearningCurves curves) {
    int best = curves.best();
    if (best < 0) {
      return new Finding(
          Kind.UNKNOWN,
          "Without validation examples nobody can tell learning from learning by heart.",
          "Hold out a tenth: data.split.validation: 10%.");
    }
    return new Finding(
        Kind.HEALTHY,
        say(
            "Training and validation loss fell together and levelled out (%s and %s at the best"
                + " epoch, %d).",
            digits(curves.trainingLoss()[best]), digits(curves.validationLoss()[best]), best + 1),
        "A better result takes better inputs, more data or another network, not other settings.");
  }

  private static void unstable(LearningCurves curves, List<Finding> found) {
    double[] loss = curves.trainingLoss();
    double least = Double.POSITIVE_INFINITY;
    for (int e = 0; e < loss.length; e++) {
      if (!Double.isFinite(loss[e])) {
        found.add(
            new Finding(
                Kind.UNSTABLE,
                say("The training loss of epoch %d is not a number.", e + 1),
                "Divide the learning rate by ten, clip the gradient's norm at 1, and look for"
                    + " inputs that aren't scaled."));
        return;
      }
      if (loss[e] > least + JUMP * Math.abs(least)) {
        found.add(
            new Finding(
                Kind.UNSTABLE,
                say(
                    "The training loss jumped to %s in epoch %d, after %s before.",
                    digits(loss[e]), e + 1, digits(least)),
                "Divide the learning rate by three, warm it up, and clip the gradient's norm at"
                    + " 1."));
        return;
      }
      least = Math.min(least, loss[e]);
    }
  }

  private static boolean notLearning(LearningCurves curves, List<Finding> found) {
    double chance = curves.chanceLoss();
    double least = least(curves.trainingLoss());
    if (!(chance > 0) || least <= UNLEARNT * chance) {
      return false;
    }
    found.add(
        new Finding(
            Kind.NOT_LEARNING,
            say(
                "The training loss never went below %s, where knowing nothing but how often each"
                    + " answer occurs gives %s.",
                digits(least), digits(chance)),
            "First make the network learn ten examples by heart; then try learning rates ten times"
                + " larger and smaller, and check that inputs and labels belong together."));
    return true;
  }

  private static boolean overfitting(LearningCurves curves, List<Finding> found) {
    int best = curves.best();
    int last = curves.validationLoss().length - 1;
    double least = curves.validationLoss()[best];
    double end = curves.validationLoss()[last];
    boolean rises =
        best < last
            && end > least + OVERFIT * Math.abs(least)
            && curves.trainingLoss()[last] <= curves.trainingLoss()[best];
    if (!rises) {
      return false;
    }
    found.add(
        new Finding(
            Kind.OVERFITTING,
            say(
                "The model learnt its training examples by heart: from epoch %d to %d the"
                    + " validation loss rose from %s to %s, while the training loss fell from %s"
                    + " to %s.",
                best + 1,
                last + 1,
                digits(least),
                digits(end),
                digits(curves.trainingLoss()[best]),
                digits(curves.trainingLoss()[last])),
            say(
                "Stop at epoch %d (early stopping keeps its weights), then try dropout, weight"
                    + " decay, augmentation, or a smaller network.",
                best + 1)));
    return true;
  }

  private static void tooLittleData(LearningCurves curves, boolean over, List<Finding> found) {
    int best = curves.best();
    double gap = curves.validationLoss()[best] - curves.trainingLoss()[best];
    double scale =
        curves.chanceLoss() > 0 ? curves.chanceLoss() : Math.abs(curves.validationLoss()[best]);
    long classes = Math.max(1, Arrays.stream(curves.classCounts()).filter(c -> c > 0).count());
    boolean few = curves.trainingExamples() < FEW_EXAMPLES * classes;
    if (!(over || gap > GAP * scale)
        || !few && curves.parameters() < 100 * curves.trainingExamples()) {
      return;
    }
    found.add(
        new Finding(
            Kind.TOO_LITTLE_DATA,
            say(
                "There is little data for this network: %,d training examples for %,d parameters,"
                    + " and the validation loss at its best is %s over the training loss.",
                curves.trainingExamples(), curves.parameters(), digits(gap)),
            "Gather more examples, augment those there are, or begin with a network that was"
                + " trained before."));
  }

  private static boolean notConverged(LearningCurves curves, List<Finding> found) {
    double[] loss = curves.validationLoss();
    int quarter = Math.max(1, loss.length / 4);
    if (loss.length < 3 || curves.best() != loss.length - 1) {
      return false;
    }
    double before = least(Arrays.copyOf(loss, loss.length - quarter));
    double gain = (before - loss[loss.length - 1]) / Math.abs(before);
    if (gain < STILL_FALLING) {
      return false;
    }
    found.add(
        new Finding(
            Kind.NOT_CONVERGED,
            say(
                "Training ended too early: the validation loss still fell by %.1f %% over the last"
                    + " %s.",
                100 * gain, quarter == 1 ? "epoch" : quarter + " epochs"),
            say("Train longer, such as %d epochs.", 2 * loss.length)));
    return true;
  }

  private static void underfitting(LearningCurves curves, boolean falling, List<Finding> found) {
    int best = curves.best();
    double chance = curves.chanceLoss();
    double training = curves.trainingLoss()[best];
    double validation = curves.validationLoss()[best];
    if (falling || !(chance > 0) || training < UNDERFIT * chance) {
      return;
    }
    if (validation - training > OVERFIT * chance) {
      return;
    }
    found.add(
        new Finding(
            Kind.UNDERFITTING,
            say(
                "The network takes in too little: its training loss levelled out at %s, which is"
                    + " %.0f %% of chance, and the validation loss is no worse (%s).",
                digits(training), 100 * training / chance, digits(validation)),
            "Try more layers or units, less dropout and weight decay, a larger learning rate, or"
                + " inputs that tell more; if people can't do better either, this is the limit."));
  }

  private static void imbalance(LearningCurves curves, List<Finding> found) {
    long[] counts = Arrays.stream(curves.classCounts()).filter(c -> c > 0).sorted().toArray();
    if (counts.length < 2) {
      return;
    }
    double ratio = (double) counts[counts.length - 1] / counts[0];
    // Where all classes are recognised as well, a rare one is no trouble.
    boolean harmless = curves.accuracy() - curves.balancedAccuracy() < 0.05;
    if (ratio < IMBALANCE || harmless) {
      return;
    }
    found.add(
        new Finding(
            Kind.IMBALANCE,
            say(
                "The largest class has %.0f times the examples of the smallest%s.",
                ratio,
                Double.isNaN(curves.balancedAccuracy())
                    ? ""
                    : say(
                        ", and rare classes are recognised less: accuracy %.3f, mean recall of the"
                            + " classes %.3f",
                        curves.accuracy(), curves.balancedAccuracy())),
            "Weight the classes in the loss (or use focal loss), gather rare ones, and judge by"
                + " balanced accuracy or average precision."));
  }

  private static double least(double[] values) {
    return Arrays.stream(values).filter(Double::isFinite).min().orElse(Double.NaN);
  }

  private static String say(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private static String digits(double value) {
    return Math.abs(value) >= 1000 || value != 0 && Math.abs(value) < 0.001
        ? String.format(Locale.ROOT, "%.3g", value)
        : String.format(Locale.ROOT, "%.3f", value);
  }
}
