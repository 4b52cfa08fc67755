package dev.slipway.model.sequential;

import dev.slipway.model.LayerTable;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.Convolution;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A piece of a {@link ReadyNetwork} under the name that its parameters have in the library that the
 * network comes from. A piece with an empty name has its children's names.
 */
sealed interface Part {
  String name();

  InputShape output(InputShape input);

  List<ParameterSpec> parameters(String path, InputShape input);

  List<ParameterSpec> buffers(String path, InputShape input);

  double flops(InputShape input);

  Input forward(Input x, Step step);

  /** What each layer inside gives and costs. */
  List<LayerTable.Row> rows(String path, InputShape input);

  private static String below(String path, String name) {
    return name.isEmpty() ? path : path + "." + name;
  }

  private static Step below(Step step, String name) {
    return name.isEmpty() ? step : step.inner(name);
  }

  /** One layer. */
  record Leaf(String name, Layer layer) implements Part {
    @Override
    public InputShape output(InputShape input) {
      return layer.output(input);
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return layer.parameters(below(path, name), input);
    }

    @Override
    public List<ParameterSpec> buffers(String path, InputShape input) {
      return layer.buffers(below(path, name), input);
    }

    @Override
    public double flops(InputShape input) {
      return layer.flops(input);
    }

    @Override
    public Input forward(Input x, Step step) {
      Step inner = below(step, name);
      Input y = layer.forward(x, inner);
      if (!name.isEmpty()) {
        step.pass().watch().output(inner.path(), y.values());
      }
      return y;
    }

    @Override
    public List<LayerTable.Row> rows(String path, InputShape input) {
      return layer.rows(below(path, name), input);
    }
  }

  /** Pieces one after the other. */
  record Row(String name, List<Part> parts) implements Part {
    public Row {
      parts = List.copyOf(parts);
    }

    @Override
    public InputShape output(InputShape input) {
      InputShape shape = input;
      for (Part part : parts) {
        shape = part.output(shape);
      }
      return shape;
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      List<ParameterSpec> specs = new ArrayList<>();
      InputShape shape = input;
      for (Part part : parts) {
        specs.addAll(part.parameters(below(path, name), shape));
        shape = part.output(shape);
      }
      return specs;
    }

    @Override
    public List<ParameterSpec> buffers(String path, InputShape input) {
      List<ParameterSpec> specs = new ArrayList<>();
      InputShape shape = input;
      for (Part part : parts) {
        specs.addAll(part.buffers(below(path, name), shape));
        shape = part.output(shape);
      }
      return specs;
    }

    @Override
    public double flops(InputShape input) {
      double sum = 0;
      InputShape shape = input;
      for (Part part : parts) {
        sum += part.flops(shape);
        shape = part.output(shape);
      }
      return sum;
    }

    @Override
    public Input forward(Input x, Step step) {
      Step inner = below(step, name);
      Input y = x;
      for (Part part : parts) {
        y = part.forward(y, inner);
      }
      return y;
    }

    @Override
    public List<LayerTable.Row> rows(String path, InputShape input) {
      List<LayerTable.Row> rows = new ArrayList<>();
      InputShape shape = input;
      for (Part part : parts) {
        rows.addAll(part.rows(below(path, name), shape));
        shape = part.output(shape);
      }
      return rows;
    }
  }

