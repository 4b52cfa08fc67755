package dev.slipway.tune;

import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import tools.jackson.databind.JsonNode;

/** Batches and figures as the reference's scripts write them. */
final class ReferenceBatches {
  private ReferenceBatches() {}

  /** Each row but its last token in, but its first one out. */
  static TokenBatch shifted(JsonNode batch) {
    int rows = batch.size();
    int columns = batch.path(0).size() - 1;
    int[] tokens = new int[rows * columns];
    int[] targets = new int[rows * columns];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = batch.path(i / columns).path(i % columns).asInt();
      targets[i] = batch.path(i / columns).path(i % columns + 1).asInt();
    }
    return new TokenBatch(rows, columns, tokens, targets, new int[rows * columns]);
  }

  static long[] ids(JsonNode batch) {
    int columns = batch.path(0).size();
    long[] ids = new long[batch.size() * columns];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = batch.path(i / columns).path(i % columns).asLong();
    }
    return ids;
  }

  /** What a network says of all tokens of a batch. */
  static float[] logits(DecoderNetwork network, JsonNode batch) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      int columns = batch.path(0).size();
      Tensor ids = Tensor.of(ids(batch), batch.size(), columns);
      return network.logits(network.hidden(ids, network.pass(columns))).toFloats();
    }
  }

  static float[] floats(JsonNode array) {
    float[] values = new float[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.path(i).floatValue();
    }
    return values;
  }
}
