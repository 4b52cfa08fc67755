package dev.slipway.model.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.Pass;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.encoder.PackedTokens;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.SafeTensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Against transformers: fixtures by {@code reference/bert.py}. */
class EncoderReferenceTest {
  private static Path fixture(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(
                  EncoderReferenceTest.class.getResource("/dev/slipway/model/encoder/" + name),
                  name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode expected(String name) {
    return Json.read(fixture(name).resolve("expected.json"));
  }

  private static Inputs inputs(JsonNode expected) {
    SequencedMap<String, Input> inputs = new LinkedHashMap<>();
    JsonNode lengths = expected.get("lengths");
    inputs.put(
        TextEncoder.IDS,
        new Input(longs(expected.get("ids")), longs(lengths).view(lengths.size())));
    inputs.put(TextEncoder.TYPES, Input.of(longs(expected.get("types"))));
    return new Inputs(inputs);
  }

  private static Tensor longs(JsonNode rows) {
    int columns = rows.get(0).isArray() ? rows.get(0).size() : 1;
    long[] values = new long[rows.size() * columns];
    for (int i = 0; i < values.length; i++) {
      JsonNode row = rows.get(i / columns);
      values[i] = row.isArray() ? row.get(i % columns).asLong() : row.asLong();
    }
    return Tensor.of(values, rows.size(), columns);
  }

  /** Compares what stands at true tokens. */
  private static void same(float[] ours, JsonNode expected) {
    JsonNode theirs = expected.get("output");
    assertThat(ours).hasSize(theirs.size());
    int rows = expected.get("lengths").size();
    int columns = expected.get("shape").size() == 3 ? expected.get("shape").get(1).asInt() : 1;
    int width = ours.length / rows / columns;
    for (int i = 0; i < ours.length; i++) {
      int column = i / width % columns;
      if (columns == 1 || column < expected.get("lengths").get(i / width / columns).asInt()) {
        assertThat((double) ours[i]).isCloseTo(theirs.get(i).asDouble(), within(1e-4));
      }
    }
  }

  private static Tensor againstCosine(Tensor x) {
    float[] weights = new float[Math.toIntExact(x.numel())];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) Math.cos(i);
    }
    return x.mul(Tensor.of(weights, x.shape())).sum();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bert-hidden",
        "bert-hidden-bare",
        "bert-masked-tied",
        "bert-masked-untied",
        "bert-sequence",
        "bert-token",
        "roberta-hidden",
        "roberta-pad",
        "roberta-masked-tied",
        "roberta-masked-untied",
        "roberta-sequence",
        "roberta-token"
      })
  void outputsAndGradientsEqualTransformers(String name) {
    JsonNode expected = expected(name);
    Head head;
    try (TextEncoder opened = EncoderFolder.open(fixture(name));
        Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      head = opened.head();
      SequencedMap<String, Tensor> outputs = opened.forward(inputs(expected), Pass.INFERENCE);
      same(Objects.requireNonNull(outputs.get(TextEncoder.OUTPUT)).toFloats(), expected);
      assertThat(outputs.containsKey(TextEncoder.POOLED)).isEqualTo(expected.has("pooled"));
    }
    EncoderFolder.Trainable trainable = EncoderFolder.openTrainable(fixture(name), head, 1);
    assertThat(trainable.begun()).isEmpty();
    try (TextEncoder network = trainable.network();
        Scope _ = Scope.open()) {
      SequencedMap<String, Tensor> outputs = network.forward(inputs(expected), Pass.INFERENCE);
      Tensor output = Objects.requireNonNull(outputs.get(TextEncoder.OUTPUT));
      Tensor loss = againstCosine(output.dim() == 3 ? masked(output, expected) : output);
      Tensor pooled = outputs.get(TextEncoder.POOLED);
      if (pooled != null) {
        loss = loss.add(againstCosine(pooled));
      }
      loss = loss.div((double) output.numel());
      assertThat(loss.item()).isCloseTo(expected.get("loss").asDouble(), within(1e-4));
      loss.backward();
      gradientsEqual(network.parameters(), expected.get("gradients"));
    }
  }

  private static Tensor masked(Tensor output, JsonNode expected) {
    int rows = Math.toIntExact(output.size(0));
    int columns = Math.toIntExact(output.size(1));
    float[] mask = new float[rows * columns];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % columns < expected.get("lengths").get(i / columns).asInt() ? 1 : 0;
    }
    return output.mul(Tensor.of(mask, rows, columns, 1));
  }

  private static void gradientsEqual(ParameterSet parameters, JsonNode expected) {
    for (Map.Entry<String, JsonNode> entry : expected.properties()) {
      float[] values = parameters.gradient(entry.getKey()).contiguous().toFloats();
      double squares = 0;
      double product = 0;
      for (int i = 0; i < values.length; i++) {
        squares += (double) values[i] * values[i];
        product += values[i] * Math.cos(i);
      }
      double norm = entry.getValue().get(0).asDouble();
      assertThat(Math.sqrt(squares)).as(entry.getKey()).isCloseTo(norm, within(1e-4 * norm + 1e-5));
      assertThat(product)
          .as(entry.getKey())
          .isCloseTo(entry.getValue().get(1).asDouble(), within(1e-4 * norm + 1e-5));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bert-hidden", "roberta-pad", "roberta-token"})
  void sequencesWithoutPaddingGiveTheSameStates(String name) {
    JsonNode ids = expected(name).get("ids");
    int[] lengths = {9, 6, 6, 2};
    int[] all = new int[9 + 6 + 6 + 2];
    int at = 0;
    for (int row = 0; row < lengths.length; row++) {
      for (int t = 0; t < lengths[row]; t++) {
        all[at++] = ids.get(Math.min(row, 1)).get(t).asInt();
      }
    }
    List<PackedTokens.Span> spans =
        List.of(
            new PackedTokens.Span(1, 9), new PackedTokens.Span(2, 6), new PackedTokens.Span(1, 2));
    try (TextEncoder network = EncoderFolder.openTrunk(fixture(name));
        Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor packed = network.encoder().hidden(new PackedTokens(all, spans));
      at = 0;
      for (int length : lengths) {
        long[] own = new long[length];
        for (int t = 0; t < length; t++) {
          own[t] = all[at + t];
        }
        float[] alone =
            network
                .encoder()
                .hidden(
                    Inputs.of(TextEncoder.IDS, Input.of(Tensor.of(own, 1, length))), Pass.INFERENCE)
                .toFloats();
        float[] together = packed.narrow(0, at, length).contiguous().toFloats();
        assertThat(together).containsExactly(alone, within(1e-5f));
        at += length;
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"bert-masked-tied", "roberta-token", "bert-sequence"})
  void replacedProjectionsStandInTheirPlaces(String name) {
    JsonNode expected = expected(name);
    try (TextEncoder network = EncoderFolder.open(fixture(name));
        Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      assertThat(network.projections()).hasSizeGreaterThanOrEqualTo(13);
      for (ProjectionSlot slot : network.projections().values()) {
        slot.replace(Doubled::new);
      }
      same(network.output(inputs(expected), Pass.INFERENCE).toFloats(), expected);
      ProjectionSlot query = network.projections().firstEntry().getValue();
      assertThat(query.name()).endsWith("encoder.layer.0.attention.self.query");
      assertThat(query.in()).isEqualTo(16);
      query.replace(dense -> x -> dense.apply(x).mul(5));
      float[] other = network.output(inputs(expected), Pass.INFERENCE).toFloats();
      assertThat((double) other[0])
          .isNotCloseTo(expected.get("output").get(0).asDouble(), within(1e-4));
    }
  }

  /** The same by another way. */
  private record Doubled(Projection dense) implements Projection {
    @Override
    public Tensor apply(Tensor x) {
      return dense.apply(x).mul(2).mul(0.5);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bert-masked-tied,BertForMaskedLM",
    "bert-sequence,BertForSequenceClassification",
    "bert-hidden,BertModel",
    "roberta-masked-untied,RobertaForMaskedLM",
    "roberta-token,RobertaForTokenClassification"
  })
  void aFolderWrittenAgainIsTheSame(String name, String architecture, @TempDir Path temp) {
    Path copy = temp.resolve("copy");
    try (TextEncoder network = EncoderFolder.open(fixture(name))) {
      assertThat(network.architecture()).isEqualTo(architecture);
      EncoderFolder.save(copy, network, Map.of("note.txt", "kept"));
    }
    assertThat(copy.resolve("note.txt")).hasContent("kept");
    JsonNode expected = expected(name);
    try (TextEncoder network = EncoderFolder.open(copy);
        SafeTensors theirs = SafeTensors.open(fixture(name).resolve("model.safetensors"));
        SafeTensors ours = SafeTensors.open(copy.resolve("model.safetensors"));
        Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      assertThat(theirs.names()).containsAll(ours.names());
      same(network.output(inputs(expected), Pass.INFERENCE).toFloats(), expected);
      JsonNode config = Json.read(copy.resolve("config.json"));
      for (Map.Entry<String, JsonNode> entry :
          Json.read(fixture(name).resolve("config.json")).properties()) {
        if (config.has(entry.getKey()) && entry.getValue().isNumber()) {
          assertThat(config.get(entry.getKey()).asDouble())
              .as(entry.getKey())
              .isEqualTo(entry.getValue().asDouble());
        }
      }
    }
  }

  /** A copy of a fixture with other names of tensors and another configuration. */
  private static Path changed(
      String name, Path temp, Function<String, String> rename, Map<String, Object> settings)
      throws IOException {
    Path folder = Files.createDirectories(temp.resolve("changed"));
    ObjectNode json = (ObjectNode) Json.read(fixture(name).resolve("config.json"));
    settings.forEach((key, value) -> json.set(key, Json.tree(value)));
    Files.writeString(folder.resolve("config.json"), Json.write(json));
    try (SafeTensors source = SafeTensors.open(fixture(name).resolve("model.safetensors"));
        Scope _ = Scope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String tensor : source.names()) {
        String renamed = rename.apply(tensor);
        if (!renamed.isEmpty()) {
          tensors.put(renamed, source.tensor(tensor));
        }
      }
      SafeTensors.write(folder.resolve("model.safetensors"), tensors, DType.FLOAT32);
    }
    return folder;
  }

  @ParameterizedTest
  @CsvSource({"bert-masked-tied,bert.", "roberta-sequence,roberta."})
  void oldNamesAreRead(String name, String prefix, @TempDir Path temp) throws IOException {
    JsonNode expected = expected(name);
    Path folder =
        changed(
            name,
            temp,
            tensor ->
                tensor
                    .replace("LayerNorm.weight", "LayerNorm.gamma")
                    .replace("LayerNorm.bias", "LayerNorm.beta")
                    .replace(prefix, ""),
            Map.of("position_embedding_type", "absolute", "torch_dtype", "float32"));
    try (TextEncoder network = EncoderFolder.open(folder);
        Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      same(network.output(inputs(expected), Pass.INFERENCE).toFloats(), expected);
    }
  }

  @Test
  void anotherHeadBeginsAnewOnTheSameTrunk() {
    Head head = new Head.SequenceClassification(List.of("no", "yes"));
    EncoderFolder.Trainable first =
        EncoderFolder.openTrainable(fixture("bert-masked-tied"), head, 7);
    EncoderFolder.Trainable second =
        EncoderFolder.openTrainable(fixture("bert-masked-tied"), head, 7);
    try (TextEncoder a = first.network();
        TextEncoder b = second.network();
        TextEncoder trunk = EncoderFolder.openTrunk(fixture("bert-masked-tied"))) {
      assertThat(first.begun())
          .containsExactly(
              "bert.pooler.dense.weight",
              "bert.pooler.dense.bias",
              "classifier.weight",
              "classifier.bias");
      assertThat(a.parameters().flat().toFloats()).isEqualTo(b.parameters().flat().toFloats());
      assertThat(a.parameters().value("classifier.weight").toFloats())
          .doesNotContain(0f)
          .hasSize(32);
      assertThat(
              a.parameters().value("bert.encoder.layer.1.output.dense.weight").detach().toFloats())
          .isEqualTo(trunk.parameters().value("encoder.layer.1.output.dense.weight").toFloats());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "position_embedding_type,relative_key,model.unsupported-setting",
    "hidden_act,mish,model.unsupported-setting",
    "model_type,mamba,model.unknown-architecture",
    "hidden_size,17,model.bad-config",
    "num_hidden_layers,3,weights.missing-tensor",
    "num_hidden_layers,1,weights.surplus-tensor",
    "num_hidden_layers,16000000,weights.missing-tensor",
    "intermediate_size,25,weights.wrong-shape",
    "vocab_size,none,model.bad-config",
    "num_attention_heads,0,model.bad-config"
  })
  void whatDoesNotFitIsRefused(String key, String value, String code, @TempDir Path temp)
      throws IOException {
    Object setting = value.matches("[0-9]+") ? (Object) Integer.parseInt(value) : value;
    Path folder = changed("bert-hidden", temp, name -> name, Map.of(key, setting));
    assertThatThrownBy(() -> EncoderFolder.open(folder))
        .isInstanceOf(SlipwayException.class)
        .satisfies(e -> assertThat(((SlipwayException) e).code()).isEqualTo(code));
  }

  @Test
  void unknownArchitecturesAreRefusedWithThoseThatWork(@TempDir Path temp) throws IOException {
    Path folder =
        changed(
            "bert-hidden",
            temp,
            name -> name,
            Map.of("architectures", List.of("BertForMultipleChoice")));
    assertThatThrownBy(() -> EncoderFolder.open(folder))
        .hasMessageContaining("BertForMultipleChoice")
        .hasMessageContaining("RobertaForMaskedLM");
  }
}
