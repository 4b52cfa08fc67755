package dev.slipway.model.decoder;

import dev.slipway.model.decoder.RopeScaling.Default;
import dev.slipway.model.decoder.RopeScaling.Dynamic;
import dev.slipway.model.decoder.RopeScaling.Linear;
import dev.slipway.model.decoder.RopeScaling.Llama3;
import dev.slipway.model.decoder.RopeScaling.LongRope;
import dev.slipway.model.decoder.RopeScaling.Yarn;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Tensor;
import java.util.List;

/**
 * Rotary positions (Su et al. 2021) in Hugging Face's layout, where dimension i turns with i + D/2.
 * Frequencies are computed in float32 step by step as PyTorch does, so that angles of far positions
 * agree with transformers'.
 *
 * @param theta the base
 * @param headDim D
 * @param maxPositions {@code max_position_embeddings}
 */
public record Rope(double theta, int headDim, int maxPositions, RopeScaling scaling) {
  public Rope {
    if (headDim % 2 != 0) {
      throw new IllegalArgumentException("a head width of " + headDim + " has no halves to turn");
    }
    if (scaling instanceof LongRope longRope
        && (longRope.shortFactors().size() != headDim / 2
            || longRope.longFactors().size() != headDim / 2)) {
      throw new IllegalArgumentException(
          "longrope came with "
              + longRope.shortFactors().size()
              + " short and "
              + longRope.longFactors().size()
              + " long factors, expected "
              + headDim / 2
              + " each");
    }
  }

  /**
   * Reads {@code rope_parameters}, or {@code rope_theta} and {@code rope_scaling} as configurations
   * were written before.
   *
   * @param theta where the configuration has none
   */
  public static Rope read(ConfigJson json, int headDim, int maxPositions, double theta) {
    ConfigJson rope = json.object(json.has("rope_scaling") ? "rope_scaling" : "rope_parameters");
    return read(json, rope, headDim, maxPositions, json.real("rope_theta", theta));
  }

  /** As {@link #read}, from an object of a configuration that has several. */
  public static Rope read(
      ConfigJson json, ConfigJson rope, int headDim, int maxPositions, double theta) {
    if (json.real("partial_rotary_factor", rope.real("partial_rotary_factor", 1)) != 1) {
      throw json.unsupported("partial_rotary_factor", "other than 1", "1");
    }
    String type = rope.text("rope_type", rope.text("type", "default"));
    int original =
        json.number(
            "original_max_position_embeddings",
            rope.number("original_max_position_embeddings", maxPositions));
    RopeScaling scaling =
        switch (type) {
          case "default" -> new Default();
          case "linear" -> new Linear(factor(rope));
          case "dynamic" -> new Dynamic(factor(rope));
          case "llama3" ->
              new Llama3(
                  factor(rope),
                  rope.real("low_freq_factor", 1),
                  rope.real("high_freq_factor", 4),
                  original);
          case "yarn" -> yarn(rope, original, maxPositions);
          case "longrope" -> longRope(rope, original, maxPositions);
          default ->
              throw json.unsupported(
                  "rope_type", type, "default, linear, dynamic, llama3, yarn and longrope");
        };
    double base = rope.real("rope_theta", theta);
    if (base <= 0) {
      throw rope.bad("has rope_theta " + base + ", expected more than 0");
    }
    return new Rope(base, headDim, maxPositions, scaling);
  }

  private static double factor(ConfigJson rope) {
    if (!rope.has("factor")) {
      throw rope.bad("scales rotary positions without a factor");
    }
    return rope.real("factor", 1);
  }

  private static Yarn yarn(ConfigJson rope, int original, int maxPositions) {
    double factor = rope.real("factor", (double) maxPositions / original);
    double mscale = rope.real("mscale", 0);
    double mscaleAllDim = rope.real("mscale_all_dim", 0);
    double attention =
        mscale != 0 && mscaleAllDim != 0
            ? yarnAttention(factor, mscale) / yarnAttention(factor, mscaleAllDim)
            : yarnAttention(factor, 1);
    double betaFast = rope.real("beta_fast", 0);
    double betaSlow = rope.real("beta_slow", 0);
    return new Yarn(
        factor,
        rope.real("attention_factor", attention),
        betaFast == 0 ? 32 : betaFast,
        betaSlow == 0 ? 1 : betaSlow,
        original,
        rope.flag("truncate", true));
  }

  private static double yarnAttention(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
  }

  private static LongRope longRope(ConfigJson rope, int original, int maxPositions) {
    double factor = rope.real("factor", (double) maxPositions / original);
    double attention = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    return new LongRope(
        rope.reals("short_factor"),
        rope.reals("long_factor"),
        rope.real("attention_factor", attention),
        original);
  }

