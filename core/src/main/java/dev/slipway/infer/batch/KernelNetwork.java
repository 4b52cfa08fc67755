package dev.slipway.infer.batch;

import dev.slipway.model.decoder.Activation;
import dev.slipway.model.decoder.Attention;
import dev.slipway.model.decoder.Block;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.FeedForward;
import dev.slipway.model.decoder.Rope;
import dev.slipway.nn.Norm;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Team;
import dev.slipway.tensor.kernel.infer.DecodeNorm;
import dev.slipway.tensor.kernel.infer.EmbeddingRows;
import dev.slipway.tensor.kernel.infer.LowRank;
import dev.slipway.tensor.kernel.infer.Operand;
import dev.slipway.tensor.kernel.infer.PackedGate;
import dev.slipway.tensor.kernel.infer.PackedLinear;
import dev.slipway.tensor.kernel.infer.PagedAttention;
import dev.slipway.tensor.kernel.infer.WeightFormat;
import dev.slipway.tensor.kernel.infer.WeightMemory;
import dev.slipway.tensor.kernel.train.Rotary;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Decoders of Llama's form by kernels of our own: all rows of a step are one product with weights
 * that were packed once, keys and values are read where they lie. A row's sums run in an order of
 * their own, so that what comes of a position depends neither on what else is in the pass nor on
 * how prompts are cut.
 */
public final class KernelNetwork implements BatchNetwork {
  /** Rows whose logits are made at once. */
  private static final int HEAD_ROWS = 64;

  private record Layer(
      DecodeNorm attentionNorm,
      PackedLinear inputs,
      PagedAttention attention,
      PackedLinear output,
      DecodeNorm mlpNorm,
      PackedGate gate,
      PackedLinear down) {}

  private final DecoderShape shape;
  private final int inner;
  private final int blocks;
  private final int context;
  private final Rope rope;
  private final WeightFormat format;
  private final Arena arena = Arena.ofShared();
  private final WeightMemory packed = new WeightMemory(arena);
  private final EmbeddingRows embedding;
  private final List<Layer> layers = new ArrayList<>();
  private final DecodeNorm lastNorm;
  private final PackedLinear head;
  private final KernelAdapters adapters;
  private Room room;

  /** Blocks from the first one on that have memory. */
  private int provided;

  private @Nullable AdapterRoom adapterRoom;

  /** Arrays for logits that came back: new ones for each token would be most of the garbage. */
  private final Deque<float[]> spare = new ArrayDeque<>();

  /** Memory for the rows of a pass. */
  private final class Room implements AutoCloseable {
    private final Arena own = Arena.ofShared();
    private final int rows;
    private final Buffer x;
    private final Operand normed;
    private final Operand last;
    private final Buffer projections;
    private final Buffer mixtures;
    private final Operand mixed;
    private final Buffer added;
    private final Operand gated;
    private final Buffer logits;
    private final Buffer cosines;
    private final Buffer sines;

    Room(int rows) {
      this.rows = rows;
      int c = shape.hiddenSize();
      int width = (int) shape.queryWidth();
      Layer layer = layers.getFirst();
      x = floats(rows, Operand.padded(c));
      normed = new Operand(own, format, rows, c);
      last = new Operand(own, headFormat(format), Math.min(rows, HEAD_ROWS), c);
      projections = floats(rows, layer.inputs.stride());
      mixtures = floats(rows, Operand.padded(width));
      mixed = new Operand(own, format, rows, width);
      added = floats(rows, layer.output.stride());
      gated = new Operand(own, format, rows, inner);
      logits = floats(Math.min(rows, HEAD_ROWS), head.stride());
      cosines = floats(rows, shape.headDim() / 2);
      sines = floats(rows, shape.headDim() / 2);
    }

    private Buffer floats(int count, int width) {
      return Buffer.allocate(own, DType.FLOAT32, (long) count * width);
    }

    @Override
    public void close() {
      own.close();
    }
  }

