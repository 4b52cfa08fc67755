package dev.slipway.tune;

import dev.slipway.model.CausalNetwork;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.KeyValueCache.KeyValues;
import dev.slipway.model.decoder.Preface;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Learnt keys and values before every text's, in each block: {@code attention(q, [p_k; k], [p_v;
 * v])}. Li and Liang 2021, §4.1; keys as they are after the rotation, as PEFT keeps them.
 */
final class PrefixAdapter extends VirtualTokens {
  private final TuningMethod.Prefix method;

  /**
   * @param rows (P, 2 L K D) in the type of the network's products
   */
  PrefixAdapter(
      DecoderNetwork network, TuningMethod.Prefix method, ParameterSet parameters, Tensor rows) {
    super(network, parameters);
    this.method = method;
    network.precede(new Rows(rows, network.shape()));
  }

  private record Rows(Tensor rows, DecoderShape shape) implements Preface {
    @Override
    public int length() {
      return Math.toIntExact(rows.size(0));
    }

    @Override
    public KeyValues at(int layer) {
      return new KeyValues(part(2L * layer), part(2L * layer + 1));
    }

    private Tensor part(long index) {
      long width = shape.keyWidth();
      return rows.narrow(1, index * width, width)
          .reshape(1, rows.size(0), shape.keyValueHeads(), shape.headDim())
          .transpose(1, 2); // (1, K, P, D)
    }
  }

  @Override
  public TuningMethod.Prefix method() {
    return method;
  }

  @Override
  Tensor of(Tensor ids) {
    long count = ids.size(1);
    long width = network.shape().keyWidth();
    List<Tensor> parts = new ArrayList<>();
    Tensor rows = network.lookedUp(ids).view(count, network.hiddenSize()); // (P, C)
    for (KeyValues layer : keysAndValues(network, rows)) {
      for (Tensor part : List.of(layer.keys(), layer.values())) {
        parts.add(part.to(DType.FLOAT32).transpose(1, 2).reshape(count, width)); // (P, K D)
      }
    }
    return Tensor.cat(parts, 1); // (P, 2 L K D)
  }

  @Override
  CausalNetwork learning() {
    return network;
  }
}
