package dev.slipway.optim;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.kernel.optim.Descent;
import java.util.ArrayList;
import java.util.List;

/** Which optimizer, and its settings. */
public sealed interface OptimizerConfig {
  /** The peak learning rate that is reported beside the steps. */
  double learningRate();

  /** An optimizer with fresh state for these parameters. */
  Optimizer bind(ParameterSet parameters);

  /** The same optimizer at another peak learning rate. */
  OptimizerConfig withLearningRate(double learningRate);

  /**
   * Adam with decoupled weight decay. Loshchilov and Hutter 2019, algorithm 2, with the decay
   * multiplied by the learning rate as PyTorch does it. Vectors (norms, biases) never decay.
   *
   * @param learningRate peak
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   * @param weightDecay λ of matrices and the output layer
   * @param embeddingDecay λ of embeddings
   */
  record AdamW(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      double embeddingDecay)
      implements OptimizerConfig {
    public AdamW {
      notNegative("learningRate", learningRate);
      fraction("beta1", beta1);
      fraction("beta2", beta2);
      notNegative("epsilon", epsilon);
      notNegative("weightDecay", weightDecay);
      notNegative("embeddingDecay", embeddingDecay);
    }

    /** β 0.9 and 0.95 and ε 1e-8, usual for language models (Brown et al. 2020, appendix B). */
    public static AdamW of(double learningRate, double weightDecay) {
      return new AdamW(learningRate, 0.9, 0.95, 1e-8, weightDecay, weightDecay);
    }

    double decay(ParameterSpec.Role role) {
      return switch (role) {
        case MATRIX, HEAD -> weightDecay;
        case EMBEDDING -> embeddingDecay;
        case VECTOR -> 0;
      };
    }

    @Override
    public Optimizer bind(ParameterSet parameters) {
      return new AdamWOptimizer(this, parameters, parameters.specs());
    }

    @Override
    public AdamW withLearningRate(double learningRate) {
      return new AdamW(learningRate, beta1, beta2, epsilon, weightDecay, embeddingDecay);
    }
  }

  /**
   * Momentum made orthogonal by a Newton–Schulz iteration, for matrices; AdamW for all the rest.
   * Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks".
   *
   * @param learningRate peak, of the matrices
   * @param momentum μ
   * @param nesterov whether the update looks one step ahead along the momentum
   * @param iterations of Newton–Schulz
   * @param weightDecay λ of the matrices
   * @param scale what the orthogonal update is multiplied with
   * @param bfloat16 whether the iteration runs in bfloat16, else in float32
   * @param rest the optimizer of embeddings, output layer and vectors
   */
  record Muon(
      double learningRate,
      double momentum,
      boolean nesterov,
      int iterations,
      double weightDecay,
      Scale scale,
      boolean bfloat16,
      AdamW rest)
      implements OptimizerConfig {
    /** How the update's size depends on a matrix's shape (out, in). */
    public enum Scale {
      /** {@code √max(1, out / in)}: Jordan's; the learning rate is near 0.02. */
      SPECTRAL,
      /**
       * {@code 0.2 √max(out, in)}: the root mean square of AdamW's updates, so that AdamW's
       * learning rates serve. Liu et al. 2025 (Moonlight), section 2.2.
       */
      MATCH_ADAMW;

      public double of(long out, long in) {
        return switch (this) {
          case SPECTRAL -> Math.sqrt(Math.max(1.0, (double) out / in));
          case MATCH_ADAMW -> 0.2 * Math.sqrt(Math.max(out, in));
        };
      }
    }

    public Muon {
      notNegative("learningRate", learningRate);
      fraction("momentum", momentum);
      notNegative("weightDecay", weightDecay);
      if (iterations < 1) {
        throw new IllegalArgumentException("iterations is " + iterations + ", expected 1 or more");
      }
    }

    /**
     * μ 0.95, Nesterov, 5 iterations in bfloat16, Jordan's scale, under which one learning rate
     * serves all widths. (In a trial at 0.4 million parameters and 150 steps the best rates of both
     * scales ended within 2 % of each other, 18 % below AdamW's.)
     */
    public static Muon of(double learningRate, double weightDecay, AdamW rest) {
      return new Muon(learningRate, 0.95, true, 5, weightDecay, Scale.SPECTRAL, true, rest);
    }

    @Override
    public Optimizer bind(ParameterSet parameters) {
      return new MuonOptimizer(this, parameters);
    }

    /** Scales the rest's learning rate alike. */
    @Override
    public Muon withLearningRate(double learningRate) {
      AdamW scaled =
          this.learningRate == 0
              ? rest
              : rest.withLearningRate(rest.learningRate() * learningRate / this.learningRate);
      return new Muon(
          learningRate, momentum, nesterov, iterations, weightDecay, scale, bfloat16, scaled);
    }
  }

  /**
   * What is added to the loss for large matrices and embeddings; vectors (norms, biases) are free.
   * The gradient gets {@code l1 sign(θ) + l2 θ}: PyTorch's coupled {@code weight_decay} is {@code
   * l2}.
   *
   * @param l1 of {@code l1 Σ|θ|}
   * @param l2 of {@code l2 / 2 Σ θ²}
   */
  record Penalty(double l1, double l2) {
    public static final Penalty NONE = new Penalty(0, 0);

