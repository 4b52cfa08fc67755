package dev.slipway.weights.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Against the gguf package: {@code reference/gguf_files.py}. */
class GgufFileTest {
  @TempDir Path folder;

  static byte[] resource(String name) throws IOException {
    try (InputStream in = GgufFileTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("model.gguf"), bytes);
  }

  @Test
  void dequantisesEachTypeToTheBit() throws IOException {
    ByteBuffer expected = ByteBuffer.wrap(resource("types.f32")).order(ByteOrder.LITTLE_ENDIAN);
    try (GgufFile file = GgufFile.open(file(resource("types.gguf")))) {
      assertThat(new TreeSet<>(file.names()))
          .containsExactly("bf16", "f16", "f32", "q4_0", "q4_k", "q6_k", "q8_0");
      for (String name : new TreeSet<>(file.names())) {
        assertThat(file.shape(name)).isEqualTo(List.of(3L, 256L));
        float[] values = new float[768];
        expected.asFloatBuffer().get(values);
        expected.position(expected.position() + 4 * values.length);
        try (Scope _ = Scope.open()) {
          assertThat(file.tensor(name).to(DType.FLOAT32).toFloats()).as(name).isEqualTo(values);
        }
      }
      assertThat(expected.hasRemaining()).isFalse();
    }
  }

  @Test
  void readsMetadataOfEachKind() throws IOException {
    try (GgufFile file = GgufFile.open(file(resource("types.gguf")))) {
      assertThat(file.metadata().path("a.uint32").asInt()).isEqualTo(7);
      assertThat(file.metadata().path("a.float32").asDouble()).isEqualTo(0.5);
      assertThat(file.metadata().path("a.bool").asBoolean()).isTrue();
      assertThat(file.metadata().path("a.text").asString()).isEqualTo("Grüße");
      assertThat(file.metadata().path("a.texts").toString()).isEqualTo("[\"x\",\"y z\"]");
      assertThat(file.metadata().path("a.ints").toString()).isEqualTo("[1,-2,3]");
    }
  }

  @Test
  void refusesEachCutFile() throws IOException {
    byte[] whole = resource("types.gguf");
    for (int length = 0; length < whole.length; length += length < 800 ? 1 : 97) {
      Path cut = file(Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> GgufFile.open(cut).close())
          .as("%d bytes", length)
          .isInstanceOf(SlipwayException.class);
    }
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void aFileThatIsCutOffWhileItIsReadIsRefusedWhenItIsClosed() throws IOException {
    Path path = file(resource("types.gguf"));
    GgufFile file = GgufFile.open(path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.truncate(4096);
    }
    try (Scope _ = Scope.open()) {
      for (String name : file.names()) {
        assertThat(file.tensor(name).to(DType.FLOAT32).toFloats()).hasSize(768);
      }
    }
    assertThatThrownBy(file::close)
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("model.gguf was cut off while it was read");
  }
}