  /** How far sequences may reach: the trained positions, times what scaling stretches them by. */
  public int context() {
    double reach =
        switch (scaling) {
          case Linear(double factor) -> factor * maxPositions;
          case Dynamic(double factor) -> factor * maxPositions;
          case Yarn yarn -> yarn.factor() * yarn.original();
          case Default _, Llama3 _, LongRope _ -> maxPositions;
        };
    return (int) Math.min(Integer.MAX_VALUE, Math.max(maxPositions, reach));
  }

  /** Cosines and sines for positions, (…, T, 1, D) each; the sines' first half is negated. */
  public record Angles(Tensor cos, Tensor sin) {
    /** {@code x cos + rotate_half(x) sin}: (B, T, H, D) in and out. */
    Tensor rotate(Tensor x) {
      Tensor half = Functional.roll(x, x.size(3) / 2, 3); // (B, T, H, D)
      return Functional.addcmul(x.mul(cos), half, sin); // (B, T, H, D)
    }
  }

  /**
   * The angles of {@code columns} positions from {@code start} on. The caller's scope owns them.
   *
   * @param length positions of the whole sequence as far as it is known, which some scalings depend
   *     on
   */
  Angles angles(int start, int columns, int length, DType computeType) {
    return angles(Tensor.arange(columns, DType.FLOAT32).add(start), length, computeType);
  }

  /** As above, of any positions, (…, T) in float32. */
  Angles angles(Tensor positions, int length, DType computeType) {
    int last = positions.dim() + 1;
    Tensor angles =
        positions
            .unsqueeze(last - 1)
            .unsqueeze(last)
            .mul(Tensor.of(frequencies(length), headDim / 2)); // (…, T, 1, D/2)
    Tensor cos = angles.cos().mul(attention());
    Tensor sin = angles.sin().mul(attention());
    return new Angles(
        Tensor.cat(List.of(cos, cos), last).to(computeType), // (…, T, 1, D)
        Tensor.cat(List.of(sin.neg(), sin), last).to(computeType)); // (…, T, 1, D)
  }

  /** What cosines and sines are multiplied by. */
  public double attention() {
    return switch (scaling) {
      case Yarn yarn -> yarn.attention();
      case LongRope longRope -> longRope.attention();
      case Default _, Linear _, Dynamic _, Llama3 _ -> 1;
    };
  }

  /** Radians that a position adds to each pair of dimensions, (D/2). */
  public float[] frequencies(int length) {
    float[] frequencies = new float[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      float exponent = (float) (2 * i) / headDim;
      frequencies[i] =
          switch (scaling) {
            case Default _ -> 1 / power(theta, exponent);
            case Linear(double factor) -> 1 / power(theta, exponent) / (float) factor;
            case Dynamic(double factor) -> 1 / power(grownTheta(factor, length), exponent);
            case Llama3 llama3 -> llama3(llama3, 1 / power(theta, exponent));
            case Yarn yarn -> yarn(yarn, power(theta, exponent), i);
            case LongRope(var shortFactors, var longFactors, _, int original) ->
                1
                    / ((length > original ? longFactors : shortFactors).get(i).floatValue()
                        * power(theta, exponent));
          };
    }
    return frequencies;
  }

  private static float power(double base, float exponent) {
    return (float) Math.pow(base, exponent);
  }

  private double grownTheta(double factor, int length) {
    double longest = Math.max(length, maxPositions);
    double growth = factor * longest / maxPositions - (factor - 1);
    return theta * Math.pow(growth, (double) headDim / (headDim - 2));
  }

  private static float llama3(Llama3 scaling, float frequency) {
    double wavelength = 2 * Math.PI / frequency;
    if (wavelength > scaling.original() / scaling.lowFactor()) {
      return (float) (frequency / scaling.factor());
    }
    if (wavelength < scaling.original() / scaling.highFactor()) {
      return frequency;
    }
    double smooth =
        (scaling.original() / wavelength - scaling.lowFactor())
            / (scaling.highFactor() - scaling.lowFactor());
    return (float) ((1 - smooth) * frequency / scaling.factor() + smooth * frequency);
  }

  private float yarn(Yarn scaling, float power, int i) {
    double low = yarnDimension(scaling.betaFast(), scaling.original());
    double high = yarnDimension(scaling.betaSlow(), scaling.original());
    if (scaling.truncate()) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, headDim - 1.0);
    if (low == high) {
      high += 0.001; // else the ramp has no width
    }
    double interpolated = Math.clamp((i - low) / (high - low), 0.0, 1.0);
    return (float) (interpolated / (scaling.factor() * power) + (1 - interpolated) / power);
  }

  /** The dimension that turns so many times over the trained positions (Peng et al. 2023, §3.2). */
  private double yarnDimension(double rotations, int original) {
    return headDim * Math.log(original / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
  }
}
