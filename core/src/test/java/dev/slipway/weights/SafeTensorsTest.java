package dev.slipway.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeTensorsTest {
  @Test
  void whatIsWrittenIsReadBackWithTheSameBytesEachTime(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a.safetensors");
    try (Scope _ = Scope.open()) {
      Map<String, Tensor> tensors =
          Map.of(
              "b", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3),
              "a", Tensor.of(new float[] {-0.5f}, new long[] {1}),
              "t", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).transpose(0, 1));
      SafeTensors.write(file, tensors, DType.FLOAT32);
      byte[] first = Files.readAllBytes(file);
      SafeTensors.write(file, tensors, DType.FLOAT32);
      assertThat(Files.readAllBytes(file)).isEqualTo(first);
      try (SafeTensors read = SafeTensors.open(file)) {
        assertThat(read.names()).containsExactly("a", "b", "t");
        assertThat(read.metadata()).containsExactly(Map.entry("format", "pt"));
        assertThat(read.shape("t")).containsExactly(3L, 2L);
        assertThat(read.tensor("b").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(read.tensor("t").toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
      }
      SafeTensors.write(file, tensors, DType.BFLOAT16);
      try (SafeTensors read = SafeTensors.open(file)) {
        assertThat(read.tensor("b").dtype()).isEqualTo(DType.BFLOAT16);
        assertThat(read.tensor("b").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
      }
    }
  }

  /** The header fits; what it speaks of goes while it is read, by native code. */
  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void aFileThatIsCutOffWhileItIsReadIsRefusedWhenItIsClosed(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("model.safetensors");
    try (Scope _ = Scope.open()) {
      SafeTensors.write(
          file,
          Map.of("a", Tensor.of(new float[100_000], 100_000), "b", Tensor.of(new float[9], 9)),
          DType.FLOAT32);
      SafeTensors alone = SafeTensors.open(file);
      ShardedWeights sharded = ShardedWeights.open(folder);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(5_000);
      }
      assertThat(alone.tensor("a").sum().item()).isZero();
      assertThat(sharded.tensor("b").sum().item()).isZero();
      for (WeightSource cut : List.of(alone, sharded)) {
        assertThatThrownBy(cut::close)
            .isInstanceOf(SlipwayException.class)
            .hasMessageContaining("model.safetensors was cut off while it was read")
            .extracting(e -> ((SlipwayException) e).code())
            .isEqualTo("weights.truncated");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|4|weights.truncated",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}|9|weights.wrong-size",
        "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}|8|weights.wrong-size",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}|8|weights.wrong-size",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[8,4]}}|8|weights.wrong-size",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'b':{'dtype':'F32','shape':[1],'data_offsets':[2,6]}}|6|weights.overlap",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|4|weights.duplicate-name",
        "{'a':{'dtype':'F32','shape':[9223372036854775807,4],'data_offsets':[0,4]}}|4|weights.bad-header",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}|4|weights.bad-header",
        "{'a':{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}}|4|weights.bad-header",
        "{'a':{'dtype':'F33','shape':[1],'data_offsets':[0,4]}}|4|weights.bad-header",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0]}}|4|weights.bad-header",
        "{'a':[]}|0|weights.bad-header",
        "{'__metadata__':{'n':1}}|0|weights.bad-header",
        "[1]|0|weights.bad-header",
        "{'a':|0|weights.bad-header",
      })
  void badHeadersAreRefused(String header, int dataBytes, String code) {
    byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    assertRefused(bytes.array(), code);
  }

  @ParameterizedTest
  @CsvSource({
    "'\u0080\u0002}q\u0000(X', weights.not-safetensors",
    "'PK\u0003\u0004archive/data.pkl', weights.not-safetensors",
    "'GGUF\u0003\u0000\u0000\u0000', weights.not-safetensors",
    "'version https://git-lfs.github.com/spec/v1', weights.not-safetensors",
    "'<!DOCTYPE html><title>404', weights.not-safetensors",
    "'short', weights.truncated",
    "'', weights.truncated",
    "'\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff{}', weights.bad-header",
    "'\u0000\u0000\u0000\u0000\u0001\u0000\u0000\u0000{}', weights.bad-header",
    "'\u0003\u0000\u0000\u0000\u0000\u0000\u0000\u0000{}', weights.truncated",
    "'\u0004\u0000\u0000\u0000\u0000\u0000\u0000\u0000{\u00ff\u00fe}', weights.bad-header"
  })
  void otherFilesAreRefused(String latin1, String code) {
    assertRefused(latin1.getBytes(StandardCharsets.ISO_8859_1), code);
  }

  private static void assertRefused(byte[] bytes, String code) {
    assertThatThrownBy(() -> parse(bytes))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.line()).contains("x.safetensors").doesNotContain("\n");
            });
  }

  private static SafeTensorsHeader parse(byte[] bytes) {
    return SafeTensorsHeader.parse(MemorySegment.ofArray(bytes), "x.safetensors");
  }

  @Test
  void aMissingFileAndATypeThatNoTensorHasAreNamed(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("x.safetensors");
    assertThatThrownBy(() -> SafeTensors.open(file)).hasMessageContaining("there is no file");
    byte[] json =
        "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[1],\"data_offsets\":[0,1]}} "
            .getBytes(StandardCharsets.UTF_8);
    Files.write(
        file,
        ByteBuffer.allocate(9 + json.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .put(json)
            .array());
    try (SafeTensors read = SafeTensors.open(file)) {
      assertThatThrownBy(() -> read.tensor("a")).hasMessageContaining("F8_E4M3");
    }
  }

  /** Whatever a header says, it is taken with every rule holding, or refused in one sentence. */
  @Property(tries = 2000)
  void noHeaderBreaksTheReader(@ForAll("headers") String header, @ForAll("lengths") int data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    try {
      long total =
          parse(bytes.array()).entries().values().stream()
              .mapToLong(entry -> entry.end() - entry.begin())
              .sum();
      assertThat(total).isEqualTo(data);
    } catch (SlipwayException e) {
      assertThat(e.code()).startsWith("weights.");
    }
  }

  @Provide
  Arbitrary<Integer> lengths() {
    return Arbitraries.of(0, 4, 8, 12);
  }

  @Provide
  Arbitrary<String> headers() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"b\"",
            "\"dtype\"",
            "\"F32\"",
            "\"shape\"",
            "\"data_offsets\"",
            "\"__metadata__\"",
            "0",
            "1",
            "4",
            "-1",
            "1e9",
            "null",
            "\\",
            "\0",
            "é",
            "[0,4]",
            "[1]",
            "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}",
            "{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[4,12]}");
    Arbitrary<String> soup = pieces.list().ofMaxSize(12).map(list -> String.join("", list));
    Arbitrary<String> shaped =
        pieces.list().ofMaxSize(4).map(list -> "{\"a\":" + String.join(",\"b\":", list) + "}");
    return Arbitraries.oneOf(soup, soup.map(text -> "{" + text + "}"), shaped);
  }
}
