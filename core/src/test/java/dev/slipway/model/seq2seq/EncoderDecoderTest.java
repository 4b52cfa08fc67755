package dev.slipway.model.seq2seq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.model.LayerTable;
import dev.slipway.model.Pass;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.loss.Loss;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Against {@code torch.nn.Transformer}: fixtures of {@code reference/seq2seq.py}. */
class EncoderDecoderTest {
  private static final int ROWS = 6;
  private static final int SOURCE = 7;
  private static final int TARGET = 8;

  private static JsonNode fixture(String name) throws IOException {
    try (InputStream in =
        new GZIPInputStream(EncoderDecoderTest.class.getResourceAsStream("transformer.json.gz"))) {
      return StreamSupport.stream(Json.MAPPER.readTree(in).spliterator(), false)
          .filter(fixture -> fixture.path("config").path("name").asString().equals(name))
          .findFirst()
          .orElseThrow();
    }
  }

  private static EncoderDecoderConfig config(JsonNode c) {
    return new EncoderDecoderConfig(
        c.path("source").asInt(),
        c.path("target").asInt(),
        new EncoderDecoderConfig.Size(
            c.path("layers").asInt(),
            Auto.of(c.path("decoder_layers").asInt()),
            c.path("hidden").asInt(),
            c.path("heads").asInt(),
            Auto.of(c.path("inner").asInt()),
            0,
            c.path("shared").asBoolean(),
            c.path("tied").asBoolean(),
            c.path("learned").asBoolean()
                ? EncoderDecoderConfig.Positions.LEARNED
                : EncoderDecoderConfig.Positions.SINUSOIDAL,
            c.path("pre").asBoolean()
                ? EncoderDecoderConfig.NormPlace.PRE
                : EncoderDecoderConfig.NormPlace.POST,
            c.path("context").asInt()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void everyParameterIsInOneRowOfTheTable(boolean together) {
    EncoderDecoderConfig config =
        new EncoderDecoderConfig(
            50,
            together ? 50 : 60,
            new EncoderDecoderConfig.Size(
                1,
                Auto.of(2),
                8,
                2,
                Auto.of(16),
                0,
                together,
                together,
                together
                    ? EncoderDecoderConfig.Positions.SINUSOIDAL
                    : EncoderDecoderConfig.Positions.LEARNED,
                EncoderDecoderConfig.NormPlace.PRE,
                32));
    LayerTable table = config.table(5, 7);
    assertThat(table.parameters()).isEqualTo(config.parameterCount());
    LayerTable.Row encoder =
        table.rows().stream()
            .filter(row -> row.path().equals("encoder.layers.0"))
            .findFirst()
            .orElseThrow();
    assertThat(encoder.output()).isEqualTo("(B, S, 8)");
    assertThat(encoder.kind()).isEqualTo("encoder-block");
    // Four projections, the feed-forward network, scores and mixtures.
    assertThat(encoder.flops()).isEqualTo(5 * (8 * 64 + 4 * 8 * 16) + 4 * 5 * 5 * 8);
    LayerTable.Row head = table.rows().getLast();
    assertThat(head.output()).isEqualTo(together ? "(B, T, 50)" : "(B, T, 60)");
    assertThat(head.parameters()).isEqualTo(together ? 0 : 8 * 60);
    assertThat(head.flops()).isEqualTo(2.0 * 7 * 8 * (together ? 50 : 60));
  }

  private static EncoderDecoder network(JsonNode fixture) {
    EncoderDecoderConfig config = config(fixture.path("config"));
    ParameterSet parameters = ParameterSet.allocate(config.parameters());
    JsonNode values = fixture.path("initial");
    assertThat(parameters.specs().stream().map(ParameterSpec::name))
        .containsExactlyInAnyOrderElementsOf(values.propertyNames());
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      for (ParameterSpec spec : parameters.specs()) {
        float[] floats = floats(values.path(spec.name()).path("values"));
        parameters
            .value(spec.name())
            .copyInPlace(
                Tensor.of(floats, spec.shape().stream().mapToLong(Long::longValue).toArray()));
      }
    }
    return new EncoderDecoder(config, parameters);
  }

  private static float[] floats(JsonNode values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.path(i).asDouble();
    }
    return floats;
  }

  private static Tensor ids(JsonNode values, long... shape) {
    int[] ids = new int[values.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = values.path(i).asInt();
    }
    return Tensor.of(ids, shape).to(DType.INT64);
  }

  private static Input source(JsonNode batch) {
    return new Input(ids(batch.path("source"), ROWS, SOURCE), ids(batch.path("lengths"), ROWS));
  }

  private static Inputs inputs(JsonNode batch) {
    SequencedMap<String, Input> inputs = new LinkedHashMap<>();
    inputs.put(EncoderDecoder.SOURCE, source(batch));
    inputs.put(EncoderDecoder.TARGET, Input.of(ids(batch.path("target"), ROWS, TARGET)));
    return new Inputs(inputs);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pre", "post", "separate"})
  void learnsAndSearchesAsPyTorch(String name) throws IOException {
    JsonNode fixture = fixture(name);
    try (Scope _ = Scope.open();
        EncoderDecoder network = network(fixture);
        Optimizer optimizer = OptimizerConfig.Adam.of(3e-3).bind(network.parameters())) {
      Tensor logits = network.output(inputs(fixture.path("batches").path(0)), Pass.INFERENCE);
      assertThat(logits.toFloats()).containsExactly(floats(fixture.path("logits")), within(1e-4f));

      Loss.CrossEntropy loss =
          new Loss.CrossEntropy(
              fixture.path("config").path("smoothing").asDouble(),
              Optional.empty(),
              Optional.empty());
      for (int step = 0; step < fixture.path("losses").size(); step++) {
        JsonNode batch = fixture.path("batches").path(step);
        Input wanted = Input.of(ids(batch.path("wanted"), ROWS, TARGET));
        network.parameters().flatGradients().zeroInPlace();
        Tensor output = network.output(inputs(batch), Pass.TRAINING);
        Tensor mean = loss.sum(Input.of(output), wanted).div(loss.count(wanted));
        mean.backward();
        optimizer.step(step, 1, 1);
        assertThat(mean.item())
            .as("loss of step " + step)
            .isCloseTo(fixture.path("losses").path(step).asDouble(), within(1e-5));
      }

      JsonNode search = fixture.path("search");
      for (String settings : search.path("found").propertyNames()) {
        BeamSearch beams =
            new BeamSearch(
                network,
                new BeamSearch.Settings(
                    Integer.parseInt(settings.split(" ")[0]),
                    Double.parseDouble(settings.split(" ")[1]),
                    12),
                1,
                2);
        assertSame(beams.search(source(search)), search.path("found").path(settings));
      }
    }
  }

  private static void assertSame(List<List<BeamSearch.Hypothesis>> found, JsonNode expected) {
    assertThat(found).hasSize(expected.size());
    for (int row = 0; row < found.size(); row++) {
      assertThat(found.get(row)).hasSize(expected.path(row).size());
      for (int i = 0; i < found.get(row).size(); i++) {
        BeamSearch.Hypothesis hypothesis = found.get(row).get(i);
        JsonNode wanted = expected.path(row).path(i);
        int[] ids = new int[wanted.path("ids").size()];
        for (int t = 0; t < ids.length; t++) {
          ids[t] = wanted.path("ids").path(t).asInt();
        }
        assertThat(hypothesis.ids()).as("row %d, hypothesis %d", row, i).containsExactly(ids);
        assertThat(hypothesis.logProbability())
            .isCloseTo(wanted.path("log_probability").asDouble(), within(1e-3));
        assertThat(hypothesis.score()).isCloseTo(wanted.path("score").asDouble(), within(1e-3));
      }
    }
  }

  @Test
  void findsTheSameAloneAndBesideLongerSources() throws IOException {
    JsonNode fixture = fixture("pre");
    try (Scope _ = Scope.open();
        EncoderDecoder network = network(fixture)) {
      BeamSearch beams = new BeamSearch(network, BeamSearch.Settings.usual(9), 1, 2);
      Input all = source(fixture.path("search"));
      List<List<BeamSearch.Hypothesis>> together = beams.search(all);
      long[] lengths =
          fixture
              .path("search")
              .path("lengths")
              .valueStream()
              .mapToLong(JsonNode::asLong)
              .toArray();
      for (int row = 0; row < ROWS; row++) {
        Input one = Input.of(all.values().narrow(0, row, 1).narrow(1, 0, lengths[row]));
        assertThat(beams.search(one).getFirst().getFirst().ids())
            .containsExactly(together.get(row).getFirst().ids());
      }
    }
  }

  @Test
  void anEmptySourceGivesNoNan() throws IOException {
    try (Scope _ = Scope.open();
        EncoderDecoder network = network(fixture("pre"))) {
      Input empty =
          new Input(Tensor.of(new long[] {0, 0, 5, 6}, 2, 2), Tensor.of(new long[] {0, 2}, 2));
      List<List<BeamSearch.Hypothesis>> found =
          new BeamSearch(network, BeamSearch.Settings.greedy(5), 1, 2).search(empty);
      assertThat(found.getFirst().getFirst().logProbability()).isFinite();
    }
  }

  @Test
  void dropsOnlyWhileLearning() throws IOException {
    EncoderDecoderConfig plain = config(fixture("pre").path("config"));
    EncoderDecoderConfig.Size size = plain.size();
    EncoderDecoderConfig dropping =
        new EncoderDecoderConfig(
            17,
            17,
            new EncoderDecoderConfig.Size(
                size.layers(),
                size.decoderLayers(),
                size.hidden(),
                size.heads(),
                size.intermediate(),
                0.5,
                true,
                true,
                size.positions(),
                size.norm(),
                size.context()));
    ParameterSet parameters = ParameterSet.allocate(dropping.parameters());
    parameters.initialise(3);
    JsonNode batch = fixture("pre").path("batches").path(0);
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open();
        EncoderDecoder network = new EncoderDecoder(dropping, parameters)) {
      float[] first = network.output(inputs(batch), Pass.INFERENCE).toFloats();
      float[] again = network.output(inputs(batch), Pass.INFERENCE).toFloats();
      float[] learning = network.output(inputs(batch), Pass.TRAINING).toFloats();
      assertThat(again).containsExactly(first);
      assertThat(learning).isNotEqualTo(first);
    }
  }

  @Test
  void aFolderHoldsAllOfIt(@TempDir Path folder) throws IOException {
    JsonNode fixture = fixture("post");
    Path saved = folder.resolve("model");
    try (Scope _ = Scope.open();
        EncoderDecoder network = network(fixture)) {
      EncoderDecoderFolder.save(saved, network, Map.of("task.json", "{}"));
      try (EncoderDecoder opened = EncoderDecoderFolder.open(saved)) {
        assertThat(opened.config()).isEqualTo(network.config());
        assertThat(opened.parameters().flat().toFloats())
            .containsExactly(network.parameters().flat().toFloats());
      }
    }
    assertThat(saved.resolve("task.json")).hasContent("{}");
    Files.writeString(
        saved.resolve("config.json"),
        Files.readString(saved.resolve("config.json")).replace("\"hidden_size\"", "\"hidden\""));
    assertThatThrownBy(() -> EncoderDecoderFolder.open(saved))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("model.config"))
        .hasMessageContaining("hidden_size");
  }

  @Test
  void refusesWhatDoesNotFit() throws IOException {
    EncoderDecoderConfig.Size size = config(fixture("pre").path("config")).size();
    assertThatThrownBy(() -> new EncoderDecoderConfig(17, 18, size))
        .isInstanceOf(InvalidSetting.class);
    assertThatThrownBy(
            () ->
                new EncoderDecoderConfig.Size(
                    1,
                    Auto.auto(),
                    10,
                    3,
                    Auto.auto(),
                    0,
                    true,
                    true,
                    size.positions(),
                    size.norm(),
                    8))
        .isInstanceOf(InvalidSetting.class);
  }
}
