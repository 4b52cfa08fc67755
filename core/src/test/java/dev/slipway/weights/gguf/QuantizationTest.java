package dev.slipway.weights.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.tensor.Scope;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against ggml's own routines: {@code reference/gguf_quantised.py}. */
class QuantizationTest {
  @TempDir Path folder;

  @Test
  void givesTheBytesOfGgmlsReference() throws IOException {
    Path file = Files.write(folder.resolve("types.gguf"), GgufFileTest.resource("types.gguf"));
    byte[] expected = GgufFileTest.resource("quantised.bin");
    int at = 0;
    try (GgufFile gguf = GgufFile.open(file);
        Scope _ = Scope.open()) {
      float[] values = gguf.tensor("f32").toFloats();
      for (GgmlType type : List.of(GgmlType.Q8_0, GgmlType.Q5_0, GgmlType.Q4_K, GgmlType.Q6_K)) {
        byte[] came = Quantization.toBlocks(type, values);
        assertThat(came)
            .as("%s", type)
            .isEqualTo(Arrays.copyOfRange(expected, at, at + came.length));
        at += came.length;
      }
    }
    assertThat(at).isEqualTo(expected.length);
  }

  @Test
  void zerosStayZeros() {
    for (GgmlType type : List.of(GgmlType.Q8_0, GgmlType.Q5_0, GgmlType.Q4_K, GgmlType.Q6_K)) {
      MemorySegment blocks = MemorySegment.ofArray(Quantization.toBlocks(type, new float[256]));
      float[] values = new float[256];
      Arrays.fill(values, 1);
      Dequantization.toFloats(type, blocks, MemorySegment.ofArray(values));
      for (float value : values) {
        assertThat(value == 0).as("%s of %s, of either sign", value, type).isTrue();
      }
    }
  }
}
