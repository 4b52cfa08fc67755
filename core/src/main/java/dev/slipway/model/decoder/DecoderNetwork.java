package dev.slipway.model.decoder;

import dev.slipway.model.CausalNetwork;
import dev.slipway.nn.Norm;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Segment;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A decoder-only transformer: embedding, blocks, a last norm, a head. An architecture puts its
 * parts together and this runs them, with a cache for answering and with gradients for learning.
 *
 * <p>The residual stream is float32; matrix products are done in {@link #computeType()}. Weights
 * stay their owner's.
 */
public final class DecoderNetwork implements CausalNetwork {
  private static final double HIDDEN = Double.NEGATIVE_INFINITY;

  /** Rows from which on oneDNN's float32 products are the faster ones: it lays weights out anew. */
  private static final long SEVERAL = 8;

  /**
   * What comes before the blocks.
   *
   * @param table (V, C)
   * @param positions learned ones, (context, C); null with rotary ones
   * @param scale what looked-up rows are multiplied by
   */
  public record Embedding(Tensor table, @Nullable Tensor positions, double scale) {}

  /**
   * What comes after the blocks.
   *
   * @param projection (C) to (V)
   * @param softcap {@code c tanh(logits / c)} where above 0 (Gemma Team 2024, §2)
   */
  public record Head(Norm norm, Projection projection, double softcap) {}

  private final DecoderShape shape;
  private final DType computeType;
  private final SequencedMap<String, ProjectionSlot> projections;
  private final Embedding embedding;
  private final List<Block> blocks;
  private final Head head;
  private @Nullable Preface preface;

  /**
   * @param modules what the parts were made by
   */
  public DecoderNetwork(
      DecoderShape shape, Modules modules, Embedding embedding, List<Block> blocks, Head head) {
    this.shape = shape;
    computeType = modules.weights().computeType();
    projections = modules.projections();
    this.embedding = embedding;
    this.blocks = List.copyOf(blocks);
    this.head = head;
  }

  public DecoderShape shape() {
    return shape;
  }

  @Override
  public int vocabularySize() {
    return shape.vocabularySize();
  }

  @Override
  public int hiddenSize() {
    return shape.hiddenSize();
  }

  /** The type in which matrix products are done. */
  public DType computeType() {
    return computeType;
  }

  /**
   * The places where projections stand, by the names that the checkpoint gives their modules, in
   * the order of the network; the head is {@code lm_head}. Replacing what stands in one changes the
   * network from outside.
   */
  public SequencedMap<String, ProjectionSlot> projections() {
    return projections;
  }

  public Embedding embedding() {
    return embedding;
  }

  public List<Block> blocks() {
    return blocks;
  }

  public Head head() {
    return head;
  }

  // ---- what comes before every text ----

  /** Null where texts come first. */
  public @Nullable Preface preface() {
    return preface;
  }

  /** Puts something before every text from outside, in the place of what was there; or nothing. */
  public void precede(@Nullable Preface value) {
    preface = value;
  }

  /** The longest text: the positions that there are, without those that come before it. */
  public int context() {
    return shape.context() - (preface == null ? 0 : preface.length());
  }

  // ---- passes ----

  /** A pass over whole rows of {@code columns} positions, each one document. */
  public DecoderPass pass(int columns) {
    return pass(0, columns, columns, null);
  }

  /**
   * A pass whose first position is {@code start}, after those in a cache. One position sees all; of
   * several each sees those up to itself.
   *
   * @param start counted from where texts begin
   * @param length positions that the sequence will have when all that is known of it has been given
   */
  public DecoderPass pass(int start, int columns, int length, @Nullable KeyValueCache cache) {
    if (preface == null) {
      return bare(start, columns, length, cache);
    }
    int before = preface.length();
    return bare(
        before + start,
        columns,
        before + length,
        Preface.before(preface, cache == null ? KeyValueCache.NONE : cache));
  }

  /** As {@link #pass(int, int, int, KeyValueCache)}, without what comes before every text. */
  public DecoderPass bare(int start, int columns, int length, @Nullable KeyValueCache cache) {
    Tensor positions = indices(start, columns); // (T)
    Map<Integer, DecoderPass.Mask> masks = new LinkedHashMap<>();
    for (int window : windows()) {
      masks.put(window, mask(start, columns, window));
    }
    return new DecoderPass(positions, angles(start, columns, length), masks, cache);
  }

  /** A pass over a batch whose rows may hold several documents, which do not see each other. */
  public DecoderPass pass(TokenBatch batch) {
    boolean whole = true;
    for (int start : batch.starts()) {
      whole &= start == 0;
    }
    int rows = batch.rows();
    int columns = batch.columns();
    if (whole) {
      return pass(columns);
    }
    if (preface != null) {
      return following(preface.length(), 0, batch, Preface.before(preface, KeyValueCache.NONE));
    }
    Tensor starts = Tensor.of(batch.starts(), rows, columns).to(DType.INT64); // (B, T)
    Tensor column = indices(0, columns); // (T)
    Map<Integer, DecoderPass.Mask> masks = new LinkedHashMap<>();
    for (int window : windows()) {
      Tensor seen =
          starts
              .view(rows, 1, columns, 1)
              .le(column)
              .logicalAnd(visible(0, columns, window)); // (B, 1, T, S)
      masks.put(window, new DecoderPass.Mask(added(seen), false));
    }
    // Rotary positions matter only by their differences: columns do for all documents of a row.
    return new DecoderPass(column.sub(starts), angles(0, columns, columns), masks, null);
  }

  /**
   * A pass over a batch with columns before it that all documents follow and see, such as those of
   * a prompt; without what else comes before every text.
   *
   * @param before so many columns
   */
  public DecoderPass passBehind(int before, TokenBatch batch) {
    return following(before, before, batch, null);
  }

  /**
   * Each document's positions follow the first ones, whatever other documents there are in its row.
   *
   * @param before P, positions that all documents follow
   * @param own how many of these are columns of the pass, at their beginning: all or none
   */
  private DecoderPass following(
      int before, int own, TokenBatch batch, @Nullable KeyValueCache cache) {
    int rows = batch.rows();
    int texts = batch.columns();
    int length = before + texts;
    Tensor begun = Tensor.of(batch.starts(), rows, texts).to(DType.INT64); // (B, T)
    if (own > 0) {
      begun = Tensor.cat(List.of(Tensor.zeros(DType.INT64, rows, own), begun), 1); // (B, P + T)
    }
    int columns = own + texts;
    Tensor key = indices(0, length); // (S)
    Tensor query = indices(before - own, columns); // (T)
    Tensor first = key.le(before - 1); // (S)
    Tensor start = begun.view(rows, 1, columns, 1); // (B, 1, T, 1)
    // How far back a key is: what all documents follow is as near to each as if it came first.
    Tensor distance =
        query.view(columns, 1).sub(key).sub(start.mul(first.to(DType.INT64))); // (B, 1, T, S)
    Tensor others = key.ge(start.add(before)).logicalNot().logicalAnd(first.logicalNot());
    Tensor seen = distance.ge(0).logicalAnd(others.logicalNot()); // (B, 1, T, S)
    Map<Integer, DecoderPass.Mask> masks = new LinkedHashMap<>();
    for (int window : windows()) {
      Tensor near = window == 0 ? seen : seen.logicalAnd(distance.le(window - 1));
      masks.put(window, new DecoderPass.Mask(added(near), false));
    }
    Tensor positions = query.sub(begun); // (B, T)
    Tensor places = positions.to(DType.FLOAT32);
    return new DecoderPass(
        positions, angles(rope -> rope.angles(places, length, computeType)), masks, cache);
  }

  /** Whether a position's angles depend on how long the whole sequence is. */
  public boolean positionsDependOnLength() {
    return blocks.stream()
        .map(block -> block.attention().settings().rope())
        .anyMatch(
            rope ->
                rope != null
                    && (rope.scaling() instanceof RopeScaling.Dynamic
                        || rope.scaling() instanceof RopeScaling.LongRope));
  }

  private Iterable<Integer> windows() {
    return blocks.stream().map(block -> block.attention().settings().window()).distinct().toList();
  }

  private Map<Rope, Rope.Angles> angles(int start, int columns, int length) {
    return angles(rope -> rope.angles(start, columns, length, computeType));
  }

  private Map<Rope, Rope.Angles> angles(Function<Rope, Rope.Angles> of) {
    Map<Rope, Rope.Angles> angles = new LinkedHashMap<>();
    for (Block block : blocks) {
      Rope rope = block.attention().settings().rope();
      if (rope != null && !angles.containsKey(rope)) {
        angles.put(rope, of.apply(rope));
      }
    }
    return angles;
  }

  private DecoderPass.Mask mask(int start, int columns, int window) {
    if (columns == 1) {
      return new DecoderPass.Mask(null, false);
    }
    boolean windowHides = window > 0 && start + columns > window;
    if (start == 0 && !windowHides && computeType == DType.FLOAT32) {
      return new DecoderPass.Mask(null, true);
    }
    return new DecoderPass.Mask(added(visible(start, columns, window)), false);
  }

  /** Whether row {@code start + t} sees column s, (T, S). */
  private static Tensor visible(int start, int columns, int window) {
    Tensor column = indices(0, start + columns).view(1, start + columns); // (1, S)
    Tensor seen = column.le(indices(start, columns).view(columns, 1)); // (T, S)
    if (window == 0) {
      return seen;
    }
    Tensor first = indices(start + 1 - window, columns).view(columns, 1); // (T, 1)
    return seen.logicalAnd(column.ge(first)); // (T, S)
  }

  private static Tensor indices(int start, int count) {
    return Tensor.of(LongStream.range(start, (long) start + count).toArray(), count); // (count)
  }

  private Tensor added(Tensor seen) {
    return Tensor.zeros(computeType, 1)
        .expand(seen.shape())
        .maskedFill(seen.logicalNot(), HIDDEN); // as seen
  }

  // ---- forward ----

  /** Hidden states after the last norm, (B, T, C), of ids (B, T). */
  public Tensor hidden(Tensor ids, DecoderPass pass) {
    return hiddenOf(embed(ids, pass), pass); // (B, T, C)
  }

  /** As {@link #hidden}, from embedded rows (B, T, C), such as tuned prompts. */
  public Tensor hiddenOf(Tensor embedded, DecoderPass pass) {
    try (Matmul.Float32ByOneDnn _ = products(embedded)) {
      Tensor x = embedded;
      for (Block block : blocks) {
        x = block.forward(x, computeType, pass); // (B, T, C)
      }
      return head.norm.apply(x); // (B, T, C)
    }
  }

  private Matmul.Float32ByOneDnn products(Tensor x) {
    return Matmul.Float32ByOneDnn.open(
        Matmul.Float32ByOneDnn.pays(computeType, shape.hiddenSize())
            && x.numel() >= SEVERAL * shape.hiddenSize());
  }

  /** What goes into the first block, (B, T, C) in float32, of ids (B, T). */
  public Tensor embed(Tensor ids, DecoderPass pass) {
    return placed(lookedUp(ids), pass);
  }

  /** The rows of ids, (…, C) in float32, without what tells their positions. */
  public Tensor lookedUp(Tensor ids) {
    Tensor x = Functional.embedding(ids, embedding.table).to(DType.FLOAT32); // (…, C)
    return embedding.scale == 1 ? x : x.mul(embedding.scale); // (…, C)
  }

  /** Rows (B, T, C) with learned positions where there are some. */
  public Tensor placed(Tensor x, DecoderPass pass) {
    return embedding.positions == null
        ? x
        : x.add(Functional.embedding(pass.positions(), embedding.positions)); // (B, T, C)
  }

  /** The network but for its head, in order: ids (B, T) in, hidden states (B, T, C) out. */
  public List<Segment> segments(DecoderPass pass) {
    List<Segment> segments = new ArrayList<>();
    segments.add(ids -> embed(ids, pass));
    for (Block block : blocks) {
      segments.add(x -> block.forward(x, computeType, pass));
    }
    segments.add(head.norm::apply);
    return segments;
  }

  @Override
  public List<Segment> segments(TokenBatch batch) {
    return segments(pass(batch));
  }

  @Override
  public Tensor scores(Tensor hidden) {
    try (Matmul.Float32ByOneDnn _ = products(hidden)) {
      return head.projection.apply(hidden.to(computeType)).to(DType.FLOAT32); // (…, V)
    }
  }

  @Override
  public Tensor logits(Tensor hidden) {
    Tensor logits = scores(hidden); // (…, V)
    return head.softcap > 0
        ? logits.div(head.softcap).tanh().mul(head.softcap) // (…, V)
        : logits;
  }
}
