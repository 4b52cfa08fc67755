package dev.slipway.model.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.infer.Decoder;
import dev.slipway.infer.NetworkDecoder;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against transformers, for each architecture and each setting that changes what is computed. */
class PretrainedDecoderTest {
  @TempDir private Path temp;

  static Stream<OpenModels.Case> cases() {
    return OpenModels.all().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void logitsAndGreedyGenerationsEqualTransformers(OpenModels.Case expected) {
    try (PretrainedDecoder model = PretrainedDecoder.open(expected.folder(temp), DType.FLOAT32)) {
      float[] logits = logits(model.network(), expected.ids());
      assertThat(logits).hasSameSizeAs(expected.logits());
      for (int i = 0; i < logits.length; i++) {
        assertThat(logits[i]).as("logit " + i).isCloseTo(expected.logits()[i], within(1e-4f));
      }
      int[] greedy = greedy(model.network(), expected.prompt(), expected.greedy().length);
      assertThat(greedy).containsExactly(expected.greedy());
    }
  }

  private static float[] logits(DecoderNetwork network, int[] ids) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor hidden = network.hidden(Tensor.of(ids, 1, ids.length), network.pass(ids.length));
      return network.logits(hidden).toFloats(); // (T, V)
    }
  }

  private static int[] greedy(DecoderNetwork network, int[] prompt, int room) {
    int[] ids = new int[room];
    try (Decoder decoder = new NetworkDecoder(network);
        Decoder.Session session = decoder.open(prompt.length + room)) {
      float[] logits = session.extend(prompt);
      for (int i = 0; i < room; i++) {
        for (int id = 1; id < logits.length; id++) {
          ids[i] = logits[id] > logits[ids[i]] ? id : ids[i];
        }
        if (i + 1 < room) {
          logits = session.extend(ids[i]);
        }
      }
    }
    return ids;
  }
}
