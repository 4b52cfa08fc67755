package dev.slipway.model.seq2seq;

import dev.slipway.nn.Norm;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.Projection;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A block of the encoder or of the decoder: parts with a residual connection around each and a norm
 * before or after, as {@code torch.nn.TransformerEncoderLayer} and {@code TransformerDecoderLayer}
 * have them. Attention's own shares are not dropped.
 */
final class Block {
  private final Attention self;
  private final @Nullable Attention cross;
  private final Projection up;
  private final Projection down;
  private final List<Norm> norms = new ArrayList<>();
  private final boolean normFirst;
  private final double dropout;

  Block(EncoderDecoderConfig config, ParameterSet parameters, String layer, boolean decoder) {
    EncoderDecoderConfig.Size size = config.size();
    self = new Attention(parameters, layer + "self_attn.", size.heads());
    cross = decoder ? new Attention(parameters, layer + "multihead_attn.", size.heads()) : null;
    up = dense(parameters, layer + "linear1");
    down = dense(parameters, layer + "linear2");
    for (int i = 1; i <= (decoder ? 3 : 2); i++) {
      norms.add(norm(parameters, layer + "norm" + i));
    }
    normFirst = size.norm() == EncoderDecoderConfig.NormPlace.PRE;
    dropout = size.dropout();
  }

  private static Projection dense(ParameterSet parameters, String name) {
    return new Projection.Dense(
        parameters.value(name + ".weight"), parameters.value(name + ".bias"));
  }

  static Norm norm(ParameterSet parameters, String name) {
    return new Norm.LayerNorm(
        parameters.value(name + ".weight"),
        parameters.value(name + ".bias"),
        EncoderDecoderConfig.NORM_EPSILON);
  }

  /** What the decoder's positions see of the memory (B, S, C), once for all of them. */
  Attention.KeyValues ofMemory(Tensor memory) {
    return crossAttention().keyValues(memory);
  }

  /** Encoder: (B, S, C) to (B, S, C). */
  Tensor encode(Tensor x, @Nullable Tensor mask, boolean training) {
    x =
        part(
            x,
            0,
            training,
            in -> {
              Attention.QueryKeyValues own = self.queryKeyValues(in);
              return self.mix(own.queries(), own.seen(), mask, false);
            });
    return part(x, 1, training, in -> feedForward(in, training));
  }

  /** Decoder with all positions at hand: (B, T, C) to (B, T, C). */
  Tensor decode(Tensor x, Attention.KeyValues memory, @Nullable Tensor mask, boolean training) {
    x =
        part(
            x,
            0,
            training,
            in -> {
              Attention.QueryKeyValues own = self.queryKeyValues(in);
              return self.mix(own.queries(), own.seen(), null, true);
            });
    return rest(x, memory, mask, training);
  }

  /** A decoder's next position (R, 1, C), and all that it and later ones see. */
  record Stepped(Tensor x, Attention.KeyValues seen) {}

  /** Decoder with one more position. */
  Stepped step(
      Tensor x,
      Attention.@Nullable KeyValues before,
      Attention.KeyValues memory,
      @Nullable Tensor mask) {
    List<Attention.KeyValues> seen = new ArrayList<>();
    x =
        part(
            x,
            0,
            false,
            in -> {
              Attention.QueryKeyValues own = self.queryKeyValues(in);
              seen.add(before == null ? own.seen() : before.and(own.seen()));
              return self.mix(own.queries(), seen.getFirst(), null, false);
            });
    return new Stepped(rest(x, memory, mask, false), seen.getFirst());
  }

  private Tensor rest(
      Tensor x, Attention.KeyValues memory, @Nullable Tensor mask, boolean training) {
    Attention attention = crossAttention();
    x = part(x, 1, training, in -> attention.mix(attention.queries(in), memory, mask, false));
    return part(x, 2, training, in -> feedForward(in, training));
  }

  private Attention crossAttention() {
    if (cross == null) {
      throw new IllegalStateException("a block of the encoder has no memory");
    }
    return cross;
  }

  private Tensor feedForward(Tensor x, boolean training) {
    return down.apply(dropped(Layers.relu(up.apply(x)), training));
  }

  /** {@code x + f(norm(x))}, or {@code norm(x + f(x))}. */
  private Tensor part(Tensor x, int index, boolean training, UnaryOperator<Tensor> f) {
    Norm norm = norms.get(index);
    return normFirst
        ? x.add(dropped(f.apply(norm.apply(x)), training))
        : norm.apply(x.add(dropped(f.apply(x), training)));
  }

  private Tensor dropped(Tensor x, boolean training) {
    return training && dropout > 0 ? Layers.dropout(x, dropout) : x;
  }
}
