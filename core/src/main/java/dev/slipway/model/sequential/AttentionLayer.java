package dev.slipway.model.sequential;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Main;
import dev.slipway.base.binding.Range;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ParameterSpec.Init;
import dev.slipway.nn.ParameterSpec.Role;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layers in which the places of a sequence (B, T, C) see each other (Vaswani et al. 2017). Where
 * examples have a true length, what lies beyond is not seen.
 */
public sealed interface AttentionLayer extends Layer {
  private static void wholeHeads(InputShape input, int heads) {
    long width = Shapes.last(Shapes.sequence(input));
    if (width % heads != 0) {
      throw new Mismatch(
          "features that " + heads + " heads divide", "choose heads that divide " + width);
    }
  }

  /** One matrix for query, key and value, and one for what comes of them. */
  private static List<ParameterSpec> projections(String path, long width) {
    Init xavier = new Init.Uniform(Math.sqrt(6.0 / (4 * width)));
    return List.of(
        new ParameterSpec(path + ".in_proj_weight", List.of(3 * width, width), Role.MATRIX, xavier),
        ParameterSpec.vector(path + ".in_proj_bias", 3 * width, 0),
        new ParameterSpec(
            path + ".out_proj.weight",
            List.of(width, width),
            Role.MATRIX,
            new Init.Uniform(1 / Math.sqrt(width))),
        ParameterSpec.vector(path + ".out_proj.bias", width, 0));
  }

  private static double attentionFlops(InputShape input) {
    double time = Math.max(1, input.sizes().getFirst());
    double width = Shapes.last(input);
    return 8 * time * width * width + 4 * time * time * width;
  }

  /** Queries, keys and values, copied by head; the scores' softmax; the mixture. */
  private static long attentionKept(InputShape input, int heads, double dropout) {
    long time = Math.max(1, input.sizes().getFirst());
    return 7 * time * Shapes.last(input) + (dropout > 0 ? 3 : 2) * heads * time * time;
  }

  /** {@code softmax(q k^T / √D + mask) v} for each head, projected. */
  private static Tensor attend(
      Tensor x, @Nullable Tensor lengths, Step step, int heads, boolean causal, double dropout) {
    long batch = x.size(0);
    long time = x.size(1);
    long width = x.size(2);
    Tensor projected =
        Functional.linear(x, step.weight("in_proj_weight"), step.weight("in_proj_bias"));
    Tensor all =
        projected
            .view(batch, time, 3, heads, width / heads)
            .permute(2, 0, 3, 1, 4); // (3, B, H, T, D)
    Tensor q = all.narrow(0, 0, 1).squeeze(0);
    Tensor k = all.narrow(0, 1, 1).squeeze(0);
    Tensor v = all.narrow(0, 2, 1).squeeze(0);
    Tensor scores = q.matmul(k.transpose(-2, -1)).mul(1 / Math.sqrt((double) width / heads));
    if (causal) {
      Tensor later =
          Tensor.full(1, DType.FLOAT32, time, time).tril(0).eq(Tensor.zeros(DType.FLOAT32, 1));
      scores = scores.maskedFill(later, Float.NEGATIVE_INFINITY);
    }
    if (lengths != null) {
      Tensor beyond = Tensor.arange(time, DType.INT64).unsqueeze(0).ge(lengths.unsqueeze(1));
      // A large negative number, not infinity: an empty text must not make NaN.
      scores = scores.maskedFill(beyond.view(batch, 1, 1, time), -1e9);
    }
    Tensor weights = scores.softmax(-1);
    if (step.training() && dropout > 0) {
      weights = Layers.dropout(weights, dropout);
    }
    Tensor joined = weights.matmul(v).transpose(1, 2).reshape(batch, time, width); // (B, T, C)
    return Functional.linear(joined, step.weight("out_proj.weight"), step.weight("out_proj.bias"));
  }

  @Doc("Each place sees all others, by several heads")
  record MultiHeadAttention(
      @Doc("How many heads") @Range(min = 1, max = 1024) int heads,
      @Doc("Whether a place sees only those before it") @Default("false") boolean causal,
      @Doc("Share of the attention weights that are zeroed in training")
          @Default("0")
          @Range(min = 0, max = 0.99)
          double dropout)
      implements AttentionLayer {
    @Override
    public InputShape output(InputShape input) {
      wholeHeads(input, heads);
      return input;
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return projections(path, Shapes.last(input));
    }

    @Override
    public double flops(InputShape input) {
      return attentionFlops(input);
    }

    @Override
    public long kept(InputShape input) {
      return attentionKept(input, heads, dropout) + Shapes.values(input);
    }

    @Override
    public Input forward(Input x, Step step) {
      return new Input(attend(x.values(), x.lengths(), step, heads, causal, dropout), x.lengths());
    }
  }

