package dev.slipway.model.decoder;

import dev.slipway.nn.Norm;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Weights;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes a network's parts from the weights of its modules, by the modules' names in the checkpoint,
 * and keeps the slot of each projection.
 */
public final class Modules {
  private final Weights weights;
  private final SequencedMap<String, ProjectionSlot> projections = new LinkedHashMap<>();

  public Modules(Weights weights) {
    this.weights = weights;
  }

  public Weights weights() {
    return weights;
  }

  /** The slots made so far, in the order in which they were made. */
  public SequencedMap<String, ProjectionSlot> projections() {
    return Collections.unmodifiableSequencedMap(projections);
  }

  /** {@code NAME.weight} (out, in), and {@code NAME.bias} (out) where it has one. */
  public ProjectionSlot linear(String name, boolean bias) {
    return slot(
        name,
        new Projection.Dense(
            weights.operand(name + ".weight"), bias ? weights.operand(name + ".bias") : null));
  }

  /** A projection under a name whose weight is another's, such as a tied head. */
  public ProjectionSlot tied(String name, String weight) {
    return slot(name, new Projection.Dense(weights.operand(weight), null));
  }

  private ProjectionSlot slot(String name, Projection.Dense dense) {
    ProjectionSlot slot =
        new ProjectionSlot(name, dense.weight().size(1), dense.weight().size(0), dense);
    projections.put(name, slot);
    return slot;
  }

  public Norm rmsNorm(String name, double epsilon) {
    return new Norm.RmsNorm(weights.value(name + ".weight"), epsilon);
  }

  /**
   * Attention as the families of Llama have it: {@code q_proj}, {@code k_proj}, {@code v_proj},
   * {@code o_proj}.
   *
   * @param name of the module, such as {@code model.layers.0.self_attn}
   * @param inputBias whether queries, keys and values have biases
   * @param outputBias whether the output has one
   * @param queryNorm {@code q_norm}, or null
   * @param keyNorm {@code k_norm}, or null
   */
  public Attention attention(
      String name,
      Attention.Settings settings,
      boolean inputBias,
      boolean outputBias,
      @Nullable Norm queryNorm,
      @Nullable Norm keyNorm) {
    return new Attention(
        settings,
        new Attention.Inputs.Separate(
            linear(name + ".q_proj", inputBias),
            linear(name + ".k_proj", inputBias),
            linear(name + ".v_proj", inputBias),
            queryNorm,
            keyNorm),
        linear(name + ".o_proj", outputBias));
  }

  /** {@code gate_proj}, {@code up_proj} and {@code down_proj}. */
  public FeedForward gatedMlp(String name, Activation activation, boolean bias) {
    return new FeedForward.Gated(
        linear(name + ".gate_proj", bias),
        linear(name + ".up_proj", bias),
        activation,
        linear(name + ".down_proj", bias));
  }
}
