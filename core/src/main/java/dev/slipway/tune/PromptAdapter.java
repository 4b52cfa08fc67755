package dev.slipway.tune;

import dev.slipway.model.CausalNetwork;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderPass;
import dev.slipway.model.decoder.KeyValueCache.KeyValues;
import dev.slipway.model.decoder.Preface;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.Segment;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Learnt embeddings before every text's. Lester et al. 2021, §2. While it learns they are columns
 * of each batch; to answer, the keys and values that they come to are worked out once, since what
 * precedes a text does not see it.
 */
final class PromptAdapter extends VirtualTokens {
  private final TuningMethod.Prompt method;
  private final Tensor prompt;
  private KeyValues @Nullable [] known;

  /**
   * @param prompt (P, C) in float32
   */
  PromptAdapter(
      DecoderNetwork network, TuningMethod.Prompt method, ParameterSet parameters, Tensor prompt) {
    super(network, parameters);
    this.method = method;
    this.prompt = prompt;
    network.precede(
        new Preface() {
          @Override
          public int length() {
            return Math.toIntExact(prompt.size(0));
          }

          @Override
          public KeyValues at(int layer) {
            return known()[layer];
          }
        });
  }

  private KeyValues[] known() {
    KeyValues[] all = known;
    if (all == null) {
      try (Scope scope = Scope.open();
          NoGrad _ = NoGrad.open()) {
        all = keysAndValues(network, prompt);
        for (int i = 0; i < all.length; i++) {
          all[i] =
              new KeyValues(
                  scope.keep(all[i].keys().contiguous()), scope.keep(all[i].values().contiguous()));
        }
      }
      known = all;
    }
    return all;
  }

  @Override
  public TuningMethod.Prompt method() {
    return method;
  }

  @Override
  Tensor of(Tensor ids) {
    return network.lookedUp(ids).view(ids.size(1), network.hiddenSize()); // (P, C)
  }

  @Override
  CausalNetwork learning() {
    return new Prompted(network, prompt);
  }

  /** A network whose rows begin with the prompt; its hidden states are the text's. */
  private record Prompted(DecoderNetwork network, Tensor prompt) implements CausalNetwork {
    @Override
    public int vocabularySize() {
      return network.vocabularySize();
    }

    @Override
    public int hiddenSize() {
      return network.hiddenSize();
    }

    @Override
    public List<Segment> segments(TokenBatch batch) {
      int count = Math.toIntExact(prompt.size(0));
      DecoderPass pass = network.passBehind(count, batch);
      List<Segment> segments = new ArrayList<>(network.segments(pass));
      segments.set(0, ids -> network.placed(prompted(ids), pass)); // (B, P + T, C)
      Segment norm = segments.removeLast();
      segments.add(x -> norm.forward(x.narrow(1, count, batch.columns()))); // (B, T, C)
      return segments;
    }

    private Tensor prompted(Tensor ids) {
      Tensor rows = prompt.unsqueeze(0).expand(ids.size(0), prompt.size(0), prompt.size(1));
      return Tensor.cat(List.of(rows, network.lookedUp(ids)), 1);
    }

    @Override
    public Tensor logits(Tensor hidden) {
      return network.logits(hidden);
    }
  }

  @Override
  public void parametersChanged() {
    KeyValues[] all = known;
    known = null;
    if (all != null) {
      for (KeyValues one : all) {
        one.keys().close();
        one.values().close();
      }
    }
  }

  @Override
  public void close() {
    super.close();
    parametersChanged();
  }
}
