package dev.slipway.model.encoder;

import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.MasterWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Projections;
import dev.slipway.nn.ShadowWeights;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * An encoder of any family with a head: BERT (Devlin et al. 2019), RoBERTa (Liu et al. 2019). It
 * reads {@link #IDS} (B, T) int64 with lengths where rows are padded on the right, and {@link
 * #TYPES} (B, T) where tokens have types; a lone input of any name is taken for the ids. Parameters
 * have the names that they have in checkpoints. Not for several threads.
 *
 * <p>Shapes: B rows, T columns, C hidden size, V vocabulary. The output is hidden states (B, T, C)
 * and {@link #POOLED} (B, C), or a head's logits.
 */
public final class TextEncoder implements Network {
  /** Input: token ids. */
  public static final String IDS = "input_ids";

  /** Input: token types, such as first and second text of a pair; all 0 where it is missing. */
  public static final String TYPES = "token_type_ids";

  /**
   * Input: the place of each word's first token, (B, W). Where it is there, a classifier of tokens
   * tells of these tokens alone, (B, W, labels): one label a word (Devlin et al. 2019, section
   * 5.3).
   */
  public static final String WORDS = "word_starts";

  /** Output of the pooler, (B, C), beside hidden states. */
  public static final String POOLED = "pooler_output";

  /** Hidden size from which on oneDNN pays beneath autograd. */
  private static final int LARGE = 256;

  private final TextEncoderConfig config;
  private final Weights weights;
  private final ParameterSet parameters;
  private final ParameterSet buffers = ParameterSet.frozen(List.of());
  private final Projections projections;
  private final Encoder encoder;
  private final MaskedTokenHead maskedTokens;
  private final String pooler;

  /**
   * @param parameters of {@code config}; closed with this
   */
  public TextEncoder(TextEncoderConfig config, ParameterSet parameters) {
    this(config, new MasterWeights(parameters), parameters);
  }

  /**
   * @param weights has the parameters of {@code config}; a shadow of them is closed with this
   * @param parameters those that learn; closed with this
   */
  public TextEncoder(TextEncoderConfig config, Weights weights, ParameterSet parameters) {
    this.config = config;
    this.weights = weights;
    this.parameters = parameters;
    EncoderFamily family = config.family();
    projections = new Projections(weights);
    encoder =
        new Encoder(
            config.encoder(),
            config.prefix(),
            family.positionsAfterPadding()
                ? PositionIds.after(config.encoder().padId())
                : PositionIds.COLUMNS,
            weights,
            projections);
    pooler = config.prefix() + EncoderFamily.POOLER;
    HiddenActivation activation = family.transformActivation();
    maskedTokens =
        new MaskedTokenHead(
            config.encoder(),
            family.transform(),
            family.transformNorm(),
            family.decoder(),
            activation == null ? config.encoder().activation() : activation);
    String dense = family.sequenceDense();
    switch (config.head()) {
      case Head.Hidden(boolean pooled) -> {
        if (pooled) {
          projections.add(pooler);
        }
      }
      case Head.MaskedLanguageModel(boolean tied) ->
          maskedTokens.addTo(
              projections,
              tied
                  ? config.prefix() + "embeddings.word_embeddings.weight"
                  : family.decoder() + ".weight",
              family.decoderBias(tied));
      case Head.SequenceClassification _ -> {
        projections.add(dense == null ? pooler : dense);
        projections.add(family.sequenceOutput());
      }
      case Head.TokenClassification _ -> projections.add(EncoderFamily.CLASSIFIER);
      case Head.SpanAnswering _ -> projections.add(EncoderFamily.SPAN);
    }
  }

  public TextEncoderConfig config() {
    return config;
  }

  /** Embeddings and blocks, without the head. */
  public Encoder encoder() {
    return encoder;
  }

  public Head head() {
    return config.head();
  }

  /**
   * The places where projections stand, by the names that the checkpoint gives their modules, in
   * the order of the network. Replacing what stands in one changes the network from outside.
   */
  public SequencedMap<String, ProjectionSlot> projections() {
    return projections.slots();
  }

  /** {@code model_type} in config.json. */
  public String modelType() {
    return config.family().modelType();
  }

  /** {@code architectures} in config.json. */
  public String architecture() {
    return config.family().architecture(config.head());
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public ParameterSet buffers() {
    return buffers;
  }

  @Override
  public boolean hasLargeProducts() {
    return config.encoder().hiddenSize() >= LARGE;
  }

  @Override
  public SequencedMap<String, Tensor> forward(Inputs inputs, Pass pass) {
    Tensor x = encoder.hidden(inputs, pass); // (B, T, C)
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    switch (config.head()) {
      case Head.Hidden(boolean pooled) -> {
        outputs.put(OUTPUT, x);
        if (pooled) {
          outputs.put(POOLED, pooled(first(x)));
        }
      }
      case Head.MaskedLanguageModel _ ->
          outputs.put(OUTPUT, maskedTokens.apply(projections, weights, x)); // (B, T, V)
      case Head.SequenceClassification _ ->
          outputs.put(OUTPUT, classified(first(x), pass)); // (B, labels)
      case Head.TokenClassification _ ->
          outputs.put(
              OUTPUT,
              projections.apply(
                  EncoderFamily.CLASSIFIER, dropped(words(x, inputs), pass))); // (B, T, labels)
      case Head.SpanAnswering _ ->
          outputs.put(
              OUTPUT, projections.apply(EncoderFamily.SPAN, x).transpose(1, 2)); // (B, 2, T)
    }
    return outputs;
  }

  /**
   * Logits (B, labels) of B sequences that are not padded, which a {@link
   * Head.SequenceClassification} gives.
   */
  public Tensor classified(PackedTokens tokens) {
    Tensor x = encoder.hidden(tokens); // (N, C)
    long[] places = new long[tokens.spans().stream().mapToInt(PackedTokens.Span::rows).sum()];
    long at = 0;
    int row = 0;
    for (PackedTokens.Span span : tokens.spans()) {
      for (int i = 0; i < span.rows(); i++) {
        places[row++] = at;
        at += span.length();
      }
    }
    return classified(x.indexSelect(0, Tensor.of(places, places.length)), Pass.INFERENCE);
  }

  /** First tokens' states (B, C) through a dense layer with tanh. */
  private Tensor pooled(Tensor first) {
    return projections.apply(pooler, first).tanh();
  }

  private Tensor classified(Tensor first, Pass pass) {
    String dense = config.family().sequenceDense();
    Tensor text =
        dense == null
            ? pooled(first)
            : projections.apply(dense, dropped(first, pass)).tanh(); // (B, C)
    return projections.apply(config.family().sequenceOutput(), dropped(text, pass));
  }

  private static Tensor first(Tensor x) {
    return x.narrow(1, 0, 1).squeeze(1);
  }

  /** States of words' first tokens, (B, W, C), where they are told; else all. */
  private static Tensor words(Tensor x, Inputs inputs) {
    Input starts = inputs.byName().get(WORDS);
    if (starts == null) {
      return x;
    }
    long rows = x.size(0);
    long columns = x.size(1);
    long[] places = starts.values().toLongs();
    long words = starts.values().size(1);
    for (int i = 0; i < places.length; i++) {
      places[i] += i / words * columns;
    }
    return x.reshape(rows * columns, x.size(2))
        .indexSelect(0, Tensor.of(places, places.length))
        .view(rows, words, x.size(2));
  }

  private Tensor dropped(Tensor x, Pass pass) {
    double share = config.encoder().headDropout();
    return pass.training() && share > 0 ? Layers.dropout(x, share) : x;
  }

  @Override
  public void close() {
    if (weights instanceof ShadowWeights shadow) {
      shadow.close();
    }
    parameters.close();
    buffers.close();
  }
}
