package dev.slipway.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.Fixtures;
import dev.slipway.base.Json;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Generator;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.optim.DynamicBytes;
import dev.slipway.tensor.kernel.train.Nf4;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** NF4 beside bitsandbytes', by {@code reference/nf4.py}. */
class Nf4ProjectionTest {
  private final Map<String, byte[]> files = Fixtures.files(getClass(), "nf4.zip");

  private byte[] bytes(String name) {
    return Objects.requireNonNull(files.get(name), name);
  }

  private float[] floats(String name) {
    byte[] bytes = bytes(name);
    float[] values = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  private static byte[] bytes(Tensor tensor) {
    return tensor.segment().asSlice(0, tensor.nbytes()).toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void tablesAreBitsandbytes() {
    assertThat(Nf4.values()).isEqualTo(floats("nf4.values"));
    assertThat(DynamicBytes.values()).isEqualTo(floats("dynamic.values"));
  }

  @Test
  void codesAndScalesAreBitsandbytesBitForBit() {
    JsonNode cases =
        Json.parse(new String(bytes("cases.json"), StandardCharsets.UTF_8), "cases.json");
    assertThat(cases.propertyNames()).hasSize(5);
    for (String name : cases.propertyNames()) {
      JsonNode expected = cases.path(name);
      boolean half = expected.path("dtype").asString().equals("torch.bfloat16");
      DType type = half ? DType.BFLOAT16 : DType.FLOAT32;
      try (Scope _ = Scope.open();
          WeightRoom room = new WeightRoom(type)) {
        Tensor weight =
            Tensor.of(
                    floats(name + ".values"),
                    expected.path("shape").path(0).asLong(),
                    expected.path("shape").path(1).asLong())
                .to(type);
        try (Nf4Projection projection = Nf4Projection.quantize(weight, null, room)) {
          assertThat(bytes(projection.codes())).as(name).isEqualTo(bytes(name + ".codes"));
          assertThat(bytes(projection.scaleCodes()))
              .as(name)
              .isEqualTo(bytes(name + ".scale_codes"));
          assertThat(projection.scales().toFloats()).as(name).isEqualTo(floats(name + ".scales"));
          assertThat(projection.offset()).as(name).isEqualTo(expected.path("offset").floatValue());
          assertThat(projection.weight().to(type).toFloats())
              .as(name)
              .isEqualTo(floats(name + ".whole"));
        }
      }
    }
  }

  /** Several matrices of one room in one graph: each must be itself again in the backward pass. */
  @Test
  void gradientsAreThoseOfTheWholeMatrices() {
    for (DType type : List.of(DType.FLOAT32, DType.BFLOAT16)) {
      try (Scope _ = Scope.open();
          WeightRoom room = new WeightRoom(type)) {
        List<Nf4Projection> quantized = new ArrayList<>();
        List<Projection> whole = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
          long[] shape = i % 3 == 0 ? new long[] {96, 64} : new long[] {64, i % 3 == 1 ? 96 : 64};
          Tensor weight =
              Tensor.empty(DType.FLOAT32, shape).normalInPlace(0, 0.1, Generator.seeded(i));
          Tensor bias =
              Tensor.empty(DType.FLOAT32, shape[0]).normalInPlace(0, 1, Generator.seeded(i));
          Tensor typedBias = i % 2 == 0 ? bias.to(type) : null;
          Nf4Projection projection = Nf4Projection.quantize(weight, typedBias, room);
          quantized.add(projection);
          whole.add(new Projection.Dense(projection.weight().to(type), typedBias));
        }
        Tensor ours = input(type);
        Tensor theirs = input(type);
        Tensor y = through(quantized, ours);
        Tensor expected = through(whole, theirs);
        assertThat(y.toFloats()).isEqualTo(expected.toFloats());
        y.pow(2).sum().backward();
        expected.pow(2).sum().backward();
        assertThat(Objects.requireNonNull(ours.grad()).toFloats())
            .isEqualTo(Objects.requireNonNull(theirs.grad()).toFloats());
        quantized.forEach(Nf4Projection::close);
      }
    }
  }

  private static Tensor input(DType type) {
    return Tensor.empty(DType.FLOAT32, 2, 5, 64)
        .normalInPlace(0, 1, Generator.seeded(99))
        .to(type)
        .setRequiresGrad(true);
  }

  /**
   * Branches and a chain, so that the order of the backward pass is not the reverse one of lines.
   */
  private static Tensor through(List<? extends Projection> projections, Tensor x) {
    for (int i = 0; i < projections.size(); i += 3) {
      Tensor wide = projections.get(i).apply(x).tanh();
      Tensor narrow = projections.get(i + 1).apply(wide);
      Tensor beside = projections.get(i + 2).apply(x).tanh();
      x = x.add(narrow.mul(beside));
    }
    return x;
  }

  @Test
  void staysCloseToTheMatrixAndSmall() {
    try (Scope _ = Scope.open();
        WeightRoom room = new WeightRoom(DType.FLOAT32)) {
      Tensor weight = Tensor.empty(DType.FLOAT32, 256, 256);
      weight.normalInPlace(0, 1, Generator.seeded(1));
      try (Nf4Projection projection = Nf4Projection.quantize(weight, null, room)) {
        double error = projection.weight().sub(weight).norm().item() / weight.norm().item();
        assertThat(error).isBetween(0.05, 0.12);
        assertThat(Nf4Projection.bytes(weight.numel()) * 8.0 / weight.numel())
            .isCloseTo(4.127, within(0.01));
        Tensor x = Tensor.full(1, DType.FLOAT32, 1, 256);
        assertThat(projection.apply(x).toFloats())
            .isEqualTo(Functional.linear(x, projection.weight(), null).toFloats());
      }
    }
  }
}
