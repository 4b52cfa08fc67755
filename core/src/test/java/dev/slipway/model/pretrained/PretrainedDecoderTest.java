package dev.slipway.model.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.infer.Decoder;
import dev.slipway.infer.NetworkDecoder;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
  void logitsEqualTransformers(OpenModels.Case expected) {
    try (PretrainedDecoder model = PretrainedDecoder.open(expected.folder(temp), DType.FLOAT32);
        Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      int length = expected.ids().length;
      Tensor ids = Tensor.of(expected.ids(), 1, length);
      float[] logits =
          model
              .network()
              .logits(model.network().hidden(ids, model.network().pass(length)))
              .toFloats();
      assertThat(logits).hasSameSizeAs(expected.logits());
      for (int i = 0; i < logits.length; i++) {
        assertThat(logits[i]).as("logit " + i).isCloseTo(expected.logits()[i], within(1e-4f));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void greedyGenerationsAreTheSame(OpenModels.Case expected) {
    try (PretrainedDecoder model = PretrainedDecoder.open(expected.folder(temp), DType.FLOAT32);
        Decoder decoder = new NetworkDecoder(model.network())) {
      int room = expected.greedy().length;
      List<Integer> ids = new ArrayList<>();
      try (Decoder.Session session = decoder.open(expected.prompt().length + room)) {
        float[] logits = session.extend(expected.prompt());
        while (ids.size() < room) {
          int best = 0;
          for (int id = 1; id < logits.length; id++) {
            best = logits[id] > logits[best] ? id : best;
          }
          ids.add(best);
          if (ids.size() < room) {
            logits = session.extend(best);
          }
        }
      }
      assertThat(ids).containsExactlyElementsOf(Arrays.stream(expected.greedy()).boxed().toList());
    }
  }
}
