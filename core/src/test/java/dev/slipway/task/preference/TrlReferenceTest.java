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
import dev.slipway.model.CausalAutograd;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.nn.MasterWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tune.Adapter;
import dev.slipway.tune.PeftFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Preference tuning beside TRL's, by {@code reference/trl_fixtures.py}. */
class TrlReferenceTest {
  private static final int STEPS = 20;
  private static final Tokenizer TOKENIZER =
      BpeTrainer.train(List.of("ab").iterator(), BpeConfig.ofSize(257));

  @TempDir private Path temp;

  @BeforeEach
  void unpack() {
    Fixtures.unpack(getClass(), "trl.zip", temp);
  }

  private static double at(JsonNode list, int index) {
    return list.path(index).asDouble();
  }

  @Test
  void lossesOfPairsAndTheirGradientsAreTrls() {
    JsonNode cases = Json.read(temp.resolve("losses.json")).path("paired");
    assertThat(cases.size()).isEqualTo(3);
    for (JsonNode each : cases) {
      double beta = each.path("beta").asDouble();
      PreferenceLoss.Paired loss =
          switch (each.path("loss").asString()) {
            case "dpo" -> new PreferenceLoss.Dpo(beta);
            case "ipo" -> new PreferenceLoss.Ipo(beta);
            default -> new PreferenceLoss.Orpo(beta);
          };
      JsonNode logps = each.path("logps");
      int pairs = logps.size() / 2;
      double sum = 0;
      int right = 0;
      double margins = 0;
      for (int i = 0; i < pairs; i++) {
        PreferenceLoss.Pair pair =
            new PreferenceLoss.Pair(
                at(logps, i),
                at(logps, pairs + i),
                at(each.path("reference"), i),
                at(each.path("reference"), pairs + i),
                each.path("lengths").path(i).asInt(),
                each.path("lengths").path(pairs + i).asInt());
        PreferenceLoss.PairOutcome outcome = loss.of(pair);
        sum += outcome.loss();
        assertThat(outcome.chosen() / pairs).isCloseTo(at(each.path("gradient"), i), within(1e-6));
        assertThat(outcome.rejected() / pairs)
            .isCloseTo(at(each.path("gradient"), pairs + i), within(1e-6));
        double margin =
            loss.reward(pair.chosen(), pair.referenceChosen(), pair.chosenTokens())
                - loss.reward(pair.rejected(), pair.referenceRejected(), pair.rejectedTokens());
        margins += margin / pairs;
        right += margin > 0 ? 1 : 0;
      }
      assertThat(sum / pairs).isCloseTo(each.path("value").asDouble(), within(1e-6));
      if (each.has("margin")) {
        assertThat(margins).isCloseTo(each.path("margin").asDouble(), within(1e-6));
        assertThat((double) right / pairs)
            .isCloseTo(each.path("accuracy").asDouble(), within(1e-6));
      }
    }
  }

  /** TRL's ORPO shows means over tokens, its other losses sums. */
  @Test
  void logProbabilitiesAreShownAsTrlShowsThem() {
    assertThat(new PreferenceLoss.Orpo(0.1).shown(-6, 3)).isEqualTo(-2);
    assertThat(new PreferenceLoss.Dpo(0.1).shown(-6, 3)).isEqualTo(-6);
    assertThat(new PreferenceLoss.Ipo(0.1).shown(-6, 3)).isEqualTo(-6);
  }

  @Test
  void lossesOfRatedAnswersAndTheirGradientsAreTrls() {
    JsonNode cases = Json.read(temp.resolve("losses.json")).path("rated");
    assertThat(cases.size()).isEqualTo(2);
    for (JsonNode each : cases) {
      PreferenceLoss.Kto loss =
          new PreferenceLoss.Kto(
              each.path("beta").asDouble(),
              each.path("desirable").asDouble(),
              each.path("undesirable").asDouble());
      int count = each.path("logps").size();
      double z = 0;
      for (int i = 0; i < count; i++) {
        z += at(each.path("kl"), i) / count;
      }
      double sum = 0;
      for (int i = 0; i < count; i++) {
        PreferenceLoss.RatedOutcome outcome =
            loss.of(
                each.path("labels").path(i).asBoolean(),
                at(each.path("logps"), i) - at(each.path("reference"), i),
                Math.max(0, z));
        sum += outcome.loss() / count;
        assertThat(outcome.derivative() / count)
            .isCloseTo(at(each.path("gradient"), i), within(1e-6));
      }
      assertThat(sum).isCloseTo(each.path("value").asDouble(), within(1e-6));
    }
  }

