package dev.slipway.eval.analysis;

import java.util.Arrays;

/**
 * What is known of a finished training, to be read by {@link LearningDiagnosis}.
 *
 * @param trainingLoss mean of each epoch
 * @param validationLoss after each epoch, as many; empty if there was no validation
 * @param chanceLoss of a model that knows the targets' distribution alone (entropy of the class
 *     shares, variance of the targets); NaN if unknown
 * @param trainingExamples how many it learnt from
 * @param parameters that were learnt
 * @param classCounts of the training examples; empty where there are no classes
 * @param accuracy on the validation examples; NaN if unknown
 * @param balancedAccuracy mean recall of the classes on them; NaN if unknown
 */
public record LearningCurves(
    double[] trainingLoss,
    double[] validationLoss,
    double chanceLoss,
    long trainingExamples,
    long parameters,
    long[] classCounts,
    double accuracy,
    double balancedAccuracy) {
  public LearningCurves {
    if (validationLoss.length != 0 && validationLoss.length != trainingLoss.length) {
      throw new IllegalArgumentException(
          trainingLoss.length
              + " epochs of training and "
              + validationLoss.length
              + " of validation came, expected as many");
    }
    trainingLoss = trainingLoss.clone();
    validationLoss = validationLoss.clone();
    classCounts = classCounts.clone();
  }

  /** Index of the epoch with the least validation loss, the first of equals; −1 without one. */
  public int best() {
    int best = -1;
    for (int e = 0; e < validationLoss.length; e++) {
      if (Double.isFinite(validationLoss[e])
          && (best < 0 || validationLoss[e] < validationLoss[best])) {
        best = e;
      }
    }
    return best;
  }

  /** −Σ p ln p of class shares: the log loss of telling these for each example. */
  public static double chanceLogLoss(long[] classCounts) {
    double total = Arrays.stream(classCounts).sum();
    return Arrays.stream(classCounts)
        .filter(count -> count > 0)
        .mapToDouble(count -> -count / total * Math.log(count / total))
        .sum();
  }
}
