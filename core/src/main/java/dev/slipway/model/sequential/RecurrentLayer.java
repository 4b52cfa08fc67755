package dev.slipway.model.sequential;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ParameterSpec.Init;
import dev.slipway.nn.ParameterSpec.Role;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Recurrent;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.layer.LstmLayer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layers that carry a state along a sequence (B, T, C). Where examples have a true length, the
 * state stops there, as PyTorch's packed sequences do. Weights have PyTorch's names and order,
 * first values uniform within {@code ±1/√units}.
 */
public sealed interface RecurrentLayer extends Layer {
  /** Size of the state. */
  int units();

  int layers();

  boolean bidirectional();

  boolean returnSequences();

  double dropout();

  /** Gates: matrices that lie one upon the other in a weight. */
  int gates();

  /** The hidden states of one layer and direction, (B, T, units). */
  Tensor run(Tensor x, List<Tensor> weights);

  @Override
  default InputShape output(InputShape input) {
    InputShape sequence = Shapes.sequence(input);
    long width = (long) units() * (bidirectional() ? 2 : 1);
    return returnSequences() ? Shapes.withLast(sequence, width) : Shapes.floats(List.of(width));
  }

  @Override
  default List<ParameterSpec> parameters(String path, InputShape input) {
    List<ParameterSpec> specs = new ArrayList<>();
    long in = Shapes.last(input);
    long rows = (long) gates() * units();
    Init init = new Init.Uniform(1 / Math.sqrt(units()));
    for (int layer = 0; layer < layers(); layer++) {
      for (String direction : directions()) {
        String end = "_l" + layer + direction;
        specs.add(
            new ParameterSpec(path + ".weight_ih" + end, List.of(rows, in), Role.MATRIX, init));
        specs.add(
            new ParameterSpec(
                path + ".weight_hh" + end, List.of(rows, (long) units()), Role.MATRIX, init));
        specs.add(new ParameterSpec(path + ".bias_ih" + end, List.of(rows), Role.VECTOR, init));
        specs.add(new ParameterSpec(path + ".bias_hh" + end, List.of(rows), Role.VECTOR, init));
      }
      in = (long) units() * (bidirectional() ? 2 : 1);
    }
    return specs;
  }

  private List<String> directions() {
    return bidirectional() ? List.of("", "_reverse") : List.of("");
  }

  @Override
  default double flops(InputShape input) {
    double time = Math.max(1, input.sizes().getFirst());
    double sum = 0;
    double in = Shapes.last(input);
    double width = units() * (bidirectional() ? 2.0 : 1.0);
    for (int layer = 0; layer < layers(); layer++) {
      sum += 2 * time * gates() * width * (in + units());
      in = width;
    }
    return sum;
  }

  /** Gates, states and their functions of every step, of each layer and direction. */
  @Override
  default long kept(InputShape input) {
    long time = Math.max(1, input.sizes().getFirst());
    long width = (long) units() * (bidirectional() ? 2 : 1);
    return layers() * time * (gates() + 2) * width + Shapes.values(output(input));
  }

  @Override
  default Input forward(Input x, Step step) {
    Tensor values = x.values();
    @Nullable Tensor lengths = x.lengths();
    @Nullable Tensor order = bidirectional() ? reversal(values, lengths) : null;
    Tensor last = values;
    for (int layer = 0; layer < layers(); layer++) {
      if (layer > 0 && step.training() && dropout() > 0) {
        values = Layers.dropout(values, dropout());
      }
      Tensor forward = run(values, weights(step, "_l" + layer));
      if (order == null) {
        last = returnSequences() ? forward : atEnd(forward, lengths);
        values = forward;
      } else {
        // The sequence turned round within its true length, so that padding stays at the end.
        Tensor backward = run(turned(values, order), weights(step, "_l" + layer + "_reverse"));
        last = Tensor.cat(List.of(atEnd(forward, lengths), atEnd(backward, lengths)), -1);
        values = Tensor.cat(List.of(forward, turned(backward, order)), -1);
      }
    }
    return returnSequences()
        ? new Input(lengths == null ? values : masked(values, lengths), lengths)
        : Input.of(last);
  }

  /** A layer's weights in PyTorch's order. */
  static List<Tensor> weights(Step step, String end) {
    return List.of(
        step.weight("weight_ih" + end),
        step.weight("weight_hh" + end),
        step.weight("bias_ih" + end),
        step.weight("bias_hh" + end));
  }

  /** The state after the last true place, (B, H); of an empty sequence after its first. */
  private static Tensor atEnd(Tensor states, @Nullable Tensor lengths) {
    if (lengths == null) {
      return states.narrow(1, states.size(1) - 1, 1).squeeze(1);
    }
    Tensor at = lengths.sub(Tensor.of(new long[] {1}));
    at = Tensor.stack(List.of(at, Tensor.zeros(DType.INT64, at.size(0))), 1);
    Tensor index = Layers.max(at, 1).view(-1, 1, 1).expand(states.size(0), 1, states.size(2));
    return states.gather(1, index).squeeze(1);
  }