    public Penalty {
      notNegative("l1", l1);
      notNegative("l2", l2);
    }
  }

  /**
   * Stochastic gradient descent. Sutskever et al. 2013, section 2; {@code torch.optim.SGD}.
   *
   * @param learningRate peak
   * @param momentum μ; 0 for none
   * @param dampening how much of a gradient the momentum doesn't take
   * @param nesterov whether the step looks ahead along the momentum
   */
  record Sgd(
      double learningRate, double momentum, double dampening, boolean nesterov, Penalty penalty)
      implements OptimizerConfig {
    public Sgd {
      notNegative("learningRate", learningRate);
      fraction("momentum", momentum);
      notNegative("dampening", dampening);
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw new IllegalArgumentException(
            "nesterov with momentum "
                + momentum
                + " and dampening "
                + dampening
                + ", expected a momentum and no dampening");
      }
    }

    @Override
    public Optimizer bind(ParameterSet parameters) {
      return new DescentOptimizer(
          new Descent.Rule.Sgd(momentum, dampening, nesterov),
          learningRate,
          penalty,
          parameters,
          momentum == 0 ? List.of() : List.of("sgd.momentum"),
          0);
    }

    @Override
    public Sgd withLearningRate(double learningRate) {
      return new Sgd(learningRate, momentum, dampening, nesterov, penalty);
    }
  }

  /**
   * Adam, its penalties part of the gradient. Kingma and Ba 2015, algorithm 1; {@code
   * torch.optim.Adam}.
   *
   * @param learningRate peak
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   */
  record Adam(double learningRate, double beta1, double beta2, double epsilon, Penalty penalty)
      implements OptimizerConfig {
    public Adam {
      notNegative("learningRate", learningRate);
      fraction("beta1", beta1);
      fraction("beta2", beta2);
      notNegative("epsilon", epsilon);
    }

    /** β 0.9 and 0.999 and ε 1e-8, no penalty. */
    public static Adam of(double learningRate) {
      return new Adam(learningRate, 0.9, 0.999, 1e-8, Penalty.NONE);
    }

    @Override
    public Optimizer bind(ParameterSet parameters) {
      return new DescentOptimizer(
          new Descent.Rule.Adam(beta1, beta2, epsilon),
          learningRate,
          penalty,
          parameters,
          List.of("adam.first_moment", "adam.second_moment"),
          0);
    }

    @Override
    public Adam withLearningRate(double learningRate) {
      return new Adam(learningRate, beta1, beta2, epsilon, penalty);
    }
  }

  /**
   * Steps divided by the root of the gradients' mean square. Tieleman and Hinton 2012, lecture 6.5;
   * {@code torch.optim.RMSprop}.
   *
   * @param learningRate peak
   * @param alpha decay of the mean square
   * @param epsilon added to its root
   * @param momentum of the steps; 0 for none
   * @param centered whether the mean's square is taken from it (Graves 2013, section 2.3)
   */
  record RmsProp(
      double learningRate,
      double alpha,
      double epsilon,
      double momentum,
      boolean centered,
      Penalty penalty)
      implements OptimizerConfig {
    public RmsProp {
      notNegative("learningRate", learningRate);
      fraction("alpha", alpha);
      notNegative("epsilon", epsilon);
      fraction("momentum", momentum);
    }

    @Override
    public Optimizer bind(ParameterSet parameters) {
      List<String> states = new ArrayList<>(List.of("rmsprop.mean_square"));
      if (centered) {
        states.add("rmsprop.mean");
      }
      if (momentum != 0) {
        states.add("rmsprop.momentum");
      }
      return new DescentOptimizer(
          new Descent.Rule.RmsProp(alpha, epsilon, momentum, centered),
          learningRate,
          penalty,
          parameters,
          states,
          0);
    }

    @Override
    public RmsProp withLearningRate(double learningRate) {
      return new RmsProp(learningRate, alpha, epsilon, momentum, centered, penalty);
    }
  }

  /**
   * Steps divided by the root of the sum of squared gradients. Duchi et al. 2011; {@code
   * torch.optim.Adagrad}.
   *
   * @param learningRate peak
   * @param decay of the learning rate: it is divided by {@code 1 + (t - 1) decay}
   * @param initialSum that the sums of squares begin with
   * @param epsilon added to the root
   */
  record Adagrad(
      double learningRate, double decay, double initialSum, double epsilon, Penalty penalty)
      implements OptimizerConfig {
    public Adagrad {
      notNegative("learningRate", learningRate);
      notNegative("decay", decay);
      notNegative("initialSum", initialSum);
      notNegative("epsilon", epsilon);
    }

    @Override
    public Optimizer bind(ParameterSet parameters) {
      return new DescentOptimizer(
          new Descent.Rule.Adagrad(decay, epsilon),
          learningRate,
          penalty,
          parameters,
          List.of("adagrad.sum"),
          initialSum);
    }

    @Override
    public Adagrad withLearningRate(double learningRate) {
      return new Adagrad(learningRate, decay, initialSum, epsilon, penalty);
    }
  }

  private static void notNegative(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " is " + value + ", expected 0 or more");
    }
  }

  private static void fraction(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " is " + value + ", expected from 0 to below 1");
    }
  }
}
