package dev.slipway.model.decoder;

import dev.slipway.nn.Norm;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;

/** One block of a decoder. The residual stream is float32, in and out (B, T, C). */
public interface Block {
  Tensor forward(Tensor x, DType computeType, DecoderPass pass);

  Attention attention();

  /** {@code x + attention(norm(x))}, then {@code x + mlp(norm(x))}. Radford et al. 2019. */
  record PreNorm(Norm attentionNorm, Attention attention, Norm mlpNorm, FeedForward mlp)
      implements Block {
    @Override
    public Tensor forward(Tensor x, DType computeType, DecoderPass pass) {
      Tensor normed = attentionNorm.apply(x).to(computeType); // (B, T, C)
      x = x.add(attention.forward(normed, pass)); // (B, T, C)
      return x.add(mlp.forward(mlpNorm.apply(x).to(computeType))); // (B, T, C)
    }
  }
}