  /** For each place the one that it is turned to, (B, T). */
  private static Tensor reversal(Tensor x, @Nullable Tensor lengths) {
    int rows = (int) x.size(0);
    int time = (int) x.size(1);
    long[] given = lengths == null ? new long[0] : lengths.toLongs();
    long[] order = new long[rows * time];
    for (int row = 0; row < rows; row++) {
      long length = lengths == null ? time : given[row];
      for (int place = 0; place < time; place++) {
        order[row * time + place] = place < length ? length - 1 - place : place;
      }
    }
    return Tensor.of(order, rows, time);
  }

  private static Tensor turned(Tensor x, Tensor order) {
    return x.gather(1, order.unsqueeze(2).expand(x.size(0), x.size(1), x.size(2)));
  }

  /** Zeros behind the true lengths, as {@code pad_packed_sequence} gives them. */
  private static Tensor masked(Tensor x, Tensor lengths) {
    Tensor places = Tensor.arange(x.size(1), DType.INT64).unsqueeze(0);
    Tensor beyond = places.ge(lengths.unsqueeze(1)).unsqueeze(2);
    return x.maskedFill(beyond, 0);
  }

  @Doc("Long short-term memory (Hochreiter, Schmidhuber 1997)")
  record Lstm(
      @Doc("Size of the state") @Range(min = 1, max = 100_000) int units,
      @Doc("Layers, one upon the other") @Default("1") @Range(min = 1, max = 100) int layers,
      @Doc("Whether another one reads backwards") @Default("false") boolean bidirectional,
      @Doc("Whether it gives all states, and not the last alone") @Default("false")
          boolean returnSequences,
      @Doc("Share of the values between layers that are zeroed in training")
          @Default("0")
          @Range(min = 0, max = 0.99)
          double dropout)
      implements RecurrentLayer {
    @Override
    public int gates() {
      return 4;
    }

    /** One layer's kernels know the true lengths, and whether the last state is enough. */
    @Override
    public Input forward(Input x, Step step) {
      if (layers > 1 || bidirectional || !fused(x.values())) {
        return RecurrentLayer.super.forward(x, step);
      }
      int[] lengths = null;
      if (x.lengths() != null) {
        lengths =
            Arrays.stream(x.lengths().toLongs()).mapToInt(n -> (int) Math.max(1, n)).toArray();
      }
      Tensor y =
          layer(RecurrentLayer.weights(step, "_l0"))
              .forward(x.values(), lengths, false, returnSequences);
      return returnSequences ? new Input(y, x.lengths()) : Input.of(y);
    }

    private boolean fused(Tensor x) {
      return x.dtype() == DType.FLOAT32 && LstmLayer.covers(units);
    }

    private static LstmLayer layer(List<Tensor> weights) {
      return new LstmLayer(weights.get(0), weights.get(1), weights.get(2), weights.get(3));
    }

    @Override
    public Tensor run(Tensor x, List<Tensor> weights) {
      return fused(x) ? layer(weights).forward(x, null, false, true) : Recurrent.lstm(x, weights);
    }
  }

  @Doc("Gated recurrent unit (Cho et al. 2014), with PyTorch's reset gate")
  record Gru(
      @Doc("Size of the state") @Range(min = 1, max = 100_000) int units,
      @Doc("Layers, one upon the other") @Default("1") @Range(min = 1, max = 100) int layers,
      @Doc("Whether another one reads backwards") @Default("false") boolean bidirectional,
      @Doc("Whether it gives all states, and not the last alone") @Default("false")
          boolean returnSequences,
      @Doc("Share of the values between layers that are zeroed in training")
          @Default("0")
          @Range(min = 0, max = 0.99)
          double dropout)
      implements RecurrentLayer {
    @Override
    public int gates() {
      return 3;
    }

    @Override
    public Tensor run(Tensor x, List<Tensor> weights) {
      return Recurrent.gru(x, weights);
    }
  }

  @Doc("A simple recurrent network with tanh (Elman 1990)")
  record Rnn(
      @Doc("Size of the state") @Range(min = 1, max = 100_000) int units,
      @Doc("Layers, one upon the other") @Default("1") @Range(min = 1, max = 100) int layers,
      @Doc("Whether another one reads backwards") @Default("false") boolean bidirectional,
      @Doc("Whether it gives all states, and not the last alone") @Default("false")
          boolean returnSequences,
      @Doc("Share of the values between layers that are zeroed in training")
          @Default("0")
          @Range(min = 0, max = 0.99)
          double dropout)
      implements RecurrentLayer {
    @Override
    public int gates() {
      return 1;
    }

    @Override
    public Tensor run(Tensor x, List<Tensor> weights) {
      return Recurrent.rnnTanh(x, weights);
    }
  }
}
