package dev.slipway.model.sequential;

import static dev.slipway.model.sequential.SequentialTest.layers;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.SafeTensors;
import dev.slipway.weights.WeightSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Ready networks give torchvision's logits for the same weights: reference/torchvision_nets.py. */
class ReadyNetworkTest {
  private static final JsonNode FIXTURE = fixture();

  private static JsonNode fixture() {
    try (InputStream in =
        new GZIPInputStream(
            ReadyNetworkTest.class.getResourceAsStream("torchvision-nets.json.gz"))) {
      return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "fixture");
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** The script's weights, tensor by tensor. */
  private record Formula(Map<String, List<Long>> shapes, double gain) implements WeightSource {
    static Formula of(JsonNode fixture) {
      Map<String, List<Long>> shapes = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> entry : fixture.path("state").properties()) {
        List<Long> shape = new ArrayList<>();
        entry.getValue().forEach(size -> shape.add(size.longValue()));
        shapes.put(entry.getKey(), shape);
      }
      return new Formula(shapes, fixture.path("gain").doubleValue());
    }

    Formula with(String name, List<Long> shape) {
      Map<String, List<Long>> more = new LinkedHashMap<>(shapes);
      more.put(name, shape);
      return new Formula(more, gain);
    }

    Formula without(String name) {
      Map<String, List<Long>> fewer = new LinkedHashMap<>(shapes);
      fewer.remove(name);
      return new Formula(fewer, gain);
    }

    @Override
    public Set<String> names() {
      return shapes.keySet();
    }

    @Override
    public List<Long> shape(String tensor) {
      return requireNonNull(shapes.get(tensor));
    }

    @Override
    public Tensor tensor(String tensor) {
      List<Long> shape = shape(tensor);
      int count = (int) shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
      boolean vector = shape.size() == 1;
      double factor = Math.sqrt(gain / (count / (double) shape.getFirst()));
      double[] values = NamedValues.uniform(tensor, count);
      for (int i = 0; i < count; i++) {
        double u = values[i];
        if (tensor.endsWith("running_var")) {
          u = 1 + 0.3 * u;
        } else if (tensor.endsWith("weight") && vector) {
          u = 1 + 0.2 * u;
        } else {
          u = u * (vector ? 0.1 : factor);
        }
        values[i] = u;
      }
      return Tensor.of(
          NamedValues.floats(values), shape.stream().mapToLong(Long::longValue).toArray());
    }

    @Override
    public void close() {}
  }

  static Stream<JsonNode> cases() {
    return FIXTURE.path("cases").valueStream();
  }

  private static SequentialConfig config(String network, long size) {
    return SequentialConfig.of(
        List.of(InputShape.floats("picture", 3L, size, size)), layers("[" + network + "]"));
  }

  private static JsonNode named(String network) {
    return cases()
        .filter(c -> c.path("network").stringValue().equals(network))
        .findFirst()
        .orElseThrow();
  }