  /**
   * {@code f(inner(x) + around(x))} (He et al. 2016).
   *
   * @param around none for x itself
   * @param drop share of the examples whose inner is left out in training, the others scaled up:
   *     stochastic depth (Huang et al. 2016)
   */
  record Sum(String name, Row inner, Row around, Optional<Activation> activation, double drop)
      implements Part {
    @Override
    public InputShape output(InputShape input) {
      return inner.output(input);
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      List<ParameterSpec> specs = new ArrayList<>(inner.parameters(below(path, name), input));
      specs.addAll(around.parameters(below(path, name), input));
      return specs;
    }

    @Override
    public List<ParameterSpec> buffers(String path, InputShape input) {
      List<ParameterSpec> specs = new ArrayList<>(inner.buffers(below(path, name), input));
      specs.addAll(around.buffers(below(path, name), input));
      return specs;
    }

    @Override
    public double flops(InputShape input) {
      return inner.flops(input) + around.flops(input) + Shapes.values(output(input));
    }

    @Override
    public Input forward(Input x, Step step) {
      Step place = below(step, name);
      Tensor deep = inner.forward(x, place).values();
      if (step.training() && drop > 0) {
        long[] one = new long[deep.dim()];
        java.util.Arrays.fill(one, 1);
        one[0] = deep.size(0);
        deep = deep.mul(Layers.dropout(Tensor.full(1, deep.dtype(), one), drop));
      }
      Tensor sum = deep.add(around.forward(x, place).values());
      Tensor y = activation.map(f -> f.apply(sum)).orElse(sum);
      step.pass().watch().output(place.path(), y);
      return Input.of(y);
    }

    @Override
    public List<LayerTable.Row> rows(String path, InputShape input) {
      List<LayerTable.Row> rows = new ArrayList<>(inner.rows(below(path, name), input));
      rows.addAll(around.rows(below(path, name), input));
      InputShape output = output(input);
      rows.add(Shapes.row(below(path, name), "residual", output, List.of(), Shapes.values(output)));
      return rows;
    }
  }

  /**
   * Channels scaled by what a small network makes of their means: {@code x sigmoid(fc2(silu(fc1(
   * mean(x)))))} (Hu et al. 2018).
   *
   * @param narrow channels in the middle
   */
  record SqueezeExcitation(String name, int narrow) implements Part {
    private Row gate(InputShape input) {
      int channels = Math.toIntExact(Shapes.picture(input).sizes().getFirst());
      return new Row(
          "",
          List.of(
              new Leaf("fc1", ReadyNetwork.convolution(narrow, 1, 1, 0, 1, true)),
              new Leaf("", new ActivationLayer.Silu()),
              new Leaf("fc2", ReadyNetwork.convolution(channels, 1, 1, 0, 1, true))));
    }

    private static InputShape means(InputShape input) {
      return Shapes.floats(List.of(input.sizes().getFirst(), 1L, 1L));
    }

    @Override
    public InputShape output(InputShape input) {
      return Shapes.picture(input);
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return gate(input).parameters(below(path, name), means(input));
    }

    @Override
    public List<ParameterSpec> buffers(String path, InputShape input) {
      return List.of();
    }

    @Override
    public double flops(InputShape input) {
      return 2.0 * Shapes.values(input) + gate(input).flops(means(input));
    }

    @Override
    public Input forward(Input x, Step step) {
      Tensor means = Convolution.adaptiveAvgPool2d(x.values(), 1, 1); // (B, C, 1, 1)
      InputShape shape = Shapes.floats(List.of(x.values().size(1), 1L, 1L));
      Tensor scale = gate(shape).forward(Input.of(means), below(step, name)).values().sigmoid();
      return Input.of(scale.mul(x.values()));
    }

    @Override
    public List<LayerTable.Row> rows(String path, InputShape input) {
      return List.of(
          Shapes.row(
              below(path, name),
              "squeeze-excitation",
              output(input),
              parameters(path, input),
              flops(input)));
    }
  }

  /** The first place of each sequence, (B, T, C) to (B, C). */
  record FirstPlace() implements Part {
    @Override
    public String name() {
      return "";
    }

    @Override
    public InputShape output(InputShape input) {
      return Shapes.floats(List.of(Shapes.last(Shapes.sequence(input))));
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return List.of();
    }

    @Override
    public List<ParameterSpec> buffers(String path, InputShape input) {
      return List.of();
    }

    @Override
    public double flops(InputShape input) {
      return 0;
    }

    @Override
    public Input forward(Input x, Step step) {
      return Input.of(x.values().narrow(1, 0, 1).squeeze(1));
    }

    @Override
    public List<LayerTable.Row> rows(String path, InputShape input) {
      return List.of(Shapes.row(path, "first-place", output(input), List.of(), 0));
    }
  }
}
