package dev.slipway.model.sequential;

import static dev.slipway.model.sequential.SequentialTest.layers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import dev.slipway.model.Pass;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.Engine;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Each layer learns as PyTorch's: the losses of 50 steps from the same weights and batches, and the
 * answers afterwards. The fixture is reference/sequential.py's.
 */
class LayerReferenceTest {
  private static final int BATCHES = 4;

  /** A case under its name. */
  record Case(String name, JsonNode json) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final int THREADS = Engine.threads();

  @BeforeAll
  static void oneThread() {
    Engine.setThreads(1); // two would only wait for each other on networks so small
  }

  @AfterAll
  static void asBefore() {
    Engine.setThreads(THREADS);
  }

  static Stream<Case> cases() throws IOException {
    try (InputStream in =
        new GZIPInputStream(LayerReferenceTest.class.getResourceAsStream("layers.json.gz"))) {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "fixture")
          .path("cases")
          .valueStream()
          .map(json -> new Case(json.path("name").stringValue(), json));
    }
  }

  private static long[] shape(JsonNode sizes) {
    return sizes.valueStream().mapToLong(JsonNode::longValue).toArray();
  }

  private static SequentialConfig config(JsonNode json) {
    List<InputShape> inputs = new ArrayList<>();
    for (JsonNode input : json.path("inputs")) {
      List<Long> sizes = new ArrayList<>();
      for (long size : shape(input.path("shape"))) {
        sizes.add(size);
      }
      List<Integer> ids = input.path("ids").valueStream().map(JsonNode::intValue).toList();
      inputs.add(
          new InputShape(
              input.path("name").stringValue(),
              ids.isEmpty() ? InputShape.Kind.FLOATS : InputShape.Kind.IDS,
              sizes.subList(1, sizes.size()),
              ids));
    }
    return SequentialConfig.of(inputs, layers(json.path("layers").stringValue()));
  }

  private static Inputs batch(Case given, int number) {
    SequencedMap<String, Input> inputs = new LinkedHashMap<>();
    JsonNode lengths = given.json.path("lengths");
    Tensor limits = lengths.isNull() ? null : Tensor.of(shape(lengths), lengths.size());
    for (JsonNode input : given.json.path("inputs")) {
      String name = input.path("name").stringValue();
      long[] shape = shape(input.path("shape"));
      int count = (int) numel(shape);
      double[] u = NamedValues.uniform(given.name + " " + name + " " + number, count);
      JsonNode ids = input.path("ids");
      Tensor values;
      if (ids.isEmpty()) {
        values = Tensor.of(NamedValues.floats(u), shape);
      } else {
        long[] drawn = new long[count];
        for (int i = 0; i < count; i++) {
          drawn[i] = (long) Math.floor((u[i] + 1) / 2 * ids.get(i % ids.size()).intValue());
        }
        values = Tensor.of(drawn, shape);
      }
      inputs.put(name, new Input(values, limits));
    }
    return new Inputs(inputs);
  }

  private static long numel(long[] shape) {
    long product = 1;
    for (long size : shape) {
      product *= size;
    }
    return product;
  }

  /** One step of gradient descent on the mean squared error; gives the error. */
  private static double step(Case given, Sequential network, int number, double rate) {
    try (Scope _ = Scope.open()) {
      Tensor output = network.output(batch(given, number), Pass.TRAINING);
      double[] u = NamedValues.uniform(given.name + " target " + number, (int) output.numel());
      Tensor difference = output.sub(Tensor.of(NamedValues.floats(u), output.shape()));
      Tensor loss = difference.mul(difference).mean();
      network.parameters().flatGradients().zeroInPlace();
      loss.backward();
      try (NoGrad _ = NoGrad.open()) {
        Tensor unused =
            network.parameters().flat().addInPlace(network.parameters().flatGradients(), -rate);
      }
      return loss.item();
    }
  }

  private static Sequential filled(Case given) {
    Sequential network = Sequential.create(config(given.json), 1);
    Map<String, List<Long>> expected = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : given.json.path("parameters").properties()) {
      expected.put(
          entry.getKey(), entry.getValue().valueStream().map(JsonNode::longValue).toList());
    }
    Map<String, List<Long>> came = new LinkedHashMap<>();
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      for (ParameterSpec spec : network.parameters().specs()) {
        came.put(spec.name(), spec.shape());
        network.parameters().value(spec.name()).copyInPlace(weight(spec));
      }
    }
    assertThat(came).as("names and shapes of the parameters").isEqualTo(expected);
    return network;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void learnsAsPyTorchDoes(Case given) {
    try (Sequential network = filled(given)) {
      double rate = given.json.path("rate").doubleValue();
      JsonNode losses = given.json.path("losses");
      double worst = 0;
      for (int i = 0; i < losses.size(); i++) {
        double loss = step(given, network, i % BATCHES, rate);
        worst = Math.max(worst, Math.abs(loss - losses.get(i).doubleValue()));
      }
      assertThat(worst).as("largest difference of a loss").isLessThan(1e-5);
      try (Scope _ = Scope.open()) {
        float[] answer = network.output(batch(given, 0), Pass.INFERENCE).toFloats();
        JsonNode expected = given.json.path("answer").path("values");
        assertThat(answer).hasSize(expected.size());
        for (int i = 0; i < answer.length; i++) {
          assertThat(Math.abs(answer[i] - expected.get(i).doubleValue())).isLessThan(1e-4);
        }
      }
    }
  }

  @Test
  void stepsLeaveNoMemoryBehind() throws IOException {
    List<Case> some =
        cases()
            .filter(
                c ->
                    c.name.equals("conv2d, relu, max-pool2d")
                        || c.name.equals("packed lstm, both ways"))
            .toList();
    assertThat(some).hasSize(2);
    for (Case given : some) {
      try (Sequential network = filled(given)) {
        for (int i = 0; i < 100; i++) {
          step(given, network, i % BATCHES, 0.01);
        }
        long before = Engine.residentBytes();
        for (int i = 0; i < 200; i++) {
          step(given, network, i % BATCHES, 0.01);
        }
        assertThat(Engine.residentBytes() - before).as(given.name).isLessThan(16L << 20);
      }
    }
  }

  private static Tensor weight(ParameterSpec spec) {
    int count = (int) spec.numel();
    double[] u = NamedValues.uniform(spec.name(), count);
    double root = Math.sqrt(count / (double) spec.shape().getFirst());
    for (int i = 0; i < count; i++) {
      if (spec.shape().size() > 1) {
        u[i] /= root;
      } else {
        u[i] = spec.name().endsWith("weight") ? 1 + 0.2 * u[i] : 0.1 * u[i];
      }
    }
    return Tensor.of(
        NamedValues.floats(u), spec.shape().stream().mapToLong(Long::longValue).toArray());
  }
}
