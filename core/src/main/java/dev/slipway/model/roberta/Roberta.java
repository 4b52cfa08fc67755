package dev.slipway.model.roberta;

import dev.slipway.model.Pass;
import dev.slipway.model.encoder.Encoder;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.encoder.HiddenActivation;
import dev.slipway.model.encoder.MaskedTokenHead;
import dev.slipway.model.encoder.PositionIds;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.MasterWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Projections;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * RoBERTa with a head (Liu et al. 2019).
 *
 * <p>Shapes: B rows, T columns, C hidden size, V vocabulary. The output is hidden states (B, T, C)
 * and {@link #POOLED} (B, C), or a head's logits.
 */
public final class Roberta implements TextEncoder {
  private final RobertaConfig config;
  private final ParameterSet parameters;
  private final ParameterSet buffers = ParameterSet.frozen(List.of());
  private final Projections projections;
  private final Encoder encoder;
  private final MaskedTokenHead maskedTokens;
  private final String pooler;

  /**
   * @param parameters of {@code config}; closed with this
   */
  public Roberta(RobertaConfig config, ParameterSet parameters) {
    this.config = config;
    this.parameters = parameters;
    Weights weights = new MasterWeights(parameters);
    projections = new Projections(weights);
    encoder =
        new Encoder(
            config.encoder(),
            config.prefix(),
            PositionIds.after(config.encoder().padId()),
            weights,
            projections);
    pooler = config.prefix() + RobertaConfig.POOLER;
    maskedTokens =
        new MaskedTokenHead(
            config.encoder(),
            RobertaConfig.TRANSFORM,
            RobertaConfig.TRANSFORM_NORM,
            RobertaConfig.DECODER,
            HiddenActivation.GELU);
    String words = config.prefix() + "embeddings.word_embeddings.weight";
    switch (config.head()) {
      case Head.Hidden(boolean pooled) -> {
        if (pooled) {
          projections.add(pooler);
        }
      }
      case Head.MaskedLanguageModel(boolean tied) ->
          maskedTokens.addTo(
              projections,
              tied ? words : RobertaConfig.DECODER + ".weight",
              RobertaConfig.decoderBias(tied));
      case Head.SequenceClassification _ -> {
        projections.add(RobertaConfig.SEQUENCE_DENSE);
        projections.add(RobertaConfig.SEQUENCE_OUTPUT);
      }
      case Head.TokenClassification _ -> projections.add(RobertaConfig.CLASSIFIER);
    }
  }

  public RobertaConfig config() {
    return config;
  }

  @Override
  public Encoder encoder() {
    return encoder;
  }

  @Override
  public Head head() {
    return config.head();
  }

  @Override
  public SequencedMap<String, ProjectionSlot> projections() {
    return projections.slots();
  }

  @Override
  public String modelType() {
    return RobertaWeights.MODEL_TYPE;
  }

  @Override
  public String architecture() {
    return RobertaWeights.FAMILY.architecture(config.head());
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
  public SequencedMap<String, Tensor> forward(Inputs inputs, Pass pass) {
    Tensor x = encoder.hidden(inputs, pass); // (B, T, C)
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    switch (config.head()) {
      case Head.Hidden(boolean pooled) -> {
        outputs.put(OUTPUT, x);
        if (pooled) {
          outputs.put(POOLED, pooled(x));
        }
      }
      case Head.MaskedLanguageModel _ ->
          outputs.put(OUTPUT, maskedTokens.apply(projections, parameters, x)); // (B, T, V)
      case Head.SequenceClassification _ ->
          outputs.put(OUTPUT, sequenceClassified(x, pass)); // (B, labels)
      case Head.TokenClassification _ ->
          outputs.put(
              OUTPUT,
              projections.apply(RobertaConfig.CLASSIFIER, dropped(x, pass))); // (B, T, labels)
    }
    return outputs;
  }

  /** The first token's state (B, C) through a dense layer with tanh. */
  private Tensor pooled(Tensor x) {
    return projections.apply(pooler, x.narrow(1, 0, 1).squeeze(1)).tanh();
  }

  private Tensor sequenceClassified(Tensor x, Pass pass) {
    Tensor first = dropped(x.narrow(1, 0, 1).squeeze(1), pass); // (B, C)
    Tensor dense = projections.apply(RobertaConfig.SEQUENCE_DENSE, first).tanh();
    return projections.apply(RobertaConfig.SEQUENCE_OUTPUT, dropped(dense, pass));
  }

  private Tensor dropped(Tensor x, Pass pass) {
    double share = config.encoder().headDropout();
    return pass.training() && share > 0 ? Layers.dropout(x, share) : x;
  }

  @Override
  public void close() {
    parameters.close();
    buffers.close();
  }
}