  /** A row of TRL's batch without what it is filled up with. */
  private static Sequence row(JsonNode batch, int row, int label) {
    List<Integer> ids = new ArrayList<>();
    List<Boolean> learnt = new ArrayList<>();
    for (int i = 0; i < batch.path("input_ids").path(row).size(); i++) {
      if (batch.path("attention_mask").path(row).path(i).asInt() == 1) {
        ids.add(batch.path("input_ids").path(row).path(i).asInt());
        learnt.add(batch.path("completion_mask").path(row).path(i).asInt() == 1);
      }
    }
    boolean[] mask = new boolean[ids.size()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = learnt.get(i);
    }
    return new Sequence(ids.stream().mapToInt(Integer::intValue).toArray(), mask, label);
  }

  /** TRL's batches of pairs, laid so that our order gives them one after the other. */
  private static List<Sequence> pairs(JsonNode batches, ShuffledOrder order) {
    Sequence[] sequences = new Sequence[2 * (int) order.count()];
    for (int step = 0; step < batches.size(); step++) {
      long[] places = order.batch(step);
      for (int i = 0; i < places.length; i++) {
        sequences[2 * (int) places[i]] = row(batches.path(step), i, 1);
        sequences[2 * (int) places[i] + 1] = row(batches.path(step), places.length + i, 0);
      }
    }
    return List.of(sequences);
  }

  /** Rows of TRL's batch in the order of its data, in which each follows its KL completion. */
  private static List<Integer> chain(JsonNode batch) {
    List<Integer> chain = new ArrayList<>(List.of(0));
    int count = batch.path("input_ids").size();
    while (chain.size() < count) {
      List<Integer> last = completion(batch, "", chain.getLast());
      for (int i = 0; i < count; i++) {
        if (completion(batch, "KL_", i).equals(last)) {
          chain.add(i);
          break;
        }
      }
    }
    return chain;
  }

  private static List<Integer> completion(JsonNode batch, String prefix, int row) {
    List<Integer> ids = new ArrayList<>();
    JsonNode mask = batch.path(prefix + "completion_mask").path(row);
    for (int i = 0; i < mask.size(); i++) {
      if (mask.path(i).asInt() == 1) {
        ids.add(batch.path(prefix + "input_ids").path(row).path(i).asInt());
      }
    }
    return ids;
  }

  private static List<Sequence> rated(JsonNode batch) {
    return chain(batch).stream()
        .map(row -> row(batch, row, batch.path("label").path(row).asBoolean() ? 1 : 0))
        .toList();
  }

  private static PreferenceLoss loss(String name, double beta) {
    return switch (name.substring(0, 3)) {
      case "dpo" -> new PreferenceLoss.Dpo(beta);
      case "ipo" -> new PreferenceLoss.Ipo(beta);
      default -> new PreferenceLoss.Kto(beta, 1, 1);
    };
  }

  private void follow(
      String name,
      JsonNode expected,
      CausalAutograd execution,
      ParameterSet parameters,
      Optimizer optimizer) {
    PreferenceLoss loss = loss(name, expected.path("beta").asDouble());
    boolean paired = loss instanceof PreferenceLoss.Paired;
    JsonNode batches = expected.path("batches");
    int size = batches.path(0).path("input_ids").size() / (paired ? 2 : 1);
    // KTO's data are one batch, which TRL has in another order each time.
    int steps = paired ? STEPS : 1;
    ShuffledOrder order = new ShuffledOrder((long) size * steps, 5, size);
    for (int from = 0; from < STEPS; from += steps) {
      List<Sequence> sequences = paired ? pairs(batches, order) : rated(batches.path(from));
      try (SequenceShards shards =
          SequenceFiles.write(temp.resolve("sequences-" + from), sequences, paired ? 2 : 1)) {
        PreferenceTuning.Answers answers =
            new PreferenceTuning.Answers(
                shards.shard(SplitName.TRAIN),
                reference(name, execution, shards, loss, order, batches.path(from)),
                32,
                0);
        PreferenceTuning objective =
            new PreferenceTuning(
                parameters, execution, loss, order, answers, null, TOKENIZER, String::valueOf);
        for (int step = from; step < from + steps; step++) {
          double value = objective.forwardBackward(step - from, 1.0 / size) / size;
          assertThat(value)
              .as(name + " step " + step)
              .isCloseTo(at(expected.path("losses"), step), within(1e-4));
          optimizer.step(step, 1, 1);
          parameters.flatGradients().zeroInPlace();
          execution.parametersChanged();
        }
      }
    }
  }

