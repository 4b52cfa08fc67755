package dev.slipway.model.encoder;

import dev.slipway.nn.Norm;
import dev.slipway.nn.Projections;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.Tensor;

/**
 * Hidden states to the logits of tokens: a dense layer, an activation, a norm, the vocabulary.
 *
 * @param transform module of the dense layer
 * @param norm name of the norm
 * @param decoder module of the map to the vocabulary
 */
public record MaskedTokenHead(
    EncoderConfig config,
    String transform,
    String norm,
    String decoder,
    HiddenActivation activation) {
  /**
   * Names the head's linear maps.
   *
   * @param weight parameter (V, C) of the map to the vocabulary
   * @param bias parameter (V) of it
   */
  public void addTo(Projections projections, String weight, String bias) {
    projections.add(transform);
    projections.addTied(decoder, weight, bias);
  }

  /** (B, T, C) to (B, T, V). */
  public Tensor apply(Projections projections, Weights weights, Tensor x) {
    Norm layerNorm =
        new Norm.LayerNorm(
            weights.value(norm + ".weight"), weights.value(norm + ".bias"), config.normEpsilon());
    return projections.apply(
        decoder, layerNorm.apply(activation.apply(projections.apply(transform, x))));
  }
}
