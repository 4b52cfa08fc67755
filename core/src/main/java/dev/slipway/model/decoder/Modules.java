package dev.slipway.model.decoder;

import dev.slipway.nn.Norm;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
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
    return slot(weights.linear(name, bias));
  }

  /** {@code NAME.weight} (in, out) and {@code NAME.bias} (out). */
  public ProjectionSlot conv1d(String name) {
    return slot(weights.conv1d(name));
  }

  /**
   * {@code lm_head}, of the embedding's weight where it is tied.
   *
   * @param embedding the embedding's weight
   */
  public ProjectionSlot head(boolean tied, String embedding) {
    Tensor weight = weights.operand(tied ? embedding : CheckpointNames.HEAD);
    return slot(
        new ProjectionSlot(
            "lm_head", weight.size(1), weight.size(0), new Projection.Dense(weight, null)));
  }

  private ProjectionSlot slot(ProjectionSlot slot) {
    projections.put(slot.name(), slot);
    return slot;
  }

  public Norm layerNorm(String name, double epsilon) {
    return new Norm.LayerNorm(
        weights.value(name + ".weight"), weights.value(name + ".bias"), epsilon);
  }

  public Norm centredRmsNorm(String name, double epsilon) {
    return new Norm.CentredRmsNorm(weights.value(name + ".weight"), epsilon);
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

  /**
   * A router {@code gate}, and {@code experts.0} and further ones as gated MLPs.
   *
   * @param perToken how many experts a position takes
   * @param normalised whether the shares of those add up to one
   */
  public FeedForward experts(
      String name, int count, int perToken, boolean normalised, Activation activation) {
    List<FeedForward> experts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      experts.add(gatedMlp(name + ".experts." + i, activation, false));
    }
    return new MixtureOfExperts(
        weights.operand(name + ".gate.weight"), experts, perToken, normalised);
  }
}
