package dev.slipway.eval.yardstick;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Logistic and ridge regression by LIBLINEAR (Fan et al. 2008). The penalty is chosen among five on
 * every tenth training example, held out for it, and then all are learnt from. Several classes are
 * one against the rest each, their probabilities divided by their sum.
 */
final class LinearModels {
  static final String SOURCE = "LIBLINEAR, Fan et al. 2008";

  private static final double[] COSTS = {0.01, 0.1, 1, 10, 100};

  /** With fewer examples a tenth says too little to choose by. */
  private static final int ENOUGH_TO_CHOOSE = 200;

  private static final int ENOUGH_OF_SEVERAL = 4_000;

  private final Problem training;
  private final boolean regression;
  private final int width;
  private final Model model;

  private LinearModels(Feature[][] rows, double[] targets, int width, boolean regression) {
    this.width = width;
    this.regression = regression;
    Feature[][] whole = new Feature[rows.length][];
    for (int i = 0; i < whole.length; i++) {
      whole[i] = withConstant(rows[i], width);
    }
    this.training = problem(whole, targets, width);
    Linear.disableDebugOutput();
    this.model = train(training, training.l < ENOUGH_TO_CHOOSE ? 1 : choose());
  }

  /** Logistic regression of classes 0, 1, …, of which two or more occur. */
  static LinearModels classifier(Feature[][] rows, double[] labels, int width) {
    return new LinearModels(rows, labels, width, false);
  }

  /** Ridge regression of targets with mean 0 and deviation 1. */
  static LinearModels regressor(Feature[][] rows, double[] targets, int width) {
    return new LinearModels(rows, targets, width, true);
  }

  /** By class; a class that never occurred in training has probability 0. */
  double[] probabilities(Feature[] row, int classes) {
    double[] found = new double[model.getNrClass()];
    Linear.predictProbability(model, withConstant(row, width), found);
    double[] all = new double[classes];
    int[] labels = model.getLabels();
    for (int i = 0; i < labels.length; i++) {
      all[labels[i]] = found[i];
    }
    return all;
  }

  double number(Feature[] row) {
    return Linear.predict(model, withConstant(row, width));
  }

  /** LIBLINEAR has the constant as the last feature, which is 1 in each row. */
  private static Feature[] withConstant(Feature[] row, int width) {
    Feature[] whole = Arrays.copyOf(row, row.length + 1);
    whole[row.length] = new FeatureNode(width + 1, 1);
    return whole;
  }

  private static Problem problem(Feature[][] rows, double[] targets, int width) {
    Problem problem = new Problem();
    problem.l = rows.length;
    problem.n = width + 1;
    problem.bias = 1;
    problem.x = rows;
    problem.y = targets;
    return problem;
  }

  private double choose() {
    // Each class is a fit of its own: of several, a part of the examples has to do for the choice.
    boolean several = !regression && Arrays.stream(training.y).distinct().count() > 2;
    int step = several ? Math.max(1, training.l / ENOUGH_OF_SEVERAL) : 1;
    int[] kept =
        IntStream.range(0, training.l).filter(i -> i % 10 != 9 && i / 10 % step == 0).toArray();
    Feature[][] rows = new Feature[kept.length][];
    double[] targets = new double[kept.length];
    for (int i = 0; i < kept.length; i++) {
      rows[i] = training.x[kept[i]];
      targets[i] = training.y[kept[i]];
    }
    Problem part = problem(rows, targets, width);
    double best = 1;
    double least = Double.POSITIVE_INFINITY;
    for (double cost : COSTS) {
      double loss = lossHeldOut(train(part, cost));
      if (loss >= least) {
        // The loss has one valley over penalties: past it each fit only takes longer.
        break;
      }
      least = loss;
      best = cost;
    }
    return best;
  }

  /** Of every tenth example: squared error or negative log-likelihood, summed. */
  private double lossHeldOut(Model candidate) {
    double sum = 0;
    double[] values = new double[candidate.getNrClass()];
    for (int i = 9; i < training.l; i += 10) {
      if (regression) {
        double error = Linear.predict(candidate, training.x[i]) - training.y[i];
        sum += error * error;
      } else {
        Linear.predictProbability(candidate, training.x[i], values);
        double probability = 1e-15;
        for (int c = 0; c < values.length; c++) {
          if (candidate.getLabels()[c] == (int) training.y[i]) {
            probability = Math.max(values[c], probability);
          }
        }
        sum -= Math.log(probability);
      }
    }
    return sum;
  }

  private Model train(Problem problem, double cost) {
    // The squared epsilon-insensitive loss with epsilon 0 is the squared error: ridge regression.
    Parameter parameter =
        regression
            ? new Parameter(SolverType.L2R_L2LOSS_SVR, cost, 0.001, 1_000, 0)
            : new Parameter(SolverType.L2R_LR, cost, 0.01);
    parameter.setRegularizeBias(false);
    return Linear.train(problem, parameter);
  }
}
