package dev.slipway.task.preference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.Fixtures;
import dev.slipway.base.Json;
import dev.slipway.data.SplitName;
import dev.slipway.data.conversation.Sequence;
import dev.slipway.data.conversation.SequenceFiles;
import dev.slipway.data.conversation.SequenceShards;
import dev.slipway.data.conversation.ShuffledOrder;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tune.Targets;
import dev.slipway.tune.TunedDecoder;
import dev.slipway.tune.TuningMethod;
import dev.slipway.weights.SafeTensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Reward modelling beside TRL's, by {@code reference/trl_rewards.py}. */
class RewardReferenceTest {
  private static final Tokenizer TOKENIZER =
      BpeTrainer.train(List.of("ab").iterator(), BpeConfig.ofSize(257));

  @TempDir private Path temp;

  @BeforeEach
  void unpack() {
    Fixtures.unpack(getClass(), "rewards.zip", temp);
  }

  private static TuningMethod method(String name) {
    return switch (name) {
      case "lora" ->
          new TuningMethod.Lora(
              4,
              8,
              new Targets.Named(List.of("q_proj", "v_proj"), List.of()),
              false,
              false,
              0,
              List.of());
      case "frozen" -> TuningMethod.Full.freezing(List.of("model.*"));
      default -> TuningMethod.Full.ALL;
    };
  }

  /** The weights that TRL's run began or ended with; an adapter's without PEFT's prefix. */
  private static void checkOrLoad(Path folder, TunedDecoder model, boolean load) {
    boolean adapter = Files.exists(folder.resolve("adapter_model.safetensors"));
    String prefix = adapter ? "base_model.model." : "";
    try (SafeTensors file =
        SafeTensors.open(
            folder.resolve(adapter ? "adapter_model.safetensors" : "model.safetensors"))) {
      for (ParameterSpec spec : model.parameters().specs()) {
        var stored = file.tensor(prefix + spec.name());
        var ours = model.parameters().value(spec.name());
        if (load) {
          ours.detach().copyInPlace(stored);
        } else {
          assertThat(ours.toFloats())
              .as(spec.name())
              .containsExactly(stored.toFloats(), within(1e-4f));
        }
      }
    }
  }

  /** TRL's batches, laid so that our order gives them one after the other. */
  private static List<Sequence> pairs(JsonNode batches, ShuffledOrder order) {
    Sequence[] sequences = new Sequence[2 * (int) order.count()];
    for (int step = 0; step < batches.size(); step++) {
      long[] places = order.batch(step);
      for (int i = 0; i < places.length; i++) {
        sequences[2 * (int) places[i]] = row(batches.path(step), i);
        sequences[2 * (int) places[i] + 1] = row(batches.path(step), places.length + i);
      }
    }
    return List.of(sequences);
  }

  private static Sequence row(JsonNode batch, int row) {
    List<Integer> ids = new ArrayList<>();
    for (int i = 0; i < batch.path("input_ids").path(row).size(); i++) {
      if (batch.path("attention_mask").path(row).path(i).asInt() == 1) {
        ids.add(batch.path("input_ids").path(row).path(i).asInt());
      }
    }
    return new Sequence(
        ids.stream().mapToInt(Integer::intValue).toArray(), new boolean[ids.size()], 0);
  }

  private static double[] margins(JsonNode batches, ShuffledOrder order) {
    double[] margins = new double[(int) order.count()];
    for (int step = 0; step < batches.size(); step++) {
      long[] places = order.batch(step);
      for (int i = 0; i < places.length; i++) {
        margins[(int) places[i]] = batches.path(step).path("margin").path(i).asDouble();
      }
    }
    return margins;
  }

  @ParameterizedTest
  @CsvSource({"full, false", "full, true", "centred, false", "frozen, false", "lora, false"})
  void trainingFollowsTrl(String name, boolean checkpointing) {
    JsonNode expected = Json.read(temp.resolve(name).resolve("expected.json"));
    JsonNode batches = expected.path("batches");
    int size = batches.path(0).path("input_ids").size() / 2;
    ShuffledOrder order = new ShuffledOrder((long) size * batches.size(), 5, size);
    RewardLoss loss = new RewardLoss(expected.path("coefficient").asDouble());
    TunedDecoder.Way way = new TunedDecoder.Way(DType.FLOAT32, checkpointing);
    try (SequenceShards shards =
            SequenceFiles.write(temp.resolve("sequences"), pairs(batches, order), 2);
        TunedDecoder model = TunedDecoder.scoring(temp.resolve("base"), method(name), way, 1);
        Optimizer optimizer =
            new OptimizerConfig.AdamW(0.01, 0.9, 0.999, 1e-8, 0, 0).bind(model.parameters())) {
      if (name.equals("lora")) {
        checkOrLoad(temp.resolve("lora/start"), model, true);
      }
      RewardTuning.Pairs pairs =
          new RewardTuning.Pairs(
              shards.shard(SplitName.TRAIN),
              batches.path(0).has("margin") ? margins(batches, order) : new double[0],
              (ScoringConfig) model.config(),
              0);
      RewardTuning objective =
          new RewardTuning(
              model.parameters(),
              model.scores(),
              loss,
              order,
              pairs,
              pairs,
              TOKENIZER,
              String::valueOf);
      for (int step = 0; step < batches.size(); step++) {
        long[] places = order.batch(step);
        List<RewardScore> all = objective.scores(pairs, pairs.count());
        List<RewardScore> scores =
            Arrays.stream(places).mapToObj(place -> all.get((int) place)).toList();
        SequencedMap<String, Double> metrics = RewardTuning.metrics(scores);
        for (String metric : metrics.keySet()) {
          assertThat(metrics.get(metric))
              .as(name + " step " + step + " " + metric)
              .isCloseTo(expected.path(metric).path(step).asDouble(), within(1e-3));
        }
        double value = objective.forwardBackward(step, 1.0 / size) / size;
        assertThat(value)
            .as(name + " step " + step)
            .isCloseTo(expected.path("losses").path(step).asDouble(), within(1e-4));
        optimizer.step(step, 1, 1);
        model.parameters().flatGradients().zeroInPlace();
        objective.parametersChanged();
      }
      checkOrLoad(temp.resolve(name).resolve("end"), model, false);
    }
  }
}