  /** Memory for what adapters add, and for rows in the format of theirs. */
  private final class AdapterRoom implements AutoCloseable {
    private final Arena own = Arena.ofShared();
    private final int rows;
    private final int rank;
    private final LowRank.Room low;

    /** Null where the rows of the pass itself are in that format. */
    private final @Nullable Operand normed;

    private final @Nullable Operand mixed;
    private final @Nullable Operand gated;

    AdapterRoom(int rows, int rank) {
      this.rows = rows;
      this.rank = rank;
      WeightFormat kept = KernelAdapters.kept(format);
      low = new LowRank.Room(own, kept, rows, rank);
      normed = kept == format ? null : new Operand(own, kept, rows, shape.hiddenSize());
      mixed = kept == format ? null : new Operand(own, kept, rows, (int) shape.queryWidth());
      gated = kept == format ? null : new Operand(own, kept, rows, inner);
    }

    @Override
    public void close() {
      own.close();
    }
  }

  /**
   * Packs a network's weights; nothing of the network is needed afterwards.
   *
   * @param network that {@link #covers} says yes to
   * @param format of weights
   * @param cacheType of keys and values, FLOAT32, BFLOAT16 or INT8
   */
  public KernelNetwork(DecoderNetwork network, WeightFormat format, DType cacheType, int blocks) {
    this.format = format;
    this.blocks = blocks;
    shape = network.shape();
    context =
        cacheType == DType.INT8
            ? Math.min(shape.context(), PagedAttention.LONGEST_IN_BYTES)
            : shape.context();
    rope = Objects.requireNonNull(network.blocks().getFirst().attention().settings().rope());
    embedding = new EmbeddingRows(arena, network.embedding().table());
    int width = 0;
    List<KernelAdapters.Sites> sites = new ArrayList<>();
    for (Block block : network.blocks()) {
      Block.PreNorm parts = (Block.PreNorm) block;
      FeedForward.Gated mlp = (FeedForward.Gated) parts.mlp();
      Attention.Inputs.Separate inputs = (Attention.Inputs.Separate) parts.attention().inputs();
      width = (int) dense(mlp.down()).weight().size(1);
      sites.add(sites(parts.attention(), inputs, mlp));
      layers.add(
          new Layer(
              norm(parts.attentionNorm()),
              pack(inputs.query(), inputs.key(), inputs.value()),
              attention(parts.attention().settings(), inputs, cacheType),
              pack(parts.attention().output()),
              norm(parts.mlpNorm()),
              new PackedGate(pack(mlp.gate()), pack(mlp.up())),
              pack(mlp.down())));
    }
    inner = width;
    lastNorm = norm(network.head().norm());
    Tensor weight = dense(network.head().projection()).weight();
    head = new PackedLinear(packed, headFormat(format), List.of(weight), List.of());
    adapters = new KernelAdapters(format, sites);
    room = new Room(1);
  }

  private static KernelAdapters.Sites sites(
      Attention attention, Attention.Inputs.Separate inputs, FeedForward.Gated mlp) {
    return new KernelAdapters.Sites(
        List.of(site(inputs.query()), site(inputs.key()), site(inputs.value())),
        site(attention.output()),
        site(mlp.gate()),
        site(mlp.up()),
        site(mlp.down()));
  }

  private static KernelAdapters.Site site(Projection projection) {
    return KernelAdapters.Site.of(projection, dense(projection).weight().size(0));
  }

  /** Half a byte is too little for the head, which llama.cpp, too, leaves in more. */
  private static WeightFormat headFormat(WeightFormat format) {
    return format == WeightFormat.INT4 ? WeightFormat.INT8 : format;
  }

  private DecodeNorm norm(Norm norm) {
    Norm.RmsNorm rms = (Norm.RmsNorm) norm;
    return new DecodeNorm(arena, rms.weight(), rms.epsilon());
  }

