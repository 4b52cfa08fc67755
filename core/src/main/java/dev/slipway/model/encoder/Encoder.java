package dev.slipway.model.encoder;

import dev.slipway.model.Pass;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.Norm;
import dev.slipway.nn.Projections;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Embeddings and blocks of a bidirectional transformer with a norm after each part (Vaswani et al.
 * 2017, section 3.1; Devlin et al. 2019, section 3).
 *
 * <p>Shapes: B rows, T columns, N tokens in all, C hidden size, H heads, D = C / H, F inner width.
 */
public final class Encoder {
  /** In place of -∞, of which a row without any true token would make NaN. */
  private static final double UNSEEN = -1e9;

  private record Block(
      String name,
      List<String> queryKeyValue,
      String attentionOutput,
      Norm attentionNorm,
      String up,
      String down,
      Norm norm) {}

  private final EncoderConfig config;
  private final PositionIds positionIds;
  private final Projections projections;
  private final DType computeType;
  private final Tensor words;
  private final Tensor positions;
  private final Tensor types;
  private final Norm embeddingNorm;
  private final List<Block> blocks = new ArrayList<>();

  /**
   * @param prefix before each parameter's name
   * @param weights has the parameters of {@code config}
   * @param projections is given every linear map by its module's name
   */
  public Encoder(
      EncoderConfig config,
      String prefix,
      PositionIds positionIds,
      Weights weights,
      Projections projections) {
    this.config = config;
    this.positionIds = positionIds;
    this.projections = projections;
    computeType = weights.computeType();
    words = weights.value(prefix + "embeddings.word_embeddings.weight");
    positions = weights.value(prefix + "embeddings.position_embeddings.weight");
    types = weights.value(prefix + "embeddings.token_type_embeddings.weight");
    embeddingNorm = norm(weights, prefix + "embeddings.LayerNorm");
    for (int i = 0; i < config.layers(); i++) {
      String layer = prefix + "encoder.layer." + i;
      Block block =
          new Block(
              layer,
              List.of(
                  layer + ".attention.self.query",
                  layer + ".attention.self.key",
                  layer + ".attention.self.value"),
              layer + ".attention.output.dense",
              norm(weights, layer + ".attention.output.LayerNorm"),
              layer + ".intermediate.dense",
              layer + ".output.dense",
              norm(weights, layer + ".output.LayerNorm"));
      projections.add(block.queryKeyValue.toArray(String[]::new));
      projections.add(block.attentionOutput);
      projections.add(block.up);
      projections.add(block.down);
      blocks.add(block);
    }
  }

  private Norm norm(Weights weights, String name) {
    return new Norm.LayerNorm(
        weights.value(name + ".weight"), weights.value(name + ".bias"), config.normEpsilon());
  }

  public EncoderConfig config() {
    return config;
  }

  /** How many tokens the longest sequence has. */
  public int longest() {
    return config.positions() - positionIds.first();
  }

  /**
   * Hidden states (B, T, C) of a network's inputs.
   *
   * @see TextEncoder
   */
  public Tensor hidden(Inputs inputs, Pass pass) {
    Input ids =
        inputs.byName().containsKey(TextEncoder.IDS)
            ? inputs.get(TextEncoder.IDS)
            : inputs.single();
    Input given = inputs.byName().get(TextEncoder.TYPES);
    Tensor values = ids.values();
    long[] all = values.toLongs();
    int columns = Math.toIntExact(values.size(1));
    refuseLonger(columns);
    long[] at = new long[all.length];
    for (int from = 0; from < all.length; from += columns) {
      positionIds.fill(all, from, columns, at);
    }
    Tensor x;
    try (Scope scope = Scope.open()) {
      Tensor places = Tensor.of(at, values.shape());
      x = scope.leave(embed(values, given == null ? null : given.values(), places, pass));
    }
    Tensor mask = mask(values.size(0), columns, ids.lengths()); // (B, 1, 1, T)
    double dropout = pass.training() ? config.attentionDropout() : 0;
    return blocks(x, qkv -> mix(qkv, mask, dropout), pass);
  }

  /**
   * Hidden states (N, C) of sequences that are not padded: every product is of all tokens at once,
   * and attention of those of a length.
   */
  public Tensor hidden(PackedTokens tokens) {
    long[] ids = Arrays.stream(tokens.ids()).asLongStream().toArray();
    long[] at = new long[ids.length];
    int from = 0;
    for (PackedTokens.Span span : tokens.spans()) {
      refuseLonger(span.length());
      for (int row = 0; row < span.rows(); row++) {
        positionIds.fill(ids, from, span.length(), at);
        from += span.length();
      }
    }
    long[] kinds = Arrays.stream(tokens.types()).asLongStream().toArray();
    Tensor typeIds = kinds.length == 0 ? null : Tensor.of(kinds, kinds.length);
    Tensor x = embed(Tensor.of(ids, ids.length), typeIds, Tensor.of(at, at.length), Pass.INFERENCE);
    return blocks(x, qkv -> mix(qkv, tokens.spans()), Pass.INFERENCE);
  }

