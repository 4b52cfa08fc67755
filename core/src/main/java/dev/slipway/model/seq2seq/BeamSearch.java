package dev.slipway.model.seq2seq;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;
import dev.slipway.nn.Input;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Looks for the likeliest targets of several sources at once, keeping the best few beginnings of
 * each (Wu et al. 2016, section 7). One beam is greedy search.
 *
 * <p>At each step the 2 K best of all continuations of a source's K beginnings are looked at, best
 * first: an end among the first K is a hypothesis, others go on until there are K. A source is done
 * when it has K hypotheses and no beginning can still beat the worst of them by its present score;
 * those that reach the longest length count as they are.
 */
public final class BeamSearch {
  /** How it is done. */
  public record Settings(
      @Doc("Beginnings that are kept; 1 is greedy") @Default("5") @Range(min = 1, max = 100)
          int beams,
      @Doc("α of the length penalty: 0 prefers short answers (Wu et al. 2016)")
          @Default("0.6")
          @Range(min = 0, max = 10)
          double lengthPenalty,
      @Doc("Most tokens of an answer") @Default("128") @Range(min = 1, max = 65_535)
          int maxLength) {
    /** Five beams, α = 0.6. */
    public static Settings usual(int maxLength) {
      return new Settings(5, 0.6, maxLength);
    }

    /** One beam. */
    public static Settings greedy(int maxLength) {
      return new Settings(1, 0, maxLength);
    }
  }

  /**
   * A target that was found.
   *
   * @param ids without those that begin and end it
   * @param logProbability natural logarithm, its end included
   * @param score {@code logProbability / ((5 + n) / 6)^α}, with n tokens, its end included
   */
  public record Hypothesis(int[] ids, double logProbability, double score) {}

  private record Beginning(int[] ids, double logProbability, int row) {}

  /** A beginning with one more id, and the network's row that gave it. */
  private record Candidate(Beginning from, int row, int id, double logProbability) {}

  /** What is known of one source. */
  private final class Search {
    final int source;
    List<Beginning> live;
    final List<Hypothesis> found = new ArrayList<>();

    Search(int source) {
      this.source = source;
      live = List.of(new Beginning(new int[0], 0, source));
    }

    /** Takes the best 2 K continuations: ends become hypotheses, others go on. */
    void extend(List<Candidate> candidates, int tokens) {
      candidates.sort(Comparator.comparingDouble((Candidate c) -> -c.logProbability));
      List<Beginning> next = new ArrayList<>();
      int looked = Math.min(2 * settings.beams, candidates.size());
      for (int rank = 0; rank < looked && next.size() < settings.beams; rank++) {
        Candidate candidate = candidates.get(rank);
        int[] ids = candidate.from.ids;
        if (candidate.id != end) {
          int[] longer = Arrays.copyOf(ids, ids.length + 1);
          longer[ids.length] = candidate.id;
          next.add(new Beginning(longer, candidate.logProbability, candidate.row));
        } else if (rank < settings.beams) {
          add(ids, candidate.logProbability, tokens);
        }
      }
      live = next;
    }

    void add(int[] ids, double logProbability, int tokens) {
      found.add(new Hypothesis(ids, logProbability, logProbability / penalty(tokens)));
      found.sort(Comparator.comparingDouble((Hypothesis h) -> -h.score));
      if (found.size() > settings.beams) {
        found.removeLast();
      }
    }

    boolean done(int tokens) {
      return live.isEmpty()
          || found.size() >= settings.beams
              && live.getFirst().logProbability / penalty(tokens) <= found.getLast().score;
    }
  }

  private final EncoderDecoder network;
  private final Settings settings;
  private final int begin;
  private final int end;
  private int[] sourcesOfRows = {};

  /**
   * @param begin id that begins a target
   * @param end id that ends one
   */
  public BeamSearch(EncoderDecoder network, Settings settings, int begin, int end) {
    this.network = network;
    this.settings = settings;
    this.begin = begin;
    this.end = end;
  }

  private double penalty(int tokens) {
    return StrictMath.pow((5.0 + tokens) / 6, settings.lengthPenalty);
  }

  /** The best hypotheses of each source, at most as many as beams, best first. */
  public List<List<Hypothesis>> search(Input source) {
    int sources = (int) source.values().size(0);
    List<Search> all = new ArrayList<>();
    for (int i = 0; i < sources; i++) {
      all.add(new Search(i));
    }
    sourcesOfRows = IntStream.range(0, sources).toArray();
    int longest = Math.min(settings.maxLength, network.config().size().context());
    try (EncoderDecoder.Decoding decoding = network.decoding(source)) {
      List<Search> open = new ArrayList<>(all);
      for (int tokens = 1; tokens <= longest && !open.isEmpty(); tokens++) {
        step(decoding, open, tokens);
        int now = tokens;
        open.removeIf(search -> search.done(now));
        if (tokens < longest && !open.isEmpty()) {
          choose(decoding, open);
        }
      }
      for (Search search : open) {
        for (Beginning beginning : search.live) {
          search.add(beginning.ids, beginning.logProbability, longest);
        }
      }
    }
    return all.stream().map(search -> List.copyOf(search.found)).toList();
  }

  /** Continues each source's beginnings, whose rows follow each other. */
  private void step(EncoderDecoder.Decoding decoding, List<Search> open, int tokens) {
    int[] last =
        open.stream()
            .flatMap(search -> search.live.stream())
            .mapToInt(b -> b.ids.length == 0 ? begin : b.ids[b.ids.length - 1])
            .toArray();
    try (Scope _ = Scope.open();
        Tensor logits = decoding.step(Tensor.of(last, last.length).to(DType.INT64))) {
      int width = (int) Math.min(2L * settings.beams, logits.size(1));
      Tensor.TopK best = logits.logSoftmax(-1).topk(width); // (R, 2 K)
      double[] logProbabilities = best.values().to(DType.FLOAT64).toDoubles();
      long[] ids = best.indices().toLongs();
      int row = 0;
      for (Search search : open) {
        int rows = search.live.size();
        List<Candidate> candidates = new ArrayList<>();
        for (int i = row * width; i < (row + rows) * width; i++) {
          Beginning from = search.live.get(i / width - row);
          candidates.add(
              new Candidate(
                  from, i / width, (int) ids[i], from.logProbability + logProbabilities[i]));
        }
        search.extend(candidates, tokens);
        row += rows;
      }
    }
  }

  /** Gives the network's rows to the beginnings that go on. */
  private void choose(EncoderDecoder.Decoding decoding, List<Search> open) {
    int[] rows =
        open.stream().flatMap(search -> search.live.stream()).mapToInt(b -> b.row).toArray();
    int[] sources =
        open.stream()
            .flatMapToInt(search -> search.live.stream().mapToInt(_ -> search.source))
            .toArray();
    // Rows of a source are neighbours: as long as every source keeps as many, only targets move.
    boolean same = Arrays.equals(sources, sourcesOfRows);
    sourcesOfRows = sources;
    try (Scope _ = Scope.open()) {
      decoding.choose(Tensor.of(rows, rows.length).to(DType.INT64), same);
    }
  }
}