  private PagedAttention attention(
      Attention.Settings settings, Attention.Inputs.Separate inputs, DType cacheType) {
    return new PagedAttention(
        arena,
        cacheType,
        new PagedAttention.Settings(
            shape.heads(),
            shape.keyValueHeads(),
            shape.headDim(),
            settings.scale(),
            settings.window(),
            inputs.queryNorm() == null ? null : norm(inputs.queryNorm()),
            inputs.keyNorm() == null ? null : norm(inputs.keyNorm())),
        blocks);
  }

  private PackedLinear pack(Projection... projections) {
    List<Tensor> weights = new ArrayList<>();
    List<Tensor> biases = new ArrayList<>();
    for (Projection projection : projections) {
      Projection.Dense dense = dense(projection);
      weights.add(dense.weight());
      if (dense.bias() != null) {
        biases.add(dense.bias());
      }
    }
    return new PackedLinear(packed, format, weights, biases);
  }

  private static Projection.Dense dense(Projection projection) {
    return Objects.requireNonNull(denseOrNull(projection));
  }

  private static Projection.@Nullable Dense denseOrNull(Projection projection) {
    Projection inside = projection instanceof ProjectionSlot slot ? slot.projection() : projection;
    return inside instanceof Projection.Dense dense ? dense : null;
  }

  // ---- what is covered ----

  /**
   * Whether a network has nothing that these kernels lack: RMS norms before each part, rotary
   * positions, separate queries, keys and values, SwiGLU, and projections that nothing was put
   * around.
   */
  public static boolean covers(DecoderNetwork network) {
    Rope rope = network.blocks().getFirst().attention().settings().rope();
    return rope != null
        && network.preface() == null
        && network.embedding().positions() == null
        && network.embedding().scale() == 1
        && network.head().softcap() == 0
        && network.head().norm() instanceof Norm.RmsNorm
        && denseOrNull(network.head().projection()) instanceof Projection.Dense head
        && head.bias() == null
        && network.blocks().stream().allMatch(block -> covers(block, rope));
  }

  private static boolean covers(Block block, Rope rope) {
    return block instanceof Block.PreNorm parts
        && rope.equals(parts.attention().settings().rope())
        && parts.attentionNorm() instanceof Norm.RmsNorm
        && parts.mlpNorm() instanceof Norm.RmsNorm
        && parts.attention().inputs() instanceof Attention.Inputs.Separate inputs
        && sameBiases(inputs.query(), inputs.key(), inputs.value())
        && (inputs.queryNorm() == null || inputs.queryNorm() instanceof Norm.RmsNorm)
        && (inputs.keyNorm() == null || inputs.keyNorm() instanceof Norm.RmsNorm)
        && denseOrNull(parts.attention().output()) != null
        && parts.mlp() instanceof FeedForward.Gated mlp
        && mlp.activation() == Activation.SILU
        && denseOrNull(mlp.gate()) != null
        && denseOrNull(mlp.up()) != null
        && denseOrNull(mlp.down()) != null;
  }

  private static boolean sameBiases(Projection... projections) {
    int biases = 0;
    for (Projection projection : projections) {
      Projection.Dense dense = denseOrNull(projection);
      if (dense == null) {
        return false;
      }
      biases += dense.bias() == null ? 0 : 1;
    }
    return biases == 0 || biases == projections.length;
  }

  // ---- the network ----

  @Override
  public int vocabularySize() {
    return shape.vocabularySize();
  }

  @Override
  public int context() {
    return context;
  }

  /** Memory that the weights of products take. */
  public long weightBytes() {
    long bytes = head.bytes();
    for (Layer layer : layers) {
      bytes +=
          layer.inputs.bytes() + layer.output.bytes() + layer.gate.bytes() + layer.down.bytes();
    }
    return bytes;
  }

  @Override
  public int blocks() {
    return blocks;
  }

  @Override
  public int fixedPiece() {
    return 0;
  }

  @Override
  public boolean takesAdapters() {
    return true;
  }

  @Override
  public void addAdapter(String id, Map<String, LowRank.Matrices> matrices) {
    adapters.add(id, matrices);
  }

  @Override
  public void removeAdapter(String id) {
    adapters.remove(id);
  }

