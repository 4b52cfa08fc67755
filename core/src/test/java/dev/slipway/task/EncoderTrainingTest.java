package dev.slipway.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.Fixtures;
import dev.slipway.base.Json;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.encoder.Pooling;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.loss.Loss;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Fine-tuning beside transformers: fixtures by {@code reference/encoder_training.py}. */
class EncoderTrainingTest {
  @TempDir private Path temp;

  @BeforeEach
  void unpack() {
    Fixtures.unpack(getClass(), "/dev/slipway/model/encoder-training.zip", temp);
  }

  /** Rows of numbers, filled up to the longest with what nobody reads. */
  private static Tensor longs(JsonNode rows, long fill) {
    if (!rows.get(0).isArray()) {
      long[] flat = new long[rows.size()];
      for (int i = 0; i < flat.length; i++) {
        flat[i] = rows.get(i).asLong();
      }
      return Tensor.of(flat, flat.length);
    }
    int columns = 0;
    for (JsonNode row : rows) {
      columns = Math.max(columns, row.size());
    }
    long[] values = new long[rows.size() * columns];
    for (int i = 0; i < values.length; i++) {
      JsonNode row = rows.get(i / columns);
      values[i] = i % columns < row.size() ? row.get(i % columns).asLong() : fill;
    }
    return Tensor.of(values, rows.size(), columns);
  }

  private static Tensor lengths(JsonNode rows) {
    long[] lengths = new long[rows.size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = rows.get(i).size();
    }
    return Tensor.of(lengths, lengths.length);
  }

  private static Tensor floats(JsonNode rows) {
    boolean flat = !rows.get(0).isArray();
    int columns = flat ? 1 : rows.get(0).size();
    float[] values = new float[rows.size() * columns];
    for (int i = 0; i < values.length; i++) {
      JsonNode row = rows.get(i / columns);
      values[i] = (float) (flat ? row : row.get(i % columns)).asDouble();
    }
    return flat ? Tensor.of(values, values.length) : Tensor.of(values, rows.size(), columns);
  }

  private static Inputs inputs(JsonNode batch) {
    SequencedMap<String, Input> inputs = new LinkedHashMap<>();
    if (batch.has("starts")) {
      inputs.put(
          TextEncoder.WORDS,
          new Input(longs(batch.get("starts"), 0), lengths(batch.get("starts"))));
    }
    inputs.put(TextEncoder.TYPES, Input.of(longs(batch.get("types"), 0)));
    inputs.put(
        TextEncoder.IDS, new Input(longs(batch.get("ids"), 0), longs(batch.get("lengths"), 0)));
    return new Inputs(inputs);
  }

  private static Input target(Head head, JsonNode batch) {
    JsonNode labels = batch.get("labels");
    return switch (head) {
      case Head.SequenceClassification(List<String> _, Head.Problem problem)
          when problem != Head.Problem.SINGLE_LABEL ->
          Input.of(floats(labels));
      case Head.TokenClassification _ -> new Input(longs(labels, 0), lengths(labels));
      default -> Input.of(longs(labels, 0));
    };
  }

  private static Loss loss(Head head) {
    return switch (head) {
      case Head.SequenceClassification(List<String> _, Head.Problem problem) ->
          switch (problem) {
            case REGRESSION -> new Loss.Mse();
            case MULTI_LABEL -> Loss.BinaryCrossEntropy.PLAIN;
            case SINGLE_LABEL -> Loss.CrossEntropy.PLAIN;
          };
      default -> Loss.CrossEntropy.PLAIN;
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bert-classes",
        "bert-labels",
        "roberta-number",
        "roberta-classes",
        "bert-tags",
        "roberta-tags",
        "bert-span",
        "roberta-span",
        "bert-masked"
      })
  void losesAsTransformersDoes(String name) {
    Head head;
    try (TextEncoder opened = EncoderFolder.open(temp.resolve(name))) {
      head = opened.head();
    }
    follows(
        name,
        EncoderFolder.openTrainable(temp.resolve(name), head, 1).network(),
        Criterion.of(Network.OUTPUT, loss(head)),
        batch -> target(head, batch));
  }

  /** Both logits' difference by binary cross-entropy is both by cross-entropy. */
  @Test
  void twoClassesByOneLogitLoseAsTwoDo() {
    BinaryClassification task = new BinaryClassification("label", List.of("no", "yes"), 0.5);
    follows(
        "bert-two",
        EncoderTasks.network(
            EncoderFolder.openTrainable(temp.resolve("bert-two"), EncoderTasks.head(task), 1)
                .network(),
            task,
            Pooling.MEAN),
        Criterion.of(Network.OUTPUT, Loss.BinaryCrossEntropy.PLAIN),
        batch -> Input.of(floats(batch.get("labels"))));
  }

  private interface Targets {
    Input of(JsonNode batch);
  }

  private void follows(String name, Network network, Criterion criterion, Targets targets) {
    JsonNode losses = Json.read(temp.resolve(name).resolve("losses.json"));
    JsonNode batches = Json.read(temp.resolve(name).resolve("batches.json"));
    try (network;
        Optimizer optimizer =
            new OptimizerConfig.AdamW(2e-3, 0.9, 0.999, 1e-8, 0, 0).bind(network.parameters())) {
      for (int step = 0; step < losses.size(); step++) {
        try (Scope _ = Scope.open()) {
          Inputs inputs = inputs(batches.get(step));
          Input target = targets.of(batches.get(step));
          SequencedMap<String, Tensor> outputs =
              network.forward(inputs, new Pass(true, (layer, output) -> {}));
          SequencedMap<String, Input> named = new LinkedHashMap<>(Map.of(Network.OUTPUT, target));
          long count =
              Objects.requireNonNull(criterion.parts().get(Network.OUTPUT)).loss().count(target);
          Tensor loss = criterion.perExample(inputs, outputs, named).sum().div((double) count);
          assertThat(loss.to(DType.FLOAT64).item())
              .as("step " + step)
              .isCloseTo(losses.get(step).asDouble(), within(1e-4));
          network.parameters().flatGradients().zeroInPlace();
          loss.backward();
        }
        optimizer.step(step, 1, 1);
      }
    }
  }
}
