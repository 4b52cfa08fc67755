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
import java.util.List;
import java.util.Locale;

/**
 * Texts to vectors, as sentence-transformers does by {@code modules.json}; without one the mean
 * over tokens of the last hidden states. Not for several threads, and for platform threads alone.
 */
public final class Embedder implements AutoCloseable {
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
    ModelFolder.at(modules.encoder()).checkFingerprint();
    Tokenizer tokenizer = ModelFolder.tokenizer(modules.encoder());
    HiddenStates states = HiddenStates.open(modules.encoder(), computeType);
    try {
      ModelFolder.requireFitting(folder, tokenizer.vocabularySize(), states.vocabularySize());
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
    float[][] vectors = new float[texts.size()][];
    try (NoGrad _ = NoGrad.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open()) {
      EncoderPass.over(ids, null, pass -> embed(pass, vectors));
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

  private void embed(EncoderPass pass, float[][] vectors) {
    try (Scope _ = Scope.open()) {
      Tensor hidden = states.of(pass.tokens()); // (N, C)
      List<Tensor> pooled = new ArrayList<>();
      long begin = 0;
      for (PackedTokens.Span span : pass.tokens().spans()) {
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
      for (int i = 0; i < pass.places().size(); i++) {
        vectors[pass.places().get(i)] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
      }
    }
  }

  @Override
  public void close() {
    steps.forEach(SentenceStep::close);
    states.close();
  }
}
