package dev.slipway.infer;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.encoder.PackedTokens;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.model.pretrained.CrossEncoderModules;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tokenizer.SequenceTokenizer;
import dev.slipway.tokenizer.TokenSequence;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * How well two texts go together, such as a question and what may answer it: both are read as one
 * sequence (Nogueira and Cho 2019), as sentence-transformers' {@code CrossEncoder} has it. Pairs
 * are sorted by length and nothing is padded. Not for several threads, and for platform threads
 * alone.
 */
public final class CrossEncoder implements AutoCloseable {
  /** Tokens of a pass, as {@link Embedder}'s. */
  private static final int TOKENS = 1024;

  private final Tokenizer tokenizer;
  private final SequenceTokenizer pairs;
  private final CrossEncoderModules modules;
  private final TextEncoder network;
  private final int longest;

  private CrossEncoder(Tokenizer tokenizer, CrossEncoderModules modules, TextEncoder network) {
    this.tokenizer = tokenizer;
    this.modules = modules;
    this.network = network;
    Integer limit = modules.longest();
    int most = network.encoder().longest();
    longest = limit == null ? most : Math.min(limit, most);
    pairs =
        SequenceTokenizer.of(
            tokenizer.json(),
            "the tokenizer of " + modules.encoder(),
            longest,
            SequenceTokenizer.Truncation.LONGEST,
            0);
  }

  /** Whether a folder in Hugging Face's or sentence-transformers' layout is a cross-encoder. */
  public static boolean is(Path folder) {
    return CrossEncoderModules.is(folder);
  }

  /**
   * Opens a folder that {@link #is} a cross-encoder.
   *
   * @throws SlipwayException if something in it is missing or wrong
   */
  public static CrossEncoder open(Path folder) {
    CrossEncoderModules modules = CrossEncoderModules.of(folder);
    Tokenizer tokenizer = ModelFolder.tokenizer(modules.encoder());
    TextEncoder network = EncoderFolder.open(modules.encoder());
    try {
      int vocabulary = network.encoder().config().vocabularySize();
      if (tokenizer.vocabularySize() > vocabulary) {
        throw new SlipwayException(
            Exit.INPUT,
            "model.tokenizer-mismatch",
            folder
                + " has a tokenizer with "
                + tokenizer.vocabularySize()
                + " ids, expected at most the model's "
                + vocabulary,
            "put the tokenizer.json there that the model was trained with");
      }
      return new CrossEncoder(tokenizer, modules, network);
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The most tokens of a pair that are taken, special ones included. */
  public int longest() {
    return longest;
  }

  /**
   * @param scores the higher, the better both texts go together; from 0 to 1 unless the model says
   *     otherwise
   * @param tokens that were read, of all pairs together
   */
  public record Scores(List<Double> scores, int tokens) {
    public Scores {
      scores = List.copyOf(scores);
    }
  }

  /**
   * The score of each pair, in their order.
   *
   * @param first as many as {@code second}, or one that goes with each of those
   */
  public Scores scores(List<String> first, List<String> second) {
    if (first.size() != 1 && first.size() != second.size()) {
      throw new IllegalArgumentException(first.size() + " texts with " + second.size());
    }
    List<String> one =
        IntStream.range(0, second.size())
            .mapToObj(i -> prepared(first.get(first.size() == 1 ? 0 : i)))
            .toList();
    List<TokenSequence> read = pairs.pairs(one, second.stream().map(this::prepared).toList());
    int[] order =
        IntStream.range(0, read.size())
            .boxed()
            .sorted(
                Comparator.comparingInt((Integer i) -> read.get(i).length())
                    .reversed()
                    .thenComparing(i -> i))
            .mapToInt(Integer::intValue)
            .toArray();
    Double[] scores = new Double[read.size()];
    try (NoGrad _ = NoGrad.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open()) {
      for (int from = 0; from < order.length; ) {
        int to = from;
        int tokens = 0;
        while (to < order.length
            && (to == from || tokens + read.get(order[to]).length() <= TOKENS)) {
          tokens += read.get(order[to++]).length();
        }
        score(read, order, from, to, tokens, scores);
        from = to;
      }
    }
    return new Scores(List.of(scores), read.stream().mapToInt(TokenSequence::length).sum());
  }

  private String prepared(String text) {
    return modules.lowerCase() ? text.toLowerCase(Locale.ROOT) : text;
  }

  /** A pass over pairs that are sorted by length. */
  private void score(
      List<TokenSequence> read, int[] order, int from, int to, int tokens, Double[] scores) {
    boolean typed = modules.typed() && network.encoder().config().types() > 1;
    int[] ids = new int[tokens];
    int[] types = new int[typed ? tokens : 0];
    List<PackedTokens.Span> spans = new ArrayList<>();
    int at = 0;
    int rows = 0;
    for (int i = from; i < to; i++) {
      TokenSequence own = read.get(order[i]);
      System.arraycopy(own.ids(), 0, ids, at, own.length());
      if (typed) {
        System.arraycopy(own.types(), 0, types, at, own.length());
      }
      at += own.length();
      rows++;
      if (i + 1 == to || read.get(order[i + 1]).length() != own.length()) {
        spans.add(new PackedTokens.Span(rows, own.length()));
        rows = 0;
      }
    }
    try (Scope _ = Scope.open()) {
      float[] logits =
          network.classified(new PackedTokens(ids, types, spans)).contiguous().toFloats(); // (B, 1)
      for (int i = from; i < to; i++) {
        scores[order[i]] = modules.activation().apply(logits[i - from]);
      }
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