  private void refuseLonger(int length) {
    if (length > longest()) {
      throw new IllegalArgumentException(length + " tokens, the longest sequence has " + longest());
    }
  }

  private Tensor embed(Tensor ids, @Nullable Tensor typeIds, Tensor at, Pass pass) {
    Tensor typed =
        typeIds == null
            ? types.narrow(0, 0, 1).view(config.hiddenSize())
            : Functional.embedding(typeIds, types);
    Tensor x =
        Functional.embedding(ids, words, config.padId())
            .add(typed)
            .add(Functional.embedding(at, positions, positionIds.padding())); // (…, C)
    return dropped(embeddingNorm.apply(x), pass);
  }

  private Tensor blocks(Tensor x, UnaryOperator<Tensor> mix, Pass pass) {
    for (Block block : blocks) {
      try (Scope scope = Scope.open()) {
        x = scope.leave(block(block, x, mix, pass)); // (…, C)
      }
      pass.watch().output(block.name, x);
    }
    return x;
  }

  private Tensor block(Block block, Tensor x, UnaryOperator<Tensor> mix, Pass pass) {
    Tensor seen = mix.apply(projections.apply(block.queryKeyValue, operand(x))); // (…, C)
    x = added(block.attentionNorm, x, projections.apply(block.attentionOutput, seen), pass);
    Tensor inner = projections.apply(block.up, operand(x)); // (…, F)
    Tensor change = projections.apply(block.down, config.activation().apply(inner)); // (…, C)
    return added(block.norm, x, change, pass);
  }

  private Tensor added(Norm norm, Tensor x, Tensor change, Pass pass) {
    return norm.apply(x.add(dropped(change, pass)));
  }

  private Tensor operand(Tensor x) {
    return computeType == DType.FLOAT32 ? x : x.to(computeType);
  }

  private Tensor dropped(Tensor x, Pass pass) {
    double share = config.hiddenDropout();
    return pass.training() && share > 0 ? Layers.dropout(x, share) : x;
  }

  /** Queries, keys and values (B, T, 3 C) to what each place takes from all, (B, T, C). */
  private Tensor mix(Tensor qkv, @Nullable Tensor mask, double dropout) {
    long rows = qkv.size(0);
    long columns = qkv.size(1);
    int heads = config.heads();
    long width = config.hiddenSize() / heads;
    Tensor headed = qkv.view(rows, columns, 3L * heads, width).transpose(1, 2); // (B, 3 H, T, D)
    List<Tensor> parts = Functional.split(headed, 1, heads, heads, heads);
    if (qkv.dtype() == DType.BFLOAT16) {
      return byProducts(parts, mask, dropout)
          .transpose(1, 2)
          .reshape(rows, columns, config.hiddenSize());
    }
    Tensor typedMask = mask == null || computeType == DType.FLOAT32 ? mask : mask.to(computeType);
    try (Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.paused()) {
      return Functional.scaledDotProductAttention(
              parts.get(0), parts.get(1), parts.get(2), typedMask, dropout)
          .transpose(1, 2)
          .reshape(rows, columns, config.hiddenSize());
    }
  }

  /** In bfloat16: libtorch's fused attention is slow there on processors, batched products fast. */
  private static Tensor byProducts(List<Tensor> parts, @Nullable Tensor mask, double dropout) {
    Tensor q = parts.get(0); // (B, H, T, D)
    Tensor scores =
        q.div(Math.sqrt(q.size(3))).matmul(parts.get(1).transpose(2, 3)).to(DType.FLOAT32);
    Tensor shares = (mask == null ? scores : scores.add(mask)).softmax(-1); // (B, H, T, T)
    Tensor kept = dropout > 0 ? Layers.dropout(shares, dropout) : shares;
    return kept.to(q.dtype()).matmul(parts.get(2)); // (B, H, T, D)
  }

  /** As {@link #mix}, of (N, 3 C) to (N, C), each span for itself. */
  private Tensor mix(Tensor qkv, List<PackedTokens.Span> spans) {
    List<Tensor> mixed = new ArrayList<>();
    long from = 0;
    for (PackedTokens.Span span : spans) {
      long tokens = (long) span.rows() * span.length();
      Tensor own = qkv.narrow(0, from, tokens).view(span.rows(), span.length(), qkv.size(1));
      mixed.add(mix(own, null, 0).view(tokens, config.hiddenSize()));
      from += tokens;
    }
    return mixed.size() == 1 ? mixed.getFirst() : Tensor.cat(mixed, 0);
  }

  /** What is added to scores, (B, 1, 1, T); null where no row is padded. */
  private static @Nullable Tensor mask(long rows, int columns, @Nullable Tensor lengths) {
    if (lengths == null) {
      return null;
    }
    long[] counts = lengths.toLongs();
    float[] mask = new float[Math.toIntExact(rows * columns)];
    boolean padded = false;
    for (int row = 0; row < counts.length; row++) {
      for (int t = (int) counts[row]; t < columns; t++) {
        mask[row * columns + t] = (float) UNSEEN;
        padded = true;
      }
    }
    return padded ? Tensor.of(mask, rows, 1, 1, columns) : null;
  }
}
