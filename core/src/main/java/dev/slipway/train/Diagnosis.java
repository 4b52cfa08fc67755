package dev.slipway.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is wrong with a layer, and what to try.
 *
 * @param layer which one
 * @param sentence what was seen, with numbers
 * @param advice verb clauses
 */
public record Diagnosis(String layer, Kind kind, String sentence, String advice) {
  /** Kinds of trouble. */
  public enum Kind {
    DEAD_UNITS,
    VANISHING_GRADIENT,
    EXPLODING_GRADIENT,
    LARGE_STEPS
  }

  private static final double MOSTLY_DEAD = 0.5;

  /** Fewer examples say little of a unit. */
  private static final long EXAMPLES = 8;

  /** Gradients so much smaller than the largest layer's hardly teach. */
  private static final double VANISHED = 1e-5;

  /** A layer's gradient so many times the median layer's, and larger than 10, is exploding. */
  private static final double EXPLODED = 100;

  /** So is one of so many times the weights. */
  private static final double BEYOND_WEIGHTS = 1000;

  /** Usual is a thousandth of the weights a step. */
  private static final double LARGE_STEP = 0.1;

  /** What the numbers of one step say, layer by layer; none says that nothing stands out. */
  static List<Diagnosis> of(List<LayerParameters> parameters, List<LayerOutput> outputs) {
    List<Diagnosis> diagnoses = new ArrayList<>();
    Set<String> learnt =
        parameters.stream().map(LayerParameters::layer).collect(Collectors.toSet());
    boolean deadBefore = false;
    for (LayerOutput output : outputs) {
      boolean dead = output.examples() >= EXAMPLES && output.dead() >= MOSTLY_DEAD;
      // Pooling or flatten behind a dead layer only hands its zeros on.
      boolean handsOn = deadBefore && !learnt.contains(output.layer());
      deadBefore = dead;
      if (dead && !handsOn) {
        diagnoses.add(
            new Diagnosis(
                output.layer(),
                Kind.DEAD_UNITS,
                format("%.0f %% of its units are 0 for every example", 100 * output.dead()),
                "lower the learning rate, or take leaky-relu or gelu in place of relu"));
      }
    }
    LayerParameters strongest =
        parameters.stream()
            .max(Comparator.comparingDouble(LayerParameters::gradientNorm))
            .orElse(null);
    List<Double> norms = parameters.stream().map(LayerParameters::gradientNorm).sorted().toList();
    double median = norms.isEmpty() ? 0 : norms.get(norms.size() / 2);
    for (LayerParameters layer : parameters) {
      if (strongest != null && layer.gradientNorm() < VANISHED * strongest.gradientNorm()) {
        diagnoses.add(
            new Diagnosis(
                layer.layer(),
                Kind.VANISHING_GRADIENT,
                format(
                    "its gradient's norm is %.1e, that of %s %.1e",
                    layer.gradientNorm(), strongest.layer(), strongest.gradientNorm()),
                "add a norm layer or a residual connection before it, or take relu or gelu in place"
                    + " of sigmoid or tanh"));
      }
      boolean beyond =
          layer.weightNorm() > 0 && layer.gradientNorm() > BEYOND_WEIGHTS * layer.weightNorm();
      if (beyond || layer.gradientNorm() > Math.max(10, EXPLODED * median)) {
        diagnoses.add(
            new Diagnosis(
                layer.layer(),
                Kind.EXPLODING_GRADIENT,
                format(
                    "its gradient's norm is %.3g, the median layer's %.3g, its weights' %.3g",
                    layer.gradientNorm(), median, layer.weightNorm()),
                "clip gradients (train.clip: 1), lower the learning rate, or add a norm layer before"
                    + " it"));
      }
      if (layer.updateRatio() > LARGE_STEP) {
        diagnoses.add(
            new Diagnosis(
                layer.layer(),
                Kind.LARGE_STEPS,
                format("a step changes its weights by %.0f %%", 100 * layer.updateRatio()),
                "lower the learning rate, or give the schedule a longer warmup"));
      }
    }
    return diagnoses;
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
