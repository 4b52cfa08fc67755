package dev.slipway.model.decoder;

import dev.slipway.nn.ParameterSpec;
import java.util.ArrayList;
import java.util.List;

/** Lists a network's parameters under the names and with the shapes of the checkpoint. */
public final class Specs {
  /** What transformers' configurations say unless they say otherwise. */
  private static final double DEVIATION = 0.02;

  private final List<ParameterSpec> specs = new ArrayList<>();

  public List<ParameterSpec> list() {
    return List.copyOf(specs);
  }

  /** {@code NAME.weight} (rows, width), whose rows are looked up. */
  public void table(String name, long rows, long width) {
    specs.add(
        new ParameterSpec(
            name + ".weight",
            List.of(rows, width),
            ParameterSpec.Role.EMBEDDING,
            new ParameterSpec.Init.Normal(DEVIATION)));
  }

  /** {@code NAME.weight} (out, in), and {@code NAME.bias} (out) where it has one. */
  public void linear(String name, long out, long in, boolean bias) {
    specs.add(ParameterSpec.matrix(name + ".weight", out, in, DEVIATION));
    if (bias) {
      bias(name, out);
    }
  }

  public void bias(String name, long size) {
    specs.add(ParameterSpec.vector(name + ".bias", size, 0));
  }

  /** A norm's {@code NAME.weight}. */
  public void norm(String name, long size, double value) {
    specs.add(ParameterSpec.vector(name + ".weight", size, value));
  }

  /** {@code lm_head.weight} (V, C), unless it is tied. */
  public void head(DecoderShape shape, boolean tied) {
    if (!tied) {
      specs.add(
          new ParameterSpec(
              CheckpointNames.HEAD,
              List.of((long) shape.vocabularySize(), (long) shape.hiddenSize()),
              ParameterSpec.Role.HEAD,
              new ParameterSpec.Init.Normal(DEVIATION)));
    }
  }

  /** As {@link Modules#attention}. */
  public void attention(String name, DecoderShape shape, boolean inputBias, boolean outputBias) {
    long c = shape.hiddenSize();
    linear(name + ".q_proj", shape.queryWidth(), c, inputBias);
    linear(name + ".k_proj", shape.keyWidth(), c, inputBias);
    linear(name + ".v_proj", shape.keyWidth(), c, inputBias);
    linear(name + ".o_proj", c, shape.queryWidth(), outputBias);
  }

  /** As {@link Modules#gatedMlp}. */
  public void gatedMlp(String name, DecoderShape shape, long inner, boolean bias) {
    linear(name + ".gate_proj", inner, shape.hiddenSize(), bias);
    linear(name + ".up_proj", inner, shape.hiddenSize(), bias);
    linear(name + ".down_proj", shape.hiddenSize(), inner, bias);
  }

  /** As {@link Modules#conv1d}. */
  public void conv1d(String name, long in, long out) {
    specs.add(ParameterSpec.matrix(name + ".weight", in, out, DEVIATION));
    bias(name, out);
  }

  /** A norm's weight and bias. */
  public void layerNorm(String name, long size) {
    norm(name, size, 1);
    bias(name, size);
  }

  /** As {@link Modules#experts}. */
  public void experts(String name, DecoderShape shape, int count, long inner) {
    linear(name + ".gate", count, shape.hiddenSize(), false);
    for (int i = 0; i < count; i++) {
      gatedMlp(name + ".experts." + i, shape, inner, false);
    }
  }
}