  /** Ours by the model as it begins; TRL's must be the same. */
  private ReferenceLogProbabilities reference(
      String name,
      CausalAutograd execution,
      SequenceShards shards,
      PreferenceLoss loss,
      ShuffledOrder order,
      JsonNode batch) {
    if (loss instanceof PreferenceLoss.Kto) { // by the tuned model it would be too late
      double[] answers = new double[batch.path("ref_logps").size()];
      double[] mismatched = new double[answers.length];
      for (int i = 0; i < answers.length; i++) {
        int row = chain(batch).get(i);
        answers[i] = at(batch.path("ref_logps"), row);
        mismatched[i] = at(batch.path("ref_KL_logps"), row);
      }
      return new ReferenceLogProbabilities(answers, mismatched);
    }
    Path file = temp.resolve(name + ".reference");
    ReferenceLogProbabilities ours =
        ReferenceLogProbabilities.of(
            file, execution, shards.shard(SplitName.TRAIN), loss, 32, 5, 0, _ -> {});
    int count = batch.path("ref_chosen_logps").size();
    for (int i = 0; i < count; i++) {
      int pair = (int) order.batch(0)[i];
      assertThat(ours.answers()[2 * pair])
          .isCloseTo(at(batch.path("ref_chosen_logps"), i), within(1e-4));
      assertThat(ours.answers()[2 * pair + 1])
          .isCloseTo(at(batch.path("ref_rejected_logps"), i), within(1e-4));
    }
    ReferenceLogProbabilities again =
        ReferenceLogProbabilities.of(
            file, execution, shards.shard(SplitName.TRAIN), loss, 32, 5, 0, _ -> {});
    assertThat(again.answers()).isEqualTo(ours.answers());
    return ours;
  }

  private static Optimizer adamW(ParameterSet parameters) {
    return new OptimizerConfig.AdamW(0.01, 0.9, 0.999, 1e-8, 0, 0).bind(parameters);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dpo-lora", "ipo-lora", "kto-lora"})
  void adaptersFollowTrl(String name) {
    JsonNode expected = Json.read(temp.resolve(name).resolve("expected.json"));
    try (PretrainedDecoder model = PretrainedDecoder.open(temp.resolve("base"), DType.FLOAT32);
        Adapter adapter =
            PeftFolder.open(
                temp.resolve(name).resolve("start"), model.network().projections().values());
        Optimizer optimizer = adamW(adapter.parameters());
        CausalAutograd execution =
            new CausalAutograd(model.network(), DType.FLOAT32, null, false)) {
      follow(name, expected, execution, adapter.parameters(), optimizer);
      try (PretrainedDecoder other = PretrainedDecoder.open(temp.resolve("base"), DType.FLOAT32);
          Adapter end =
              PeftFolder.open(
                  temp.resolve(name).resolve("end"), other.network().projections().values())) {
        for (ParameterSpec spec : end.parameters().specs()) {
          assertThat(adapter.parameters().value(spec.name()).toFloats())
              .as(spec.name())
              .containsExactly(end.parameters().value(spec.name()).toFloats(), within(1e-4f));
        }
      }
    }
  }

  @Test
  void allWeightsFollowTrl() {
    String name = "dpo-full";
    JsonNode expected = Json.read(temp.resolve(name).resolve("expected.json"));
    PretrainedDecoder.Trainable begun = PretrainedDecoder.trainable(temp.resolve("base"));
    PretrainedDecoder.Trainable end =
        PretrainedDecoder.trainable(temp.resolve(name).resolve("end"));
    try (ParameterSet parameters = begun.parameters();
        ParameterSet reached = end.parameters();
        Optimizer optimizer = adamW(parameters);
        CausalAutograd execution =
            new CausalAutograd(
                begun.config().network(new MasterWeights(parameters)), DType.FLOAT32, null, true)) {
      follow(name, expected, execution, parameters, optimizer);
      for (ParameterSpec spec : reached.specs()) {
        assertThat(parameters.value(spec.name()).toFloats())
            .as(spec.name())
            .containsExactly(reached.value(spec.name()).toFloats(), within(1e-4f));
      }
    }
  }
}