  /** Pieces of the same adapter are put together: its matrices are then read once. */
  @Override
  public List<float[]> run(List<Piece> pieces) {
    if (pieces.stream().map(Piece::adapter).distinct().count() < 2) {
      return compute(pieces);
    }
    List<Integer> order = new ArrayList<>(IntStream.range(0, pieces.size()).boxed().toList());
    order.sort(Comparator.comparing(at -> pieces.get(at).adapter()));
    List<float[]> computed = compute(order.stream().map(pieces::get).toList());
    List<List<float[]>> sorted = new ArrayList<>(Collections.nCopies(pieces.size(), List.of()));
    int from = 0;
    for (int at : order) {
      int to = from + pieces.get(at).wanted();
      sorted.set(at, computed.subList(from, to));
      from = to;
    }
    return sorted.stream().flatMap(List::stream).toList();
  }

  private List<float[]> compute(List<Piece> pieces) {
    int rows = pieces.stream().mapToInt(piece -> piece.ids().length).sum();
    if (rows > room.rows) {
      room.close();
      room = new Room(rows);
    }
    provide(pieces);
    PagedAttention.Batch batch = gather(pieces, rows);
    List<KernelAdapters.Rows> adapted = KernelAdapters.rows(pieces, piece -> piece.ids().length);
    AdapterRoom beside = adapted.isEmpty() ? null : adapterRoom();
    Room r = room;
    int mixtureStride = Operand.padded((int) shape.queryWidth());
    int going = rows;
    Buffer before = null;
    for (int at = 0; at < layers.size(); at++) {
      Layer layer = layers.get(at);
      layer.attentionNorm.apply(r.x, before, layer.output.stride(), null, going, r.normed);
      Operand normed = normed(layer.attentionNorm, going, beside);
      layer.inputs.apply(
          r.normed,
          going,
          r.projections,
          added(beside, adapted, at, KernelAdapters.Layer::inputs, normed));
      int[] selected = null;
      if (at == layers.size() - 1) {
        // Of rows whose logits nobody wants the last layer's keys and values are all that is read.
        selected = wanted(pieces);
        going = selected.length;
        adapted = KernelAdapters.rows(pieces, Piece::wanted);
      }
      layer.attention.apply(
          batch,
          r.projections,
          layer.inputs.stride(),
          layer.inputs.start(0),
          layer.inputs.start(1),
          layer.inputs.start(2),
          selected,
          r.mixtures,
          mixtureStride);
      if (selected != null) {
        gather(r.x, selected);
      }
      if (going == 0) {
        return List.of();
      }
      r.mixed.put(r.mixtures, mixtureStride, going);
      Operand mixed = r.mixed;
      if (beside != null && beside.mixed != null) {
        mixed = beside.mixed;
        mixed.put(r.mixtures, mixtureStride, going);
      }
      layer.output.apply(
          r.mixed, going, r.added, added(beside, adapted, at, KernelAdapters.Layer::output, mixed));
      layer.mlpNorm.apply(r.x, r.added, layer.output.stride(), null, going, r.normed);
      Operand gated = beside == null ? null : beside.gated;
      layer.gate.apply(
          r.normed,
          going,
          r.gated,
          added(
              beside,
              adapted,
              at,
              KernelAdapters.Layer::gate,
              normed(layer.mlpNorm, going, beside)),
          gated);
      layer.down.apply(
          r.gated,
          going,
          r.added,
          added(beside, adapted, at, KernelAdapters.Layer::down, gated == null ? r.gated : gated));
      before = r.added;
    }
    lastNorm.add(r.x, r.added, layers.getFirst().output.stride(), going);
    return logits(going);
  }

  private void provide(List<Piece> pieces) {
    int needed = 0;
    for (Piece piece : pieces) {
      int last = (piece.start() + piece.ids().length - 1) / BLOCK;
      for (int at = piece.start() / BLOCK; at <= last; at++) {
        needed = Math.max(needed, piece.blocks()[at] + 1);
      }
    }
    if (needed > provided) {
      List<PagedAttention> attentions = layers.stream().map(Layer::attention).toList();
      provided = PagedAttention.provide(attentions, provided, needed);
    }
  }

