package dev.slipway.infer;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.encoder.PackedTokens;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.SentenceModules;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Texts to vectors, as sentence-transformers does by {@code modules.json}; without one the mean
 * over tokens of the last hidden states. Texts are sorted by length and nothing is padded. Not for
 * several threads, and for platform threads alone.
 */
public final class Embedder implements AutoCloseable {
  /** Tokens of a pass: enough for full speed, few enough for the caches. */
  private static final int TOKENS = 1024;

  private final Tokenizer tokenizer;
  private final SentenceModules modules;
  private final HiddenStates states;
  private final List<SentenceStep> steps = new ArrayList<>();
  private final int longest;
  private final int width;
  private final int skipped;

  private Embedder(Tokenizer tokenizer, SentenceModules modules, HiddenStates states) {
    this.tokenizer = tokenizer;
    this.modules = modules;
    this.states = states;
    Integer limit = modules.longest();
    longest = limit == null ? states.longest() : Math.min(limit, states.longest());
    skipped = modules.promptPooled() ? 0 : promptLength(tokenizer, modules.prompt());
    int last = states.width() * modules.pooling().modes().size();
    for (SentenceModules.Step step : modules.steps()) {
      SentenceStep opened = SentenceStep.open(step, last);
      last = opened.width(last);
      steps.add(opened);
    }
    width = last;
  }

  /** Tokens before a text that belong to the prompt: all but the special one at the end. */
  private static int promptLength(Tokenizer tokenizer, String prompt) {
    if (prompt.isEmpty()) {
      return 0;
    }
    int[] ids = tokenizer.encodeWithSpecialTokens(prompt);
    boolean ends = ids.length > 0 && tokenizer.specialIds().contains(ids[ids.length - 1]);
    return ids.length - (ends ? 1 : 0);
  }

  /**
   * Opens a folder in Hugging Face's or sentence-transformers' layout, computing in float32.
   *
   * @throws SlipwayException if its architecture is unknown, or something in it is missing or wrong
   */
  public static Embedder open(Path folder) {
    return open(folder, DType.FLOAT32);
  }

  /**
   * As above, with matrix products in another type.
   *
   * @param computeType FLOAT32 or BFLOAT16
   */
  public static Embedder open(Path folder, DType computeType) {
    SentenceModules modules = SentenceModules.of(folder);
    Tokenizer tokenizer = ModelFolder.tokenizer(modules.encoder());
    HiddenStates states = HiddenStates.open(modules.encoder(), computeType);
    try {
      int vocabulary = states.vocabularySize();
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
      return new Embedder(tokenizer, modules, states);
    } catch (RuntimeException e) {
      states.close();
      throw e;
    }
  }

  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** The most tokens of a text that are taken, special ones included. */
  public int longest() {
    return longest;
  }

  /** The length of a vector. */
  public int width() {
    return width;
  }

  /**
   * The vector of each text, in their order.
   *
   * @throws SlipwayException {@code tokenizer.no-tokens} for a text that comes to none
   */
  public List<float[]> embed(List<String> texts) {
    return vectors(texts).vectors();
  }

  /**
   * @param vectors of texts, in their order
   * @param tokens that were read, of all texts together
   */
  public record Vectors(List<float[]> vectors, int tokens) {
    public Vectors {
      vectors = List.copyOf(vectors);
    }
  }

  /** {@link #embed} with the number of tokens. */
  public Vectors vectors(List<String> texts) {
    List<int[]> ids = ids(texts);
    int[] order =
        IntStream.range(0, ids.size())
            .boxed()
            .sorted(
                Comparator.comparingInt((Integer i) -> ids.get(i).length)
                    .reversed()
                    .thenComparing(i -> i))
            .mapToInt(Integer::intValue)
            .toArray();
    float[][] vectors = new float[texts.size()][];
    try (NoGrad _ = NoGrad.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open()) {
      for (int from = 0; from < order.length; ) {
        int to = from;
        int tokens = 0;
        while (to < order.length && (to == from || tokens + ids.get(order[to]).length <= TOKENS)) {
          tokens += ids.get(order[to++]).length;
        }
        embed(ids, order, from, to, tokens, vectors);
        from = to;
      }
    }
    return new Vectors(List.of(vectors), ids.stream().mapToInt(each -> each.length).sum());
  }

  private List<int[]> ids(List<String> texts) {
    List<String> whole =
        modules.prompt().isEmpty() && !modules.lowerCase()
            ? texts
            : texts.stream().map(this::prepared).toList();
    List<int[]> ids = new ArrayList<>(tokenizer.encodeBatch(whole, true));
    for (int i = 0; i < ids.size(); i++) {
      if (ids.get(i).length > longest) {
        ids.set(i, tokenizer.encodeWithSpecialTokens(whole.get(i), longest));
      }
      if (ids.get(i).length == 0) {
        throw new SlipwayException(
            Exit.INPUT,
            "tokenizer.no-tokens",
            "text " + (i + 1) + " comes to no tokens, expected one or more",
            "leave it out");
      }
    }
    return ids;
  }

  private String prepared(String text) {
    String whole = modules.prompt() + text;
    return modules.lowerCase() ? whole.toLowerCase(Locale.ROOT) : whole;
  }

  /** A pass over texts that are sorted by length. */
  private void embed(
      List<int[]> ids, int[] order, int from, int to, int tokens, float[][] vectors) {
    int[] all = new int[tokens];
    List<PackedTokens.Span> spans = new ArrayList<>();
    int at = 0;
    int rows = 0;
    for (int i = from; i < to; i++) {
      int[] own = ids.get(order[i]);
      System.arraycopy(own, 0, all, at, own.length);
      at += own.length;
      rows++;
      if (i + 1 == to || ids.get(order[i + 1]).length != own.length) {
        spans.add(new PackedTokens.Span(rows, own.length));
        rows = 0;
      }
    }
    try (Scope _ = Scope.open()) {
      Tensor hidden = states.of(new PackedTokens(all, spans)); // (N, C)
      List<Tensor> pooled = new ArrayList<>();
      long begin = 0;
      for (PackedTokens.Span span : spans) {
        long count = (long) span.rows() * span.length();
        Tensor own =
            hidden
                .narrow(0, begin, count)
                .view(span.rows(), span.length(), hidden.size(1)); // (B, T, C)
        pooled.add(modules.pooling().apply(own, null, skipped));
        begin += count;
      }
      Tensor vector = Tensor.cat(pooled, 0);
      for (SentenceStep step : steps) {
        vector = step.apply(vector);
      }
      float[] values = vector.contiguous().toFloats();
      int width = values.length / (to - from);
      for (int i = from; i < to; i++) {
        vectors[order[i]] = Arrays.copyOfRange(values, (i - from) * width, (i - from + 1) * width);
      }
    }
  }

  @Override
  public void close() {
    steps.forEach(SentenceStep::close);
    states.close();
  }
}
