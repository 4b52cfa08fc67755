package dev.slipway.model.seq2seq;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Range;
import dev.slipway.model.LayerTable;
import dev.slipway.model.ModelConfig;
import dev.slipway.nn.ParameterSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * An encoder–decoder transformer (Vaswani et al. 2017).
 *
 * @param sourceVocabulary ids of the encoder's side
 * @param targetVocabulary ids of the decoder's side
 * @param size what a person chooses of it
 */
public record EncoderDecoderConfig(int sourceVocabulary, int targetVocabulary, Size size)
    implements ModelConfig {
  /** Added to the variance in norms, PyTorch's default. */
  static final double NORM_EPSILON = 1e-5;

  static final String TARGET_EMBEDDING = "target_embedding.weight";
  static final String SOURCE_EMBEDDING = "source_embedding.weight";
  static final String POSITIONS = "positions.weight";
  static final String HEAD = "head.weight";

  /** How a place in a sequence is told. */
  public enum Positions {
    @Doc("Sines and cosines of falling frequencies: nothing is learnt (Vaswani et al. 2017)")
    SINUSOIDAL,
    @Doc("A learnt vector for each place, one table for both sides")
    LEARNED
  }

  /** Where norms stand. */
  public enum NormPlace {
    @Doc("Before each part: trains stably (Xiong et al. 2020)")
    PRE,
    @Doc("After each part, as in the first paper; needs a warm-up")
    POST
  }

  /** What a person chooses. */
  public record Size(
      @Doc("Blocks of the encoder") @Default("3") @Range(min = 1, max = 1000) int layers,
      @Doc("Blocks of the decoder; auto is as many as the encoder has")
          @Default("auto")
          @Range(min = 1, max = 1000)
          Auto<Integer> decoderLayers,
      @Doc("Width of the residual stream") @Default("256") @Range(min = 2, max = 65_536) int hidden,
      @Doc("Attention heads") @Default("4") @Range(min = 1, max = 1024) int heads,
      @Doc("Inner width of the feed-forward network; auto is 4 hidden")
          @Default("auto")
          @Range(min = 1, max = 1_000_000)
          Auto<Integer> intermediate,
      @Doc("Share of values that are dropped while learning")
          @Default("0.1")
          @Range(min = 0, max = 0.95)
          double dropout,
      @Doc("Whether both sides have one embedding; they need one vocabulary") @Default("false")
          boolean sharedEmbeddings,
      @Doc("Whether the output layer is the target's embedding") @Default("true") boolean tiedHead,
      @Doc("How a place in a sequence is told") @Default("sinusoidal") Positions positions,
      @Doc("Where norms stand") @Default("pre") NormPlace norm,
      @Doc("The longest sequence, in tokens") @Default("256") @Range(min = 2, max = 65_536)
          int context) {
    public Size {
      if (hidden % heads != 0) {
        throw new InvalidSetting(
            "heads", heads + " for hidden " + hidden, "a number that divides hidden");
      }
      if (positions == Positions.SINUSOIDAL && hidden % 2 != 0) {
        throw new InvalidSetting(
            "hidden", "an odd " + hidden, "an even number, for sines and cosines");
      }
    }

    int decoders() {
      return decoderLayers.orElse(layers);
    }

    int inner() {
      return intermediate.orElse(4 * hidden);
    }
  }

  public EncoderDecoderConfig {
    if (sourceVocabulary < 1 || targetVocabulary < 1) {
      throw new IllegalArgumentException(
          "vocabularies of " + sourceVocabulary + " and " + targetVocabulary + " ids");
    }
    if (size.sharedEmbeddings() && sourceVocabulary != targetVocabulary) {
      throw new InvalidSetting(
          "shared-embeddings",
          "yes for vocabularies of " + sourceVocabulary + " and " + targetVocabulary,
          "one vocabulary for both sides");
    }
  }

  String sourceEmbedding() {
    return size.sharedEmbeddings() ? TARGET_EMBEDDING : SOURCE_EMBEDDING;
  }

  String head() {
    return size.tiedHead() ? TARGET_EMBEDDING : HEAD;
  }

  /**
   * Names as in {@code torch.nn.Transformer}, but for query, key and value, which are neighbours in
   * memory with a name each. Matrices begin as there, by Glorot and Bengio 2010; embeddings with
   * deviation 1/√C, since they are multiplied by √C.
   */
  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(embedding(TARGET_EMBEDDING, targetVocabulary, ParameterSpec.Role.EMBEDDING));
    if (!size.sharedEmbeddings()) {
      specs.add(embedding(SOURCE_EMBEDDING, sourceVocabulary, ParameterSpec.Role.EMBEDDING));
    }
    if (size.positions() == Positions.LEARNED) {
      specs.add(
          new ParameterSpec(
              POSITIONS,
              List.of((long) size.context(), (long) size.hidden()),
              ParameterSpec.Role.EMBEDDING,
              new ParameterSpec.Init.Normal(0.02)));
    }
    for (int i = 0; i < size.layers(); i++) {
      String layer = "encoder.layers." + i + ".";
      attention(specs, layer + "self_attn.");
      feedForward(specs, layer);
      norms(specs, layer, 2);
    }
    norm(specs, "encoder.norm");
    for (int i = 0; i < size.decoders(); i++) {
      String layer = "decoder.layers." + i + ".";
      attention(specs, layer + "self_attn.");
      attention(specs, layer + "multihead_attn.");
      feedForward(specs, layer);
      norms(specs, layer, 3);
    }
    norm(specs, "decoder.norm");
    if (!size.tiedHead()) {
      specs.add(embedding(HEAD, targetVocabulary, ParameterSpec.Role.HEAD));
    }
    return List.copyOf(specs);
  }

  /**
   * What each part gives and costs.
   *
   * @param source tokens of an example's source, S
   * @param target tokens of its target with the mark at its end, T
   */
  public LayerTable table(int source, int target) {
    long width = size.hidden();
    List<LayerTable.Row> rows = new ArrayList<>();
    if (!size.sharedEmbeddings()) {
      rows.add(row(SOURCE_EMBEDDING, "embedding", "S", width, source * (width + masks(width)), 0));
    }
    rows.add(
        row(
            TARGET_EMBEDDING,
            size.sharedEmbeddings() ? "embedding, both sides" : "embedding",
            "T",
            width,
            (width + masks(width)) * (size.sharedEmbeddings() ? source + target : target),
            0));
    if (size.positions() == Positions.LEARNED) {
      rows.add(row(POSITIONS, "embedding", "T", width, 0, 0));
    }
    for (int i = 0; i < size.layers(); i++) {
      rows.add(
          row(
              "encoder.layers." + i + ".",
              "encoder-block",
              "S",
              width,
              source * (attentionKept() + feedForwardKept()),
              source * (8.0 * width * width + feedForwardFlops()) + mixing(source, source)));
    }
    rows.add(row("encoder.norm.", "layer-norm", "S", width, source * width, 0));
    for (int i = 0; i < size.decoders(); i++) {
      // Keys and values of the source's tokens, all else of the target's.
      long cross = target * (attentionKept() - 2 * width) + 2 * source * width;
      double projections =
          target * 12.0 * width * width + source * 4.0 * width * width; // both attentions
      rows.add(
          row(
              "decoder.layers." + i + ".",
              "decoder-block",
              "T",
              width,
              target * (attentionKept() + feedForwardKept()) + cross,
              projections
                  + target * feedForwardFlops()
                  + mixing(target, target)
                  + mixing(target, source)));
    }
    rows.add(row("decoder.norm.", "layer-norm", "T", width, target * width, 0));
    // Logits, and their logarithms of probabilities, which the loss is taken of.
    rows.add(
        row(
            HEAD,
            size.tiedHead() ? "dense, tied" : "dense",
            "T",
            targetVocabulary,
            2L * target * targetVocabulary,
            2.0 * target * width * targetVocabulary));
    return new LayerTable(rows);
  }

  private LayerTable.Row row(
      String prefix, String kind, String places, long width, long kept, double flops) {
    return LayerTable.row(
        prefix.replaceFirst("\\.(weight)?$", ""),
        kind,
        "(B, " + places + ", " + width + ")",
        parameters().stream().filter(spec -> spec.name().startsWith(prefix)).toList(),
        kept,
        flops);
  }

  /**
   * Values of a token: the norm's input and output, query, key and value, the mixture and its order
   * for the projection, what is dropped.
   */
  private long attentionKept() {
    return 7L * size.hidden() + masks(size.hidden()) + size.heads();
  }

  /**
   * Values of a token: the norm's input and output, and the inner ones, once more where dropped.
   */
  private long feedForwardKept() {
    boolean dropped = size.dropout() > 0;
    return 2L * size.hidden()
        + masks(size.hidden() + size.inner())
        + (dropped ? 2L : 1L) * size.inner();
  }

  /** What dropout remembers of so many values: its noise, as floats. */
  private long masks(long values) {
    return size.dropout() > 0 ? values : 0;
  }

  private double feedForwardFlops() {
    return 4.0 * size.hidden() * size.inner();
  }

  /** Scores and mixtures of so many queries of so many keys. */
  private double mixing(double queries, double keys) {
    return 4 * queries * keys * size.hidden();
  }

  private ParameterSpec embedding(String name, long rows, ParameterSpec.Role role) {
    return new ParameterSpec(
        name,
        List.of(rows, (long) size.hidden()),
        role,
        new ParameterSpec.Init.Normal(1 / Math.sqrt(size.hidden())));
  }

  private void attention(List<ParameterSpec> specs, String prefix) {
    long width = size.hidden();
    for (String part : Attention.PARTS) {
      // As three parts of one (3 C, C) matrix, which is what PyTorch draws.
      specs.add(matrix(prefix + part + ".weight", width, width, Math.sqrt(6.0 / (4 * width))));
    }
    for (String part : Attention.PARTS) {
      specs.add(ParameterSpec.vector(prefix + part + ".bias", width, 0));
    }
    specs.add(matrix(prefix + "out_proj.weight", width, width, Math.sqrt(6.0 / (2 * width))));
    specs.add(ParameterSpec.vector(prefix + "out_proj.bias", width, 0));
  }

  private void feedForward(List<ParameterSpec> specs, String layer) {
    long width = size.hidden();
    long inner = size.inner();
    double bound = Math.sqrt(6.0 / (width + inner));
    specs.add(matrix(layer + "linear1.weight", inner, width, bound));
    specs.add(ParameterSpec.vector(layer + "linear1.bias", inner, 0));
    specs.add(matrix(layer + "linear2.weight", width, inner, bound));
    specs.add(ParameterSpec.vector(layer + "linear2.bias", width, 0));
  }

  private static ParameterSpec matrix(String name, long out, long in, double bound) {
    return new ParameterSpec(
        name, List.of(out, in), ParameterSpec.Role.MATRIX, new ParameterSpec.Init.Uniform(bound));
  }

  private void norms(List<ParameterSpec> specs, String layer, int count) {
    for (int i = 1; i <= count; i++) {
      norm(specs, layer + "norm" + i);
    }
  }

  private void norm(List<ParameterSpec> specs, String name) {
    specs.add(ParameterSpec.vector(name + ".weight", size.hidden(), 1));
    specs.add(ParameterSpec.vector(name + ".bias", size.hidden(), 0));
  }
}
