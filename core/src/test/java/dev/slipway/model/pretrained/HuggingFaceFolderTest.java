package dev.slipway.model.pretrained;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.ShardedWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Folders that are written anew, of every architecture, with transformers' logits. */
class HuggingFaceFolderTest {
  private static final long SHARD = 6_000;

  @TempDir private Path temp;

  /** Some of each architecture: each option of theirs is the reader's affair. */
  static Stream<OpenModels.Case> cases() {
    List<OpenModels.Case> all = PretrainedDecoderTest.cases().toList();
    return IntStream.range(0, all.size()).filter(i -> i % 5 == 0).mapToObj(all::get);
  }

  private static float[] logits(Path folder, int[] ids) {
    try (PretrainedDecoder model = PretrainedDecoder.open(folder, DType.FLOAT32);
        Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      DecoderNetwork network = model.network();
      Tensor hidden = network.hidden(Tensor.of(ids, 1, ids.length), network.pass(ids.length));
      return network.logits(hidden).toFloats(); // (T, V)
    }
  }

  private static List<Path> weights(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shardsHoldTheSameModel(OpenModels.Case expected) throws IOException {
    Path written = temp.resolve("written");
    Path folder = expected.folder(temp);
    HuggingFaceFolder.write(folder, written, new HuggingFaceFolder.Options(null, SHARD));
    assertThat(logits(written, expected.ids()))
        .containsExactly(logits(folder, expected.ids()), within(1e-5f));
    assertThat(weights(written)).hasSizeGreaterThan(1);
    try (ShardedWeights before = ShardedWeights.open(folder);
        ShardedWeights after = ShardedWeights.open(written);
        Scope _ = Scope.open()) {
      assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.names());
      for (String name : before.names()) {
        assertThat(after.tensor(name).dtype()).as(name).isEqualTo(before.tensor(name).dtype());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void anotherTypeIsRoundedAndSaid(OpenModels.Case expected) throws IOException {
    Path half = temp.resolve("half");
    Path folder = expected.folder(temp);
    HuggingFaceFolder.write(folder, half, new HuggingFaceFolder.Options(DType.FLOAT16, 1L << 30));
    assertThat(weights(half)).hasSize(1);
    assertThat(Json.read(half.resolve("config.json")).path("dtype").asString())
        .isEqualTo("float16");
    Path whole = temp.resolve("whole");
    HuggingFaceFolder.write(half, whole, new HuggingFaceFolder.Options(DType.FLOAT32, 1L << 30));
    try (ShardedWeights before = ShardedWeights.open(folder);
        ShardedWeights after = ShardedWeights.open(half);
        Scope _ = Scope.open()) {
      String name = before.names().iterator().next();
      assertThat(after.tensor(name).toFloats())
          .isEqualTo(before.tensor(name).to(DType.FLOAT16).toFloats());
    }
    assertThat(logits(whole, expected.ids()))
        .containsExactly(logits(half, expected.ids()), within(1e-6f));
  }
}