  /** Which rows' logits are wanted. */
  private static int[] wanted(List<Piece> pieces) {
    int[] wanted = new int[pieces.stream().mapToInt(Piece::wanted).sum()];
    int at = 0;
    int end = 0;
    for (Piece piece : pieces) {
      end += piece.ids().length;
      for (int row = end - piece.wanted(); row < end; row++) {
        wanted[at++] = row;
      }
    }
    return wanted;
  }

  /** Puts some of the rows, in their order, at the beginning. */
  private void gather(Buffer x, int[] rows) {
    long width = Operand.padded(shape.hiddenSize());
    for (int to = 0; to < rows.length; to++) {
      if (rows[to] != to) {
        x.slice(to * width, width).memory().copyFrom(x.slice(rows[to] * width, width).memory());
      }
    }
  }

  private AdapterRoom adapterRoom() {
    AdapterRoom now = adapterRoom;
    if (now == null || now.rows < room.rows || now.rank < adapters.rank()) {
      if (now != null) {
        now.close();
      }
      now = new AdapterRoom(room.rows, adapters.rank());
      adapterRoom = now;
    }
    return now;
  }

  /** The normed rows in the format of adapters' matrices. */
  private Operand normed(DecodeNorm norm, int rows, @Nullable AdapterRoom beside) {
    if (beside == null || beside.normed == null) {
      return room.normed;
    }
    norm.apply(room.x, null, 0, null, rows, beside.normed);
    return beside.normed;
  }

  private LowRank.@Nullable Added added(
      @Nullable AdapterRoom beside,
      List<KernelAdapters.Rows> adapted,
      int layer,
      KernelAdapters.Part part,
      Operand x) {
    List<LowRank.Run> runs = beside == null ? List.of() : adapters.runs(adapted, layer, part);
    return beside == null || runs.isEmpty() ? null : beside.low.of(x, runs);
  }

  /** Embeds tokens, and says where each row stands. */
  private PagedAttention.Batch gather(List<Piece> pieces, int rows) {
    int[] ids = new int[rows];
    int[] positions = new int[rows];
    int[][] tables = new int[rows][];
    int row = 0;
    for (Piece piece : pieces) {
      float[] frequencies = rope.frequencies(piece.length());
      for (int i = 0; i < piece.ids().length; i++, row++) {
        ids[row] = piece.ids()[i];
        positions[row] = piece.start() + i;
        tables[row] = piece.blocks();
        Rotary.angles(room.cosines, room.sines, row, positions[row], frequencies, rope.attention());
      }
    }
    embedding.look(ids, room.x);
    return new PagedAttention.Batch(rows, positions, tables, room.cosines, room.sines);
  }

  private List<float[]> logits(int rows) {
    List<float[]> logits = new ArrayList<>();
    for (int from = 0; from < rows; from += HEAD_ROWS) {
      int count = Math.min(HEAD_ROWS, rows - from);
      int[] selected = IntStream.range(from, from + count).toArray();
      lastNorm.apply(room.x, null, 0, selected, count, room.last);
      head.apply(room.last, count, room.logits);
      for (int row = 0; row < count; row++) {
        logits.add(spare.isEmpty() ? new float[vocabularySize()] : spare.pop());
      }
      room.logits.floats(head.stride(), logits.subList(from, from + count));
    }
    return logits;
  }

  @Override
  public void reuse(List<float[]> logits) {
    for (float[] values : logits) {
      if (spare.size() < HEAD_ROWS) {
        spare.push(values);
      }
    }
  }

  @Override
  public void aside(Runnable work) {
    Team.aside(work);
  }

  @Override
  public void close() {
    if (adapterRoom != null) {
      adapterRoom.close();
    }
    adapters.close();
    room.close();
    arena.close();
  }
}
