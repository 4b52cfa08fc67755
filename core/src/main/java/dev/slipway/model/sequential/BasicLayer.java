package dev.slipway.model.sequential;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.InputShape.Kind;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ParameterSpec.Init;
import dev.slipway.nn.ParameterSpec.Role;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Dense layers, embeddings, dropout. First values are PyTorch's. */
public sealed interface BasicLayer extends Layer {
  /** A weight (out, in) and a bias (out), each uniform within {@code ±1/√in}. */
  static List<ParameterSpec> affine(String path, long out, long in, boolean bias) {
    Init init = new Init.Uniform(1 / Math.sqrt(in));
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(new ParameterSpec(path + ".weight", List.of(out, in), Role.MATRIX, init));
    if (bias) {
      specs.add(new ParameterSpec(path + ".bias", List.of(out), Role.VECTOR, init));
    }
    return specs;
  }

  @Doc("x W^T + b over the last dimension")
  record Dense(
      @Doc("How many numbers it gives") @Range(min = 1, max = 10_000_000) int units,
      @Doc("Function of what it gives") @Default("none") Optional<Activation> activation,
      @Doc("Whether there is a b") @Default("true") boolean bias)
      implements BasicLayer {
    @Override
    public InputShape output(InputShape input) {
      return Shapes.withLast(vector(input), units);
    }

    /**
     * Pictures and other grids must be made flat first: Keras' dense would take their last side.
     */
    private static InputShape vector(InputShape input) {
      if (input.kind() != Kind.FLOATS || input.sizes().isEmpty()) {
        throw new Mismatch("(B, features)", "put an embedding before it");
      }
      if (input.sizes().size() > 2) {
        throw new Mismatch(
            "(B, features) or (B, time, features)", "put flatten or global-avg-pool before it");
      }
      return Shapes.features(input);
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return affine(path, units, Shapes.last(input), bias);
    }

    @Override
    public double flops(InputShape input) {
      return 2.0 * Shapes.values(input) * units;
    }

    @Override
    public Input forward(Input x, Step step) {
      Tensor y =
          Functional.linear(x.values(), step.weight("weight"), bias ? step.weight("bias") : null);
      return new Input(activation.map(f -> f.apply(y)).orElse(y), x.lengths());
    }
  }

  @Doc("A learnt vector for each id")
  record Embedding(@Doc("Length of a vector") @Range(min = 1, max = 1_000_000) int units)
      implements BasicLayer {
    @Override
    public InputShape output(InputShape input) {
      if (input.kind() != Kind.IDS || input.cardinalities().size() != 1) {
        throw new Mismatch(
            "ids (B, …)", "leave it out, or give the network ids of words or tokens");
      }
      List<Long> sizes = new ArrayList<>(input.sizes());
      sizes.add((long) units);
      return Shapes.floats(sizes);
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return List.of(
          new ParameterSpec(
              path + ".weight",
              List.of((long) input.cardinalities().getFirst(), (long) units),
              Role.EMBEDDING,
              new Init.Normal(1)));
    }

    @Override
    public Input forward(Input x, Step step) {
      return new Input(Functional.embedding(x.values(), step.weight("weight")), x.lengths());
    }
  }

  @Doc("Zeros a share of the values while training and scales the rest up (Srivastava et al. 2014)")
  record Dropout(@Doc("The share") @Range(min = 0, max = 0.99) double share) implements BasicLayer {
    @Override
    public InputShape output(InputShape input) {
      return Shapes.features(input);
    }

    @Override
    public Input forward(Input x, Step step) {
      return step.training() && share > 0
          ? new Input(Layers.dropout(x.values(), share), x.lengths())
          : x;
    }
  }

  @Doc("x times scale plus offset, such as 1/255 for pixels")
  record Rescale(@Doc("Factor") double scale, @Doc("Added afterwards") @Default("0") double offset)
      implements BasicLayer {
    @Override
    public InputShape output(InputShape input) {
      return Shapes.features(input);
    }

    @Override
    public double flops(InputShape input) {
      return 2.0 * Shapes.values(input);
    }

    @Override
    public Input forward(Input x, Step step) {
      return new Input(x.values().mul(scale).add(offset), x.lengths());
    }
  }
}
