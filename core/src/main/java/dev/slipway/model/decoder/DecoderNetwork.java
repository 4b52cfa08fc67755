package dev.slipway.model.decoder;

import dev.slipway.model.CausalNetwork;
import dev.slipway.nn.Norm;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Segment;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
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

  // ---- passes ----

  /** A pass over whole rows of {@code columns} positions, each one document. */
  public DecoderPass pass(int columns) {
    return pass(0, columns, columns, null);
  }

  /**
   * A pass whose first position is {@code start}, after those in a cache. One position sees all; of
   * several each sees those up to itself.
   *
   * @param length positions that the sequence will have when all that is known of it has been given
   */
  public DecoderPass pass(int start, int columns, int length, @Nullable KeyValueCache cache) {
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
    Map<Rope, Rope.Angles> angles = new LinkedHashMap<>();
    for (Block block : blocks) {
      Rope rope = block.attention().settings().rope();
      if (rope != null && !angles.containsKey(rope)) {
        angles.put(rope, rope.angles(start, columns, length, computeType));
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
    Tensor x = embedded;
    for (Block block : blocks) {
      x = block.forward(x, computeType, pass); // (B, T, C)
    }
    return head.norm.apply(x); // (B, T, C)
  }

  /** What goes into the first block, (B, T, C) in float32, of ids (B, T). */
  public Tensor embed(Tensor ids, DecoderPass pass) {
    Tensor x = Functional.embedding(ids, embedding.table).to(DType.FLOAT32); // (B, T, C)
    if (embedding.scale != 1) {
      x = x.mul(embedding.scale); // (B, T, C)
    }
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
  public Tensor logits(Tensor hidden) {
    Tensor logits = head.projection.apply(hidden.to(computeType)).to(DType.FLOAT32); // (…, V)
    return head.softcap > 0
        ? logits.div(head.softcap).tanh().mul(head.softcap) // (…, V)
        : logits;
  }
}
