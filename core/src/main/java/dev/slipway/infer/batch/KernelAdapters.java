package dev.slipway.infer.batch;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.batch.BatchNetwork.Piece;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.tensor.kernel.infer.LowRank;
import dev.slipway.tensor.kernel.infer.WeightFormat;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank adapters beside a {@link KernelNetwork}'s weights, which all of them share: rows of a
 * pass that name an adapter get what it adds, next to rows of others and of none (Sheng et al.
 * 2023, "S-LoRA", §5; Chen et al. 2023, "Punica", §4).
 */
final class KernelAdapters implements AutoCloseable {
  /**
   * A projection, as adapters name it.
   *
   * @param name its module's name in the checkpoint; empty where it has none
   */
  record Site(String name, int out) {
    static Site of(Projection projection, long out) {
      return new Site(
          projection instanceof ProjectionSlot slot ? slot.name() : "", Math.toIntExact(out));
    }
  }

  /** The projections of a layer, by the rows that they read. */
  record Sites(List<Site> inputs, Site output, Site gate, Site up, Site down) {}

  /** What an adapter adds to a layer; null where it adds nothing. */
  record Layer(
      @Nullable LowRank inputs,
      @Nullable LowRank output,
      @Nullable LowRank gate,
      @Nullable LowRank down) {}

  /** What an adapter adds. */
  private record Packed(Arena arena, List<Layer> layers, int rank) {}

  private final WeightFormat format;
  private final List<Sites> sites;
  private final Map<String, Packed> packed = new HashMap<>();

  /**
   * @param format of the network's weights: where it is of integers, adapters are kept in bfloat16
   */
  KernelAdapters(WeightFormat format, List<Sites> sites) {
    this.format = kept(format);
    this.sites = List.copyOf(sites);
  }

  static WeightFormat kept(WeightFormat format) {
    return format == WeightFormat.FLOAT32 ? format : WeightFormat.BFLOAT16;
  }

  /**
   * Packs an adapter.
   *
   * @param matrices by the names of their modules
   * @throws SlipwayException {@code adapter.not-batchable} where a module is none of the network's
   *     blocks
   */
  @SuppressWarnings("MustBeClosedChecker") // the arena lives until the adapter is removed
  void add(String id, Map<String, LowRank.Matrices> matrices) {
    Set<String> unused = new LinkedHashSet<>(matrices.keySet());
    Arena arena = Arena.ofShared();
    try {
      List<Layer> layers = new ArrayList<>();
      for (Sites at : sites) {
        layers.add(
            new Layer(
                pack(arena, matrices, unused, List.of(at.inputs)),
                pack(arena, matrices, unused, List.of(List.of(at.output))),
                pack(arena, matrices, unused, List.of(List.of(at.gate), List.of(at.up))),
                pack(arena, matrices, unused, List.of(List.of(at.down)))));
      }
      if (!unused.isEmpty()) {
        throw new SlipwayException(
            Exit.INPUT,
            "adapter.not-batchable",
            "the adapter changes "
                + unused.iterator().next()
                + ", expected projections of attention and feed-forward alone",
            "put it into a copy of the model with `slipway merge`, and serve that");
      }
      packed.put(id, new Packed(arena, layers, rank(layers)));
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private @Nullable LowRank pack(
      Arena arena,
      Map<String, LowRank.Matrices> matrices,
      Set<String> unused,
      List<List<Site>> products) {
    List<LowRank.@Nullable Matrices> meant = new ArrayList<>();
    boolean any = false;
    for (List<Site> product : products) {
      for (Site site : product) {
        LowRank.Matrices found = matrices.get(site.name);
        unused.remove(site.name);
        any |= found != null;
        meant.add(found);
      }
    }
    List<List<Integer>> outs =
        products.stream().map(product -> product.stream().map(Site::out).toList()).toList();
    return any ? LowRank.pack(arena, format, outs, meant) : null;
  }

  private static int rank(List<Layer> layers) {
    int rank = 0;
    for (Layer layer : layers) {
      for (LowRank maps :
          new @Nullable LowRank[] {layer.inputs, layer.output, layer.gate, layer.down}) {
        rank = Math.max(rank, maps == null ? 0 : maps.rank());
      }
    }
    return rank;
  }

  /** Frees an adapter that no sequence uses any more. */
  void remove(String id) {
    Packed gone = packed.remove(id);
    if (gone != null) {
      gone.arena.close();
    }
  }

  /** Σ r of the widest that is there. */
  int rank() {
    return packed.values().stream().mapToInt(Packed::rank).max().orElse(0);
  }

  /** Rows of a pass that one adapter adds to. */
  record Rows(String adapter, int from, int count) {}

  /**
   * Those of pieces, one after the other, that name an adapter.
   *
   * @param rows how many of a piece there are
   */
  static List<Rows> rows(List<Piece> pieces, ToIntFunction<Piece> rows) {
    List<Rows> all = new ArrayList<>();
    int from = 0;
    for (Piece piece : pieces) {
      int count = rows.applyAsInt(piece);
      Rows last = all.isEmpty() ? null : all.getLast();
      if (count > 0 && !piece.adapter().isEmpty()) {
        if (last != null
            && last.adapter.equals(piece.adapter())
            && last.from + last.count == from) {
          all.set(all.size() - 1, new Rows(last.adapter, last.from, last.count + count));
        } else {
          all.add(new Rows(piece.adapter(), from, count));
        }
      }
      from += count;
    }
    return all;
  }

  /** Which part of a layer. */
  interface Part {
    @Nullable LowRank of(Layer layer);
  }

  /** What is added to a part of a layer, of rows of one adapter after those of another. */
  List<LowRank.Run> runs(List<Rows> rows, int layer, Part part) {
    List<LowRank.Run> runs = new ArrayList<>();
    for (Rows each : rows) {
      Packed adapter = packed.get(each.adapter);
      if (adapter == null) {
        throw new IllegalStateException("the adapter " + each.adapter + " is not loaded");
      }
      LowRank maps = part.of(adapter.layers.get(layer));
      if (maps != null) {
        runs.add(new LowRank.Run(maps, each.from, each.count));
      }
    }
    return runs;
  }

  @Override
  public void close() {
    List.copyOf(packed.keySet()).forEach(this::remove);
  }
}
