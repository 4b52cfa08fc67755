package dev.slipway.nn.loss;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Named;
import dev.slipway.base.binding.Range;
import dev.slipway.nn.Input;
import dev.slipway.tensor.Losses;
import dev.slipway.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What training makes small, as a sum of parts: the mean is {@link #sum} over {@link #count}, and
 * micro-batches add up to a batch.
 *
 * <p>Outputs are raw (logits, estimates), B examples first. Where an output or a target is a padded
 * sequence, {@link Input#lengths} says how long each example is, and what lies beyond counts
 * nothing.
 */
public sealed interface Loss {
  /** A class that teaches nothing: the padding of sequences. */
  long IGNORED = -100;

  /**
   * The loss of each example: the sum over its targets, (B) float32, with a gradient.
   *
   * @throws IllegalArgumentException when shapes don't fit each other
   */
  Tensor perExample(Input output, Input target);

  /** The sum over all examples, a scalar with a gradient. */
  default Tensor sum(Input output, Input target) {
    return perExample(output, target).sum();
  }

  /** How many parts the sum has: the targets that teach something. Weights don't change it. */
  long count(Input target);

  /**
   * The same loss with {@code balanced} weights in numbers; itself where nothing is balanced.
   *
   * @param classCounts examples of each class in the training split; of a binary target those
   *     without and those with the label
   */
  default Loss balancedBy(long... classCounts) {
    return this;
  }

  @Doc("Squared differences")
  record Mse() implements Loss {
    /** {@code (output - target)²}; target (B, …) as many floats as outputs. */
    @Override
    public Tensor perExample(Input output, Input target) {
      return Elements.sum(
          Losses.mse(output.values(), Elements.like(target.values(), output.values())), target);
    }

    @Override
    public long count(Input target) {
      return Elements.count(target);
    }
  }

  @Doc("Absolute differences: outliers pull less")
  record Mae() implements Loss {
    /** {@code |output - target|}; target (B, …) as many floats as outputs. */
    @Override
    public Tensor perExample(Input output, Input target) {
      return Elements.sum(
          Losses.l1(output.values(), Elements.like(target.values(), output.values())), target);
    }

    @Override
    public long count(Input target) {
      return Elements.count(target);
    }
  }

  @Doc("Squared near the target, absolute far from it (Huber 1964)")
  record Huber(
      @Doc("The difference from which on it is absolute")
          @Default("1")
          @Range(min = 1e-6, max = 1e6)
          double delta)
      implements Loss {
    /** {@code d² / 2} to delta, {@code delta (|d| - delta / 2)} beyond; target as outputs. */
    @Override
    public Tensor perExample(Input output, Input target) {
      return Elements.sum(
          Losses.huber(output.values(), Elements.like(target.values(), output.values()), delta),
          target);
    }

    @Override
    public long count(Input target) {
      return Elements.count(target);
    }
  }

  @Doc("One class of several, by softmax")
  record CrossEntropy(
      @Doc("Share of each target that is spread over all classes (Szegedy et al. 2016)")
          @Default("0")
          @Range(min = 0, max = 0.999)
          double labelSmoothing,
      @Doc("How much each class counts") @Default("none") Optional<ClassWeights> classWeights,
      @Doc("Power that makes sure answers count less (Lin et al. 2017); 2 is usual")
          @Default("none")
          @Range(min = 0, max = 10)
          Optional<Double> focal)
      implements Loss {
    /** Without smoothing, weights or focus. */
    public static final CrossEntropy PLAIN =
        new CrossEntropy(0, Optional.empty(), Optional.empty());

    /**
     * {@code -Σᶜ wᶜ qᶜ (1 - pᶜ)^γ log pᶜ} with p the softmax of the output, (B, …, C), and q the
     * smoothed target: classes (B, …) int64, of which {@link #IGNORED} teaches nothing, or
     * probabilities (B, …, C), as mixing gives them.
     */
    @Override
    public Tensor perExample(Input output, Input target) {
      return Classes.crossEntropy(this, output, target);
    }

    /** Positions, not classes: a target of probabilities counts once. */
    @Override
    public long count(Input target) {
      return Classes.count(target);
    }

    @Override
    public CrossEntropy balancedBy(long... classCounts) {
      return new CrossEntropy(labelSmoothing, Classes.numbers(classWeights, classCounts), focal);
    }
  }

  @Doc("Yes or no, or several labels at once, by sigmoid")
  record BinaryCrossEntropy(
      @Doc("Share of each target that is spread over yes and no")
          @Default("0")
          @Range(min = 0, max = 0.999)
          double labelSmoothing,
      @Doc("How much no and yes count") @Default("none") Optional<ClassWeights> classWeights,
      @Doc("How much yes counts, a number a label; empty for 1")
          @Default("[]")
          @Range(min = 0, max = 1e6)
          List<Double> positiveWeights,
      @Doc("Power that makes sure answers count less (Lin et al. 2017); 2 is usual")
          @Default("none")
          @Range(min = 0, max = 10)
          Optional<Double> focal)
      implements Loss {
    /** Without smoothing, weights or focus. */
    public static final BinaryCrossEntropy PLAIN =
        new BinaryCrossEntropy(0, Optional.empty(), List.of(), Optional.empty());

    public BinaryCrossEntropy {
      positiveWeights = List.copyOf(positiveWeights);
      if (classWeights.isPresent()
          && classWeights.get() instanceof ClassWeights.Given(List<Double> weights)
          && weights.size() != 2) {
        throw new InvalidSetting(
            "class-weights", weights.size() + " weights", "2: of no and of yes");
      }
    }

    /**
     * {@code -(w₁ u t log p + w₀ (1 - t) log(1 - p)) (1 - pₜ)^γ} with p the sigmoid of the output,
     * t the smoothed target {@code t (1 - ε) + ε / 2}, as many floats as outputs, {@code pₜ = p t +
     * (1 - p)(1 - t)}, w the class weights and u the positive weights along the last dimension.
     */
    @Override
    public Tensor perExample(Input output, Input target) {
      return Classes.binary(this, output, target);
    }

    @Override
    public long count(Input target) {
      return Elements.count(target);
    }

    @Override
    public BinaryCrossEntropy balancedBy(long... classCounts) {
      return new BinaryCrossEntropy(
          labelSmoothing, Classes.numbers(classWeights, classCounts), positiveWeights, focal);
    }
  }

  @Doc("A sequence of labels without their places in time (Graves et al. 2006)")
  record Ctc(
      @Doc("The class that stands for no label") @Default("0") @Range(min = 0, max = 1e6) int blank,
      @Doc("Whether an example too short for its labels counts nothing, in place of infinity")
          @Default("true")
          boolean zeroInfinity)
      implements Loss {
    /**
     * {@code -log p(labels | output)}, summed over alignments: output (B, T, C) logits, target (B,
     * S) int64, both with their lengths.
     */
    @Override
    public Tensor perExample(Input output, Input target) {
      return Sequences.ctc(this, output, target);
    }

    /** Examples. */
    @Override
    public long count(Input target) {
      return target.values().size(0);
    }
  }

  @Doc("What was taken above what was not, pair by pair (Rendle et al. 2009)")
  record Bpr() implements Loss {
    /**
     * {@code -meanⱼ log σ(s₀ - sⱼ)}: output (B, 1 + N) scores, what was taken first; of the target
     * only the number of rows is looked at.
     */
    @Override
    public Tensor perExample(Input output, Input target) {
      return Rankings.bpr(output);
    }

    /** Examples. */
    @Override
    public long count(Input target) {
      return target.values().size(0);
    }
  }

  @Doc("Pairs of a query's documents, weighed by what NDCG would lose (Burges 2010)")
  @Named("lambdarank")
  record LambdaRank() implements Loss {
    /**
     * {@code Σⱼ |ΔNDCGᵢⱼ| log(1 + exp(sⱼ - sᵢ))} over the documents j of the same query that are
     * less relevant than i: output (B, 1), target (B, 2) of relevance and the query's number.
     */
    @Override
    public Tensor perExample(Input output, Input target) {
      return Rankings.lambdaRank(output, target);
    }

    /** Documents. */
    @Override
    public long count(Input target) {
      return target.values().size(0);
    }
  }

  @Doc("The list of a query's documents at once, by softmax (Cao et al. 2007)")
  @Named("listnet")
  record ListNet() implements Loss {
    /**
     * {@code -qᵢ log pᵢ} with q the softmax of relevance and p that of scores over the documents of
     * i's query: output (B, 1), target (B, 2) of relevance and the query's number.
     */
    @Override
    public Tensor perExample(Input output, Input target) {
      return Rankings.listNet(output, target);
    }

    /** Documents. */
    @Override
    public long count(Input target) {
      return target.values().size(0);
    }
  }

  @Doc("An example nearer to one of its kind than to another (Schroff et al. 2015)")
  record Triplet(@Doc("By how much nearer") @Default("1") @Range(min = 0, max = 1000) double margin)
      implements Loss {
    /**
     * {@code max(0, ‖a - p‖ - ‖a - n‖ + margin)}: output (B, 3, D) of anchor, positive and
     * negative; of the target only the number of rows is looked at.
     */
    @Override
    public Tensor perExample(Input output, Input target) {
      return Pairs.triplet(this, output);
    }

    /** Examples. */
    @Override
    public long count(Input target) {
      return target.values().size(0);
    }
  }

  @Doc("A pair nearer to each other than to the batch's others (van den Oord et al. 2018)")
  @Named("info-nce")
  record InfoNce(
      @Doc("What similarities are divided by") @Default("0.07") @Range(min = 1e-3, max = 100)
          double temperature,
      @Doc("Whether both look for their partner, as in CLIP (Radford et al. 2021)") @Default("true")
          boolean symmetric)
      implements Loss {
    /**
     * {@code -log softmaxⱼ(cos(qᵢ, kⱼ) / τ)ᵢ}: output (B, 2, D) of queries and keys, or (B, 3, D)
     * with a further key of each that belongs to no query; of the target only the number of rows is
     * looked at.
     */
    @Override
    public Tensor perExample(Input output, Input target) {
      return Pairs.infoNce(this, output);
    }

    /** Examples. */
    @Override
    public long count(Input target) {
      return target.values().size(0);
    }
  }
}
