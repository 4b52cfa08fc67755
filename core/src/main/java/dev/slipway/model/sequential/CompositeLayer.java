package dev.slipway.model.sequential;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;
import dev.slipway.model.LayerTable;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.InputShape.Kind;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ParameterSpec.Init;
import dev.slipway.nn.ParameterSpec.Role;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Layers that hold others or join several inputs. */
public sealed interface CompositeLayer extends Layer {
  @Doc("A list of layers whose output is added to their input (He et al. 2016)")
  record Residual(
      @Doc("The layers") List<Layer> layers,
      @Doc("Layers on the way around them, where the shapes differ") @Default("[]")
          List<Layer> shortcut,
      @Doc("Function of the sum") @Default("none") Optional<Activation> activation)
      implements CompositeLayer {
    public Residual {
      layers = List.copyOf(layers);
      shortcut = List.copyOf(shortcut);
    }

    @Override
    public InputShape output(InputShape input) {
      InputShape inner = Chain.output(layers, "layers", input);
      InputShape around = Chain.output(shortcut, "shortcut", input);
      if (!inner.sizes().equals(around.sizes())) {
        throw new Mismatch(
            "the same shape on both ways, and "
                + Shapes.text(inner)
                + " comes through the layers, "
                + Shapes.text(around)
                + " around them",
            "add a shortcut, such as [{ conv2d: { filters: "
                + inner.sizes().getFirst()
                + ", kernel: 1 } }]");
      }
      return inner;
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      List<ParameterSpec> specs =
          new ArrayList<>(Chain.parameters(layers, path + ".layers", input));
      specs.addAll(Chain.parameters(shortcut, path + ".shortcut", input));
      return specs;
    }

    @Override
    public List<ParameterSpec> buffers(String path, InputShape input) {
      List<ParameterSpec> specs = new ArrayList<>(Chain.buffers(layers, path + ".layers", input));
      specs.addAll(Chain.buffers(shortcut, path + ".shortcut", input));
      return specs;
    }

    @Override
    public double flops(InputShape input) {
      return Chain.flops(layers, input) + Chain.flops(shortcut, input);
    }

    @Override
    public List<LayerTable.Row> rows(String path, InputShape input) {
      List<LayerTable.Row> rows = new ArrayList<>(Chain.rows(layers, path + ".layers", input));
      rows.addAll(Chain.rows(shortcut, path + ".shortcut", input));
      InputShape output = output(input);
      rows.add(Shapes.row(path, kind(), output, List.of(), Shapes.values(output)));
      return rows;
    }

    @Override
    public Input forward(Input x, Step step) {
      Input inner = Chain.forward(layers, x, step.inner("layers"));
      Input around = Chain.forward(shortcut, x, step.inner("shortcut"));
      Tensor sum = inner.values().add(around.values());
      return new Input(activation.map(f -> f.apply(sum)).orElse(sum), inner.lengths());
    }
  }

  @Doc(
      "All inputs side by side as one row, ids by learnt vectors; the first layer of a network over several inputs")
  record Concatenate(
      @Doc("Length of a column's vector; auto is min(50, (ids + 1) / 2)")
          @Default("auto")
          @Range(min = 1, max = 10_000)
          Auto<Integer> embedding)
      implements CompositeLayer {
    /**
     * Of a column with so many ids. Guo, Berkhahn 2016 leave it open; this is fastai's old rule.
     */
    private long width(int ids) {
      return embedding.isAuto() ? Math.min(50, (ids + 1) / 2) : embedding.value();
    }

    @Override
    public InputShape output(InputShape input) {
      return join(List.of(input));
    }

    InputShape join(List<InputShape> inputs) {
      long sum = 0;
      for (InputShape input : inputs) {
        if (input.isVariable() || input.sizes().size() > 1) {
          throw new Mismatch(
              "rows (B, features) and columns of ids",
              "give tables' columns, or one input and layers for it");
        }
        sum +=
            input.kind() == Kind.FLOATS
                ? Shapes.values(input)
                : columns(input).stream().mapToLong(this::width).sum();
      }
      return Shapes.floats(List.of(sum));
    }

    private static List<Integer> columns(InputShape input) {
      List<Integer> cardinalities = input.cardinalities();
      int columns = (int) Shapes.values(input);
      return cardinalities.size() == columns
          ? cardinalities
          : java.util.Collections.nCopies(columns, cardinalities.getFirst());
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return parameters(path, List.of(input));
    }

    List<ParameterSpec> parameters(String path, List<InputShape> inputs) {
      List<ParameterSpec> specs = new ArrayList<>();
      for (InputShape input : inputs) {
        if (input.kind() == Kind.IDS) {
          List<Integer> columns = columns(input);
          for (int i = 0; i < columns.size(); i++) {
            specs.add(
                new ParameterSpec(
                    path + "." + input.name() + "." + i + ".weight",
                    List.of((long) columns.get(i), width(columns.get(i))),
                    Role.EMBEDDING,
                    new Init.Normal(1)));
          }
        }
      }
      return specs;
    }

    Input forward(Inputs inputs, List<InputShape> shapes, Step step) {
      List<Tensor> parts = new ArrayList<>();
      for (InputShape shape : shapes) {
        Tensor values = inputs.get(shape.name()).values();
        if (shape.kind() == Kind.FLOATS) {
          parts.add(values.reshape(values.size(0), -1));
          continue;
        }
        Tensor ids = values.reshape(values.size(0), -1);
        for (int i = 0; i < ids.size(1); i++) {
          parts.add(
              Functional.embedding(
                  ids.narrow(1, i, 1).squeeze(1), step.weight(shape.name() + "." + i + ".weight")));
        }
      }
      return Input.of(parts.size() == 1 ? parts.getFirst() : Tensor.cat(parts, 1));
    }

    @Override
    public Input forward(Input x, Step step) {
      throw new IllegalStateException("concatenate is only a network's first layer");
    }
  }
}
