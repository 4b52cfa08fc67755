package dev.slipway.infer.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.infer.Generation;
import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.LetterTokenizer;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.model.gpt.GptFolder;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.infer.LowRank;
import dev.slipway.tensor.kernel.infer.WeightFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real network by kernels: its answers are the same bytes in any company. */
class KernelSchedulesTest {
  private static final int CONTEXT = 96;
  private static final int VOCABULARY = 64;
  private static final int SCHEDULES = 1_000;

  @TempDir Path folder;

  private static final int SCHEDULES_IN_BYTES = 100;

  private KernelNetwork network(String name, int seed, WeightFormat format, int blocks) {
    DType type = format == WeightFormat.FLOAT32 ? DType.FLOAT32 : DType.BFLOAT16;
    return network(name, seed, format, blocks, type);
  }

  private KernelNetwork network(
      String name, int seed, WeightFormat format, int blocks, DType cacheType) {
    Path model = folder.resolve(name);
    GptConfig config =
        new GptConfig(
            GptConfig.Layout.LLAMA, VOCABULARY, CONTEXT, 32, 1, 2, 1, 16, 64, true, 1e-5, 10_000);
    try (ParameterSet parameters = ParameterSet.frozen(config.parameters())) {
      parameters.initialise(seed);
      GptFolder.save(model, config, parameters, SpecialIds.one(0), DType.FLOAT32, Map.of());
    }
    DType type = format == WeightFormat.FLOAT32 ? DType.FLOAT32 : DType.BFLOAT16;
    try (PretrainedDecoder opened = PretrainedDecoder.open(model, type)) {
      return new KernelNetwork(opened.network(), format, cacheType, blocks);
    }
  }

  private static void addAdapters(Batcher batcher) {
    try (Scope _ = Scope.open()) {
      batcher.addAdapter(
          "wide",
          Map.of(
              "model.layers.0.self_attn.q_proj", matrices(1, 32, 32, 40),
              "model.layers.0.self_attn.k_proj", matrices(2, 32, 16, 40),
              "model.layers.0.self_attn.v_proj", matrices(3, 32, 16, 40),
              "model.layers.0.self_attn.o_proj", matrices(4, 32, 32, 8),
              "model.layers.0.mlp.gate_proj", matrices(5, 32, 64, 8),
              "model.layers.0.mlp.up_proj", matrices(6, 32, 64, 8),
              "model.layers.0.mlp.down_proj", matrices(7, 64, 32, 8)));
      batcher.addAdapter(
          "narrow", Map.of("model.layers.0.self_attn.v_proj", matrices(8, 32, 16, 2)));
    }
  }

  private static void removeAdapters(Batcher batcher) {
    batcher.removeAdapter("wide");
    batcher.removeAdapter("narrow");
  }

  private static LowRank.Matrices matrices(int seed, int in, int out, int rank) {
    return new LowRank.Matrices(values(seed, rank, in), values(-seed, out, rank), 0.5);
  }

  private static Tensor values(int seed, int rows, int columns) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.6 * random.nextDouble() - 0.3);
    }
    return Tensor.of(values, rows, columns);
  }

  /** What came of schedules, so that a test of nothing shows. */
  private static final class Facts {
    private long hits;
    private long preemptions;
    private long accepted;
    private long changed;
  }

  @Test
  void answersDependOnNothingButTheRequest() {
    Facts facts = new Facts();
    int blocks = CONTEXT / BatchNetwork.BLOCK + 3;
    for (WeightFormat format : WeightFormat.values()) {
      try (KernelNetwork network = network("model", 7, format, blocks)) {
        compare(network, SCHEDULES / WeightFormat.values().length, facts);
      }
    }
    assertThat(facts.changed).as("answers that an adapter changed").isGreaterThan(1000);
    assertThat(facts.hits).isGreaterThan(1000);
    assertThat(facts.preemptions).isGreaterThan(100);
    assertThat(facts.accepted).isGreaterThan(1000);
  }

  @Test
  void neitherDoThoseOverKeysAndValuesInBytes() {
    Facts facts = new Facts();
    int blocks = CONTEXT / BatchNetwork.BLOCK + 3;
    try (KernelNetwork network = network("model", 7, WeightFormat.BFLOAT16, blocks, DType.INT8)) {
      compare(network, SCHEDULES_IN_BYTES, facts);
    }
    assertThat(facts.changed).as("answers that an adapter changed").isGreaterThan(100);
    assertThat(facts.hits).isGreaterThan(100);
    assertThat(facts.preemptions).isGreaterThan(10);
    assertThat(facts.accepted).isGreaterThan(100);
  }

  private void compare(KernelNetwork network, int count, Facts facts) {
    Schedules schedules = new Schedules(new LetterTokenizer(), VOCABULARY, CONTEXT);
    try (ModelDrafting model =
        new ModelDrafting(network("draft", 8, WeightFormat.FLOAT32, 20), 3)) {
      List<Drafting> draftings = List.of(Drafting.NONE, new PromptLookup(1, 2, 4), model);
      for (int seed = 0; seed < count; seed++) {
        SplittableRandom random = new SplittableRandom(seed);
        List<GenerationRequest> requests = schedules.requests(random, 4);
        List<String> adapters = new ArrayList<>();
        List<Generation> expected = new ArrayList<>();
        for (GenerationRequest request : requests) {
          String adapter = List.of("", "wide", "narrow").get(random.nextInt(3));
          Batcher alone = new Batcher(network, Batcher.Settings.DEFAULT.withPrefixCache(false));
          addAdapters(alone);
          adapters.add(adapter);
          expected.add(schedules.alone(alone, request, adapter));
          if (!adapter.isEmpty() && !expected.getLast().equals(schedules.alone(alone, request))) {
            facts.changed++;
          }
          removeAdapters(alone);
        }
        Batcher together =
            new Batcher(
                network,
                new Batcher.Settings(
                    2 + random.nextInt(3),
                    1 + random.nextInt(90),
                    1 + random.nextInt(40),
                    random.nextInt(4) > 0,
                    draftings.get(random.nextInt(draftings.size()))));
        addAdapters(together);
        schedules.compare(together, random, requests, adapters, expected);
        removeAdapters(together);
        facts.hits += together.facts().prefixHits();
        facts.preemptions += together.facts().preemptions();
        facts.accepted += together.facts().accepted();
      }
    }
  }
}
