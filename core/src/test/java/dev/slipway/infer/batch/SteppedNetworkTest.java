package dev.slipway.infer.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.infer.Generation;
import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.LetterTokenizer;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.model.gpt.GptFolder;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real network by libtorch's operations: its answers are the same bytes in any company. */
class SteppedNetworkTest {
  private static final int CONTEXT = 192;
  private static final int VOCABULARY = 64;

  @TempDir Path folder;

  private Batcher batcher(int blocks, Batcher.Settings settings) {
    PretrainedDecoder model = PretrainedDecoder.open(ModelFolder.at(folder), DType.FLOAT32);
    return new Batcher(new SteppedNetwork(model.network(), blocks, model::close), settings);
  }

  @Test
  void answersDependOnNothingButTheRequest() {
    GptConfig config =
        new GptConfig(
            GptConfig.Layout.LLAMA, VOCABULARY, CONTEXT, 32, 2, 2, 2, 16, 64, true, 1e-5, 10_000);
    try (ParameterSet parameters = ParameterSet.frozen(config.parameters())) {
      parameters.initialise(7);
      GptFolder.save(folder, config, parameters, SpecialIds.one(0), DType.FLOAT32, Map.of());
    }
    Schedules schedules = new Schedules(new LetterTokenizer(), VOCABULARY, CONTEXT);
    Batcher.Settings settings = Batcher.Settings.DEFAULT.withPrefixCache(false);
    long hits = 0;
    long preemptions = 0;
    for (int seed = 0; seed < 4; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<GenerationRequest> requests = schedules.requests(random, 8);
      List<Generation> expected = new ArrayList<>();
      try (Batcher alone = batcher(CONTEXT / BatchNetwork.BLOCK, settings)) {
        requests.forEach(request -> expected.add(schedules.alone(alone, request)));
      }
      try (Batcher together =
          batcher(
              CONTEXT / BatchNetwork.BLOCK + 4,
              Batcher.Settings.DEFAULT.withMostRunning(4).withRows(100, 20))) {
        schedules.compare(together, random, requests, expected);
        hits += together.facts().prefixHits();
        preemptions += together.facts().preemptions();
      }
    }
    assertThat(hits).isPositive();
    assertThat(preemptions).isPositive();
  }
}
