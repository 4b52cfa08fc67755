package dev.slipway.tune;

import static dev.slipway.tune.ReferenceBatches.floats;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.Fixtures;
import dev.slipway.base.Json;
import dev.slipway.infer.batch.BatchNetwork.Piece;
import dev.slipway.infer.batch.KernelNetwork;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.infer.WeightFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Adapters beside a model's decode kernels, against PEFT ({@code reference/peft_training.py}). */
class LowRankAdapterTest {
  private static final int COLUMNS = 12;

  @TempDir private Path temp;

  @BeforeEach
  void unpack() {
    Fixtures.unpack(getClass(), "peft.zip", temp);
  }

  private JsonNode expected(String name) {
    return Json.read(temp.resolve(name).resolve("expected.json"));
  }

  private Path base(String name) {
    return temp.resolve("base").resolve(expected(name).path("base").asString());
  }

  private Path adapter(String name) {
    return temp.resolve(name).resolve("end");
  }

  private KernelNetwork network(WeightFormat format) {
    DType type = format == WeightFormat.FLOAT32 ? DType.FLOAT32 : DType.BFLOAT16;
    try (PretrainedDecoder opened = PretrainedDecoder.open(base("lora"), type)) {
      return new KernelNetwork(opened.network(), format, type, 16);
    }
  }

  private void add(KernelNetwork network, String name) {
    try (LowRankAdapter adapter = LowRankAdapter.open(base(name), adapter(name))) {
      network.addAdapter(name, adapter.matrices());
    }
  }

  private Piece piece(String name, int row, int block, String adapter) {
    JsonNode ids = expected(name).path("batches").path(0).path(row);
    int[] tokens = new int[COLUMNS];
    for (int i = 0; i < COLUMNS; i++) {
      tokens[i] = ids.path(i).asInt();
    }
    return new Piece(tokens, 0, new int[] {block}, COLUMNS, COLUMNS, adapter);
  }

  private static float[] flat(List<float[]> rows) {
    float[] flat = new float[rows.size() * rows.getFirst().length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = rows.get(i / rows.getFirst().length)[i % rows.getFirst().length];
    }
    return flat;
  }

  /**
   * Mean distance from PEFT's logits, of a deviation of 1 themselves: float32's is exact, the
   * others' what rounding makes of such small models.
   */
  private static double tolerance(WeightFormat format) {
    return switch (format) {
      case FLOAT32 -> 1e-5;
      case BFLOAT16 -> 0.03;
      case INT8 -> 0.06;
      case INT4 -> 0.4;
    };
  }

  private static double distance(float[] ours, float[] theirs) {
    assertThat(ours).hasSameSizeAs(theirs);
    double sum = 0;
    for (int i = 0; i < ours.length; i++) {
      sum += Math.abs(ours[i] - theirs[i]);
    }
    return sum / ours.length;
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void adaptersTogetherGivePeftsLogitsAndTheBytesOfEachAlone(WeightFormat format) {
    List<String> names = List.of("lora", "rslora", "layer");
    try (KernelNetwork network = network(format)) {
      List<float[]> plain = network.run(List.of(piece("lora", 0, 0, "")));
      names.forEach(name -> add(network, name));
      List<Piece> together = new ArrayList<>();
      for (int row = 0; row < 2; row++) {
        for (String name : names) {
          together.add(piece(name, row, together.size() + 1, name));
        }
        together.add(piece("lora", row, together.size() + 1, ""));
      }
      List<float[]> all = network.run(together);
      assertThat(flat(all.subList(3 * COLUMNS, 4 * COLUMNS))).isEqualTo(flat(plain));
      for (int i = 0; i < names.size(); i++) {
        String name = names.get(i);
        List<float[]> rows = new ArrayList<>();
        for (int row = 0; row < 2; row++) {
          int at = (4 * row + i) * COLUMNS;
          List<float[]> own = all.subList(at, at + COLUMNS);
          assertThat(flat(network.run(List.of(piece(name, row, 9, name))))).isEqualTo(flat(own));
          rows.addAll(own);
        }
        float[] theirs = floats(expected(name).path("logits"));
        assertThat(distance(flat(rows), theirs)).as(name).isLessThan(tolerance(format));
      }
      names.forEach(network::removeAdapter);
      assertThat(flat(network.run(List.of(piece("lora", 0, 0, ""))))).isEqualTo(flat(plain));
      assertThatThrownBy(() -> network.run(List.of(piece("lora", 0, 0, "lora"))))
          .hasMessageContaining("not loaded");
    }
  }

  @Test
  void whatIsMoreThanLowRankMatricesIsRefused() throws IOException {
    assertThat(LowRankAdapter.is(adapter("lora"))).isTrue();
    assertThat(LowRankAdapter.is(adapter("dora"))).isFalse();
    assertThatThrownBy(() -> LowRankAdapter.open(base("dora"), adapter("dora")))
        .hasMessageContaining("magnitudes (DoRA)")
        .extracting("code")
        .isEqualTo("adapter.not-batchable");
    Path config = adapter("lora").resolve("adapter_config.json");
    String text = Files.readString(config);
    Files.writeString(
        config, text.replace("\"modules_to_save\": null", "\"modules_to_save\": [\"lm_head\"]"));
    assertThatThrownBy(() -> LowRankAdapter.open(base("lora"), adapter("lora")))
        .hasMessageContaining("lm_head")
        .extracting("code")
        .isEqualTo("adapter.not-batchable");
  }
}