  @Doc("Attention and a feed-forward network, each added to its input and normalised")
  record TransformerBlock(
      @Doc("How many heads") @Range(min = 1, max = 1024) int heads,
      @Doc("Inner width of the feed-forward network; auto is 4 times the features")
          @Default("auto")
          @Range(min = 1, max = 1_000_000)
          Auto<Integer> intermediate,
      @Doc("Function of the feed-forward network") @Default("gelu") Activation activation,
      @Doc("Whether norms come before (GPT-2) or after (the original) what is added")
          @Default("pre")
          NormPlace norm,
      @Doc("Whether a place sees only those before it") @Default("false") boolean causal,
      @Doc("Share of the values that are zeroed in training")
          @Default("0")
          @Range(min = 0, max = 0.99)
          double dropout)
      implements AttentionLayer {
    private static final double EPSILON = 1e-5;

    private long inner(InputShape input) {
      return intermediate.isAuto() ? 4 * Shapes.last(input) : intermediate.value();
    }

    @Override
    public InputShape output(InputShape input) {
      wholeHeads(input, heads);
      return input;
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      long width = Shapes.last(input);
      List<ParameterSpec> specs = new ArrayList<>(projections(path + ".self_attn", width));
      specs.addAll(BasicLayer.affine(path + ".linear1", inner(input), width, true));
      specs.addAll(BasicLayer.affine(path + ".linear2", width, inner(input), true));
      for (String name : List.of(".norm1", ".norm2")) {
        specs.add(ParameterSpec.vector(path + name + ".weight", width, 1));
        specs.add(ParameterSpec.vector(path + name + ".bias", width, 0));
      }
      return specs;
    }

    @Override
    public double flops(InputShape input) {
      double time = Math.max(1, input.sizes().getFirst());
      return attentionFlops(input) + 4 * time * Shapes.last(input) * inner(input);
    }

    /**
     * Attention, both norms and sums, and the feed-forward network before and after its function.
     */
    @Override
    public long kept(InputShape input) {
      long time = Math.max(1, input.sizes().getFirst());
      return attentionKept(input, heads, dropout)
          + 4 * time * Shapes.last(input)
          + (dropout > 0 ? 3 : 2) * time * inner(input);
    }

    @Override
    public Input forward(Input input, Step step) {
      Tensor x = input.values();
      @Nullable Tensor lengths = input.lengths();
      x =
          switch (norm) {
            case PRE -> {
              Tensor y = x.add(attention(norm(x, step, "norm1"), lengths, step));
              yield y.add(feedForward(norm(y, step, "norm2"), step));
            }
            case POST -> {
              Tensor y = norm(x.add(attention(x, lengths, step)), step, "norm1");
              yield norm(y.add(feedForward(y, step)), step, "norm2");
            }
          };
      return new Input(x, lengths);
    }

    private Tensor attention(Tensor x, @Nullable Tensor lengths, Step step) {
      return dropped(attend(x, lengths, step.inner("self_attn"), heads, causal, dropout), step);
    }

    private Tensor feedForward(Tensor x, Step step) {
      Tensor inner =
          activation.apply(
              Functional.linear(x, step.weight("linear1.weight"), step.weight("linear1.bias")));
      return dropped(
          Functional.linear(
              dropped(inner, step), step.weight("linear2.weight"), step.weight("linear2.bias")),
          step);
    }

    private Tensor dropped(Tensor x, Step step) {
      return step.training() && dropout > 0 ? Layers.dropout(x, dropout) : x;
    }

    private static Tensor norm(Tensor x, Step step, String name) {
      return Functional.layerNorm(
          x, step.weight(name + ".weight"), step.weight(name + ".bias"), EPSILON);
    }
  }

  /** Where a block's norms are. */
  enum NormPlace {
    @Doc("Before attention and feed-forward network")
    PRE,
    @Doc("After what is added")
    POST
  }

  @Doc(
      "Adds what tells a place, before attention: sines of differing length (Vaswani et al. 2017) or learnt vectors")
  record PositionalEncoding(
      @Main @Doc("How places are told") @Default("sinusoidal") Places places,
      @Doc("The longest sequence, of learnt ones") @Default("512") @Range(min = 1, max = 1_000_000)
          int longest)
      implements AttentionLayer {
    @Override
    public InputShape output(InputShape input) {
      long time = Shapes.sequence(input).sizes().getFirst();
      if (places == Places.LEARNED && time > longest) {
        throw new Mismatch(
            "a sequence of at most " + longest, "set longest to " + time + " or more");
      }
      return input;
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return switch (places) {
        case SINUSOIDAL -> List.of();
        case LEARNED ->
            List.of(
                new ParameterSpec(
                    path + ".weight",
                    List.of((long) longest, Shapes.last(input)),
                    Role.EMBEDDING,
                    new Init.Normal(0.02)));
      };
    }

    @Override
    public Input forward(Input x, Step step) {
      long time = x.values().size(1);
      Tensor places =
          switch (this.places) {
            case SINUSOIDAL -> sines((int) time, (int) x.values().size(2));
            case LEARNED -> step.weight("weight").narrow(0, 0, time);
          };
      return new Input(x.values().add(places), x.lengths());
    }

    /** {@code sin(t / 10000^(2i/C))} at 2i, the cosine at 2i + 1; (T, C). */
    private static Tensor sines(int time, int width) {
      float[] values = new float[time * width];
      for (int place = 0; place < time; place++) {
        for (int i = 0; i < width; i++) {
          double angle = place / Math.pow(10_000, (double) (i - i % 2) / width);
          values[place * width + i] = (float) (i % 2 == 0 ? Math.sin(angle) : Math.cos(angle));
        }
      }
      return Tensor.of(values, time, width);
    }
  }

  /** How places are told. */
  enum Places {
    @Doc("Sines and cosines of differing length")
    SINUSOIDAL,
    @Doc("A learnt vector for each place")
    LEARNED
  }
}