  private static Inputs picture(int size) {
    return Inputs.of(
        "picture",
        Input.of(
            Tensor.of(
                NamedValues.floats(NamedValues.uniform("picture " + size, 6 * size * size)),
                2,
                3,
                size,
                size)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesTorchvisionsLogits(JsonNode fixture) {
    int size = fixture.path("size").intValue();
    boolean training = fixture.path("training").booleanValue();
    SequentialConfig config =
        config("{" + fixture.path("network").stringValue() + ": {classes: 1000}}", size);
    assertThat(config.parameterCount()).isEqualTo(fixture.path("parameters").longValue());
    assertThat(config.table().parameters()).isEqualTo(config.parameterCount());
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open();
        Sequential network = Sequential.frozen(config)) {
      Torchvision.load(network, Formula.of(fixture), "weights");
      float[] logits =
          network.output(picture(size), training ? Pass.TRAINING : Pass.INFERENCE).toFloats();
      assertClose(logits, fixture.path("logits"));
      for (Map.Entry<String, JsonNode> running : fixture.path("running").properties()) {
        assertClose(
            network.buffers().value("0." + running.getKey()).toFloats(), running.getValue());
      }
    }
  }

  private static void assertClose(float[] came, JsonNode expected) {
    assertThat(came).hasSize(expected.size());
    double worst = 0;
    for (int i = 0; i < came.length; i++) {
      worst = Math.max(worst, Math.abs(came[i] - expected.get(i).doubleValue()));
    }
    assertThat(worst).isLessThan(1e-4);
  }

  @Test
  void namesWhatIsMissingSurplusOrOfAnotherShape() {
    Formula weights = Formula.of(named("resnet18"));
    try (Scope _ = Scope.open();
        Sequential network = Sequential.frozen(config("{resnet18: {classes: 1000}}", 32));
        Sequential ten = Sequential.frozen(config("{resnet18: {classes: 10}}", 32))) {
      assertThatThrownBy(
              () -> Torchvision.load(network, weights.without("layer1.0.conv1.weight"), "w"))
          .isInstanceOf(SlipwayException.class)
          .hasMessageContaining("lacks layer1.0.conv1.weight, expected it [64, 64, 3, 3]");
      assertThatThrownBy(
              () -> Torchvision.load(network, weights.with("layer9.weight", List.of(1L)), "w"))
          .hasMessageContaining("has layer9.weight, which the network does not have");
      assertThatThrownBy(() -> Torchvision.load(ten, weights, "w"))
          .hasMessageContaining("has fc.weight [1000, 512], expected [10, 512] (and 1 more")
          .hasMessageContaining("set classes: 0");
      assertThat(network.parameters().flat().abs().sum().item()).isEqualTo(0);
    }
  }

  @Test
  void loadsAFileBeforeAnotherClassifier(@TempDir Path folder) {
    Formula weights = Formula.of(named("resnet18"));
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open();
        Sequential network =
            Sequential.frozen(config("{resnet18: {classes: 0}}, {dense: 3}", 32))) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : weights.names()) {
        tensors.put(
            name,
            name.endsWith("num_batches_tracked")
                ? Tensor.zeros(DType.FLOAT32)
                : weights.tensor(name));
      }
      SafeTensors.write(folder.resolve("resnet18.safetensors"), tensors, DType.FLOAT32);
      try (SafeTensors file = SafeTensors.open(folder.resolve("resnet18.safetensors"))) {
        Torchvision.load(network, file, "resnet18.safetensors");
      }
      assertThat(network.buffers().value("0.bn1.running_var").toFloats())
          .isEqualTo(weights.tensor("bn1.running_var").toFloats());
      assertThat(network.output(picture(32), Pass.INFERENCE).shape()).containsExactly(2, 3);
    }
  }

  @Test
  void learnsAnotherClassifierAnew() {
    Formula weights = Formula.of(named("resnet18"));
    try (Scope _ = Scope.open();
        Sequential ten = Sequential.create(config("{resnet18: {classes: 10}}", 32), 3);
        Sequential same = Sequential.create(config("{resnet18: {classes: 1000}}", 32), 3)) {
      float[] classifier = ten.parameters().value("0.fc.weight").toFloats();
      Torchvision.pretrain(ten, weights, "w");
      assertThat(ten.parameters().value("0.fc.weight").toFloats()).isEqualTo(classifier);
      assertThat(ten.parameters().value("0.layer4.1.conv2.weight").toFloats())
          .isEqualTo(weights.tensor("layer4.1.conv2.weight").toFloats());
      assertThat(ten.buffers().value("0.bn1.running_mean").toFloats())
          .isEqualTo(weights.tensor("bn1.running_mean").toFloats());
      Torchvision.pretrain(same, weights, "w");
      assertThat(same.parameters().value("0.fc.weight").toFloats())
          .isEqualTo(weights.tensor("fc.weight").toFloats());
      assertThatThrownBy(
              () -> Torchvision.pretrain(ten, weights.without("layer1.0.conv1.weight"), "w"))
          .hasMessageContaining("lacks layer1.0.conv1.weight");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "mlp",
        "{mlp: {units: [8], dropout: 0.1}}",
        "{resnet18: {stem: small}}",
        "efficientnet-b0",
      })
  void takesItsOutputsFromTheTask(String yaml) {
    List<Layer> ready = ReadyNetwork.resolved(layers("[" + yaml + "]"), 4);
    SequentialConfig config =
        SequentialConfig.of(List.of(InputShape.floats("picture", 3L, 32L, 32L)), ready);
    assertThat(requireNonNull(config.outputs().get(Network.OUTPUT)).sizes()).containsExactly(4L);
    assertThat(config.table().rows().size()).isGreaterThan(2);
    try (Scope _ = Scope.open();
        Sequential network = Sequential.create(config, 1)) {
      Tensor output = network.output(picture(32), Pass.TRAINING);
      output.mul(output).mean().backward();
      for (ParameterSpec spec : network.parameters().specs()) {
        assertThat(network.parameters().gradient(spec.name()).norm().item())
            .as(spec.name())
            .isFinite();
      }
      assertThat(network.parameters().flatGradients().norm().item()).isPositive();
    }
  }

  @Test
  void readsTextsOfDifferingLengthAsBertDoes() {
    SequentialConfig config =
        SequentialConfig.of(
            List.of(InputShape.ids("text", 50, InputShape.VARIABLE)),
            layers("[{bert: {hidden: 8, layers: 2, heads: 2, classes: 3}}]"));
    try (Scope _ = Scope.open();
        Sequential network = Sequential.create(config, 1)) {
      Tensor alone = Tensor.of(new long[] {5, 6, 7}, 1, 3);
      Tensor padded = Tensor.of(new long[] {5, 6, 7, 0, 1, 2, 3, 4}, 2, 4);
      float[] first = text(network, new Input(alone, Tensor.of(new long[] {3}, 1)));
      float[] both = text(network, new Input(padded, Tensor.of(new long[] {3, 4}, 2)));
      for (int i = 0; i < 3; i++) {
        assertThat((double) both[i]).isCloseTo(first[i], org.assertj.core.data.Offset.offset(1e-6));
      }
      assertThat(both[3]).isNotEqualTo(both[0]);
    }
  }

  private static float[] text(Sequential network, Input input) {
    return network.output(Inputs.of("text", input), Pass.INFERENCE).toFloats();
  }

  @Test
  void aValueAloneIsWhatOneWouldThink() {
    assertThat(layers("[{max-pool2d: 3}, {mlp: [8, 4]}, {resnet18: 10}]"))
        .isEqualTo(
            layers("[{max-pool2d: {size: 3}}, {mlp: {units: [8, 4]}}, {resnet18: {classes: 10}}]"));
  }

  @Test
  void needsANumberOfClassesWithoutATask() {
    assertThatThrownBy(() -> config("resnet18", 32))
        .hasMessageContaining("layer 1 (resnet18)")
        .hasMessageContaining("a number of classes");
    assertThatThrownBy(() -> config("{alexnet: {classes: 2}}", 32))
        .hasMessageContaining("layer 1 (alexnet): came (B, 3, 32, 32)");
  }
}
