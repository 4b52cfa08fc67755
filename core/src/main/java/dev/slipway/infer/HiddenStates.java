package dev.slipway.infer;

import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.encoder.PackedTokens;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A model's last hidden states, whatever its kind. */
sealed interface HiddenStates {
  int vocabularySize();

  /** How many tokens the longest sequence has. */
  int longest();

  /** C. */
  int width();

  /** (N, C) of sequences that don't see one another. */
  Tensor of(PackedTokens tokens);

  void close();

  /**
   * Opens a folder in Hugging Face layout.
   *
   * @param computeType of matrix products, FLOAT32 or BFLOAT16
   */
  static HiddenStates open(Path folder, DType computeType) {
    return EncoderFolder.isEncoder(folder)
        ? new OfEncoder(EncoderFolder.openTrunk(folder, computeType))
        : new OfDecoder(PretrainedDecoder.open(folder, computeType));
  }

  /** BERT and its kin: each token sees all of its sequence. */
  record OfEncoder(TextEncoder network) implements HiddenStates {
    @Override
    public int vocabularySize() {
      return network.encoder().config().vocabularySize();
    }

    @Override
    public int longest() {
      return network.encoder().longest();
    }

    @Override
    public int width() {
      return network.encoder().config().hiddenSize();
    }

    @Override
    public Tensor of(PackedTokens tokens) {
      return network.encoder().hidden(tokens);
    }

    @Override
    public void close() {
      network.close();
    }
  }

  /** Causal models: each token sees those up to itself; states are those after the last norm. */
  record OfDecoder(PretrainedDecoder model) implements HiddenStates {
    @Override
    public int vocabularySize() {
      return model.config().shape().vocabularySize();
    }

    @Override
    public int longest() {
      return model.config().shape().context();
    }

    @Override
    public int width() {
      return model.config().shape().hiddenSize();
    }

    @Override
    public Tensor of(PackedTokens tokens) {
      DecoderNetwork network = model.network();
      Tensor ids = Tensor.of(tokens.ids(), tokens.ids().length).to(DType.INT64); // (N)
      List<Tensor> states = new ArrayList<>();
      long from = 0;
      for (PackedTokens.Span span : tokens.spans()) {
        long count = (long) span.rows() * span.length();
        Tensor own = ids.narrow(0, from, count).view(span.rows(), span.length()); // (B, T)
        states.add(network.hidden(own, network.pass(span.length())).reshape(count, width()));
        from += count;
      }
      return Tensor.cat(states, 0);
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
