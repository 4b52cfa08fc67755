package dev.slipway.model.sequential;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.binding.Binder;
import dev.slipway.base.binding.Shapes;
import dev.slipway.base.binding.YamlReader;
import dev.slipway.model.LayerTable;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SequentialTest {
  private record Layers(List<Layer> layers) {}

  /** Layers from YAML's flow style. */
  static List<Layer> layers(String yaml) {
    Binder.Bound<Layers> bound =
        Binder.bind(
            YamlReader.parse("layers: " + yaml, "test"),
            new Shapes(List.of(Window.TYPE, Padding.TYPE)).document(Layers.class),
            Layers.class,
            _ -> null);
    assertThat(bound.problems()).isEmpty();
    return requireNonNull(bound.value()).layers();
  }

  private static final InputShape DIGIT = InputShape.floats("picture", 1L, 28L, 28L);
  private static final InputShape TEXT = InputShape.ids("text", 100, InputShape.VARIABLE);

  private static final String DIGITS =
      "[{conv2d: {filters: 32, kernel: 3, activation: relu}}, max-pool2d, flatten,"
          + " {dense: {units: 64, activation: relu}}, {dense: 10}]";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[{dense: 3}]|layer 1 (dense): came (B, 1, 28, 28), expected (B, features)",
        "[{conv2d: 8}, {lstm: 4}]|layer 2 (lstm): came (B, 8, 26, 26), expected (B, time, features)",
        "[flatten, {conv2d: 8}]|layer 2 (conv2d): came (B, 784), expected (B, channels, height, width)",
        "[{conv2d: {filters: 8, kernel: 40}}]|layer 1 (conv2d): came (B, 1, 28, 28), expected at least 40",
        "[{conv2d: {filters: 8, kernel: 2, padding: same}}]|an odd window where padding is same",
        "[flatten, {reshape: [3, 5]}]|layer 2 (reshape): came (B, 784), expected 15 values",
        "[{residual: [{conv2d: 8}]}]|the same shape on both ways",
        "[flatten, {concatenate: {}}]|layer 2 (concatenate)",
        "[{embedding: 4}]|layer 1 (embedding): came (B, 1, 28, 28), expected ids"
      })
  void refusesWhatDoesNotFit(String yaml, String sentence) {
    List<Layer> layers = layers(yaml);
    assertThatThrownBy(() -> SequentialConfig.of(List.of(DIGIT), layers))
        .hasMessageContaining(sentence);
  }

  @Test
  void countsParametersShapesAndOperations() {
    LayerTable table = SequentialConfig.of(List.of(DIGIT), layers(DIGITS)).table();
    assertThat(table.rows())
        .extracting(LayerTable.Row::output)
        .containsExactly("(B, 32, 26, 26)", "(B, 32, 13, 13)", "(B, 5408)", "(B, 64)", "(B, 10)");
    assertThat(table.parameters()).isEqualTo(320 + 5408 * 64 + 64 + 650);
    assertThat(table.rows().getFirst().flops()).isEqualTo(2.0 * 32 * 26 * 26 * 9);
  }

  @Test
  void costsOfTextsFollowTheirLength() {
    SequentialConfig config =
        SequentialConfig.of(
            List.of(InputShape.ids("text", 100, InputShape.VARIABLE)),
            layers("[{embedding: 8}, {gru: 4}, {dense: 1}]"));
    LayerTable table = config.table(Map.of("text", 30));
    assertThat(table.rows())
        .extracting(LayerTable.Row::output)
        .containsExactly("(B, T, 8)", "(B, 4)", "(B, 1)");
    // Of each of 30 steps three gates of 4, the state and its function; then the last state.
    assertThat(table.rows())
        .extracting(LayerTable.Row::bytes)
        .containsExactly(4L * 30 * 8, 4L * (30 * 5 * 4 + 4), 4L);
    assertThat(table.rows().get(1).flops()).isEqualTo(2.0 * 30 * 3 * 4 * (8 + 4));
    List<Layer> places =
        layers("[{embedding: 8}, {positional-encoding: {places: learned, longest: 20}}]");
    SequentialConfig learnt = SequentialConfig.of(config.inputs(), places);
    assertThatThrownBy(() -> learnt.table(Map.of("text", 21)))
        .hasMessageContaining(
            "layer 2 (positional-encoding): came (B, 21, 8), expected a sequence of at most 20");
  }

  @Test
  void opensWhatItSaved(@TempDir Path folder) {
    SequentialConfig config =
        SequentialConfig.of(
            List.of(DIGIT),
            layers(
                "[{conv2d: {filters: 4, stride: 2}}, batch-norm, relu,"
                    + " {residual: [{conv2d: {filters: 4, padding: same}}]}, global-avg-pool, {dense: 3}]"));
    try (Scope _ = Scope.open();
        Sequential network = Sequential.create(config, 7)) {
      Inputs batch = Inputs.of("picture", Input.of(Tensor.full(0.5, DType.FLOAT32, 2, 1, 28, 28)));
      network.forward(batch, Pass.TRAINING); // moves the running statistics
      SequentialFolder.save(folder.resolve("model"), network, Map.of("note.txt", "x"));
      try (Sequential opened = SequentialFolder.open(folder.resolve("model"))) {
        assertThat(opened.config()).isEqualTo(config);
        assertThat(output(opened, batch)).isEqualTo(output(network, batch));
      }
    }
  }

  private static float[] output(Network network, Inputs batch) {
    return network.output(batch, Pass.INFERENCE).toFloats();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[{embedding: 8}, {lstm: 5}, {dense: 2}]",
        "[{embedding: 8}, {gru: {units: 5, bidirectional: true, layers: 2}}, {dense: 2}]",
        "[{embedding: 8}, {rnn: {units: 5, return-sequences: true}}, global-max-pool]",
        "[{embedding: 8}, positional-encoding, {transformer-block: {heads: 2}}, global-avg-pool]",
        "[{embedding: 8}, {multi-head-attention: 4}, global-avg-pool]"
      })
  void paddingDoesNotChangeAnAnswer(String yaml) {
    SequentialConfig config = SequentialConfig.of(List.of(TEXT), layers(yaml));
    try (Scope _ = Scope.open();
        Sequential network = Sequential.create(config, 3)) {
      Tensor alone = Tensor.of(new long[] {5, 6, 7}, 1, 3);
      Tensor padded = Tensor.of(new long[] {5, 6, 7, 0, 0, 1, 2, 3, 4, 5}, 2, 5);
      float[] first =
          output(network, Inputs.of("text", new Input(alone, Tensor.of(new long[] {3}, 1))));
      float[] both =
          output(network, Inputs.of("text", new Input(padded, Tensor.of(new long[] {3, 5}, 2))));
      for (int i = 0; i < first.length; i++) {
        assertThat(both[i]).isCloseTo(first[i], org.assertj.core.data.Offset.offset(1e-6f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{embedding: 8}, global-max-pool, {dense: 2}]",
        "[{embedding: 8}, global-avg-pool, {dense: 2}]",
        "[{embedding: 8}, {lstm: 16}, {dense: 2}]",
        "[{embedding: 8}, {gru: {units: 5, bidirectional: true}}, {dense: 2}]",
        "[{embedding: 8}, {transformer-block: 2}, global-max-pool, {dense: 2}]",
        "[{bert: {hidden: 8, layers: 1, heads: 2, classes: 2}}]"
      })
  void anEmptyTextHasAnAnswerAndAGradient(String yaml) {
    SequentialConfig config = SequentialConfig.of(List.of(TEXT), layers(yaml));
    try (Scope _ = Scope.open();
        Sequential network = Sequential.create(config, 3)) {
      Tensor texts = Tensor.of(new long[] {5, 6, 7, 0, 0, 0}, 2, 3);
      Inputs batch = Inputs.of("text", new Input(texts, Tensor.of(new long[] {3, 0}, 2)));
      Tensor output = network.output(batch, Pass.TRAINING);
      output.sum().backward();
      assertThat(output.abs().max().item()).isLessThan(100);
      assertThat(network.parameters().flatGradients().isFinite().all()).isTrue();
    }
  }

  @Test
  void joinsColumnsAndGivesSeveralHeads() {
    SequentialConfig config =
        new SequentialConfig(
            List.of(
                InputShape.floats("numbers", 3L),
                new InputShape("categories", InputShape.Kind.IDS, List.of(2L), List.of(4, 9))),
            layers("[concatenate, {dense: {units: 8, activation: relu}}]"),
            List.of(
                new Head("risk", layers("[{dense: 1}]")),
                new Head("kind", layers("[{dense: 5}]"))));
    assertThat(config.outputs().keySet()).containsExactly("risk", "kind");
    try (Scope _ = Scope.open();
        Sequential network = Sequential.create(config, 1)) {
      SequencedMap<String, Input> inputs = new LinkedHashMap<>();
      inputs.put("numbers", Input.of(Tensor.full(1, DType.FLOAT32, 2, 3)));
      inputs.put("categories", Input.of(Tensor.of(new long[] {1, 2, 3, 8}, 2, 2)));
      SequencedMap<String, Tensor> outputs = network.forward(new Inputs(inputs), Pass.INFERENCE);
      assertThat(requireNonNull(outputs.get("risk")).shape()).containsExactly(2, 1);
      assertThat(requireNonNull(outputs.get("kind")).shape()).containsExactly(2, 5);
    }
  }
}
