package dev.slipway.infer.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.infer.Decoder;
import dev.slipway.infer.batch.BatchNetwork.Piece;
import dev.slipway.model.pretrained.OpenModels;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.infer.WeightFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Decode kernels against transformers, for each setting of each architecture that they cover. */
class KernelNetworkTest {
  @TempDir private Path temp;

  static Stream<OpenModels.Case> covered() {
    return OpenModels.all().stream().filter(each -> !hasOtherParts(each.name()));
  }

  private static boolean hasOtherParts(String name) {
    return Stream.of("gpt2", "gemma3", "qwen3-moe", "llama-act-").anyMatch(name::startsWith)
        && !name.equals("qwen3-moe-no-experts");
  }

  private KernelNetwork open(OpenModels.Case model, WeightFormat format, DType cacheType) {
    DType type = format == WeightFormat.FLOAT32 ? DType.FLOAT32 : DType.BFLOAT16;
    try (PretrainedDecoder opened = PretrainedDecoder.open(model.folder(temp), type)) {
      assertThat(KernelNetwork.covers(opened.network())).as(model.name()).isTrue();
      return new KernelNetwork(opened.network(), format, cacheType, 64);
    }
  }

  /** Blocks in an order of their own, so that a table that is not read shows. */
  private static int[] table(int from) {
    int[] blocks = new int[20];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = from + (i * 7 + 3) % 20;
    }
    return blocks;
  }

  private static List<float[]> logits(BatchNetwork network, int[] ids) {
    return network.run(List.of(new Piece(ids, 0, table(0), ids.length, ids.length)));
  }

  @ParameterizedTest
  @MethodSource("covered")
  void logitsAreThoseOfTransformers(OpenModels.Case model) {
    try (KernelNetwork network = open(model, WeightFormat.FLOAT32, DType.FLOAT32)) {
      close(logits(network, model.ids()), model.logits(), 1e-4f);
    }
    try (KernelNetwork network = open(model, WeightFormat.BFLOAT16, DType.BFLOAT16)) {
      // bfloat16 keeps 8 bits: a few thousandths of each product, several products deep.
      close(logits(network, model.ids()), model.logits(), 0.05f * largest(model.logits()));
    }
    try (KernelNetwork network = open(model, WeightFormat.FLOAT32, DType.INT8)) {
      // A byte is off by up to 1 of 254 of the largest of its head.
      close(logits(network, model.ids()), model.logits(), 0.05f * largest(model.logits()));
    }
  }

  private static float largest(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static void close(List<float[]> rows, float[] expected, float tolerance) {
    int vocabulary = rows.getFirst().length;
    assertThat(rows.size() * vocabulary).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat(rows.get(i / vocabulary)[i % vocabulary])
          .as("logit " + i)
          .isCloseTo(expected[i], within(tolerance));
    }
  }

  @Test
  void whatHasOtherPartsIsLeftToOthers() {
    for (OpenModels.Case model : OpenModels.all()) {
      if (hasOtherParts(model.name())) {
        try (PretrainedDecoder opened = PretrainedDecoder.open(model.folder(temp), DType.FLOAT32)) {
          assertThat(KernelNetwork.covers(opened.network())).as(model.name()).isFalse();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("covered")
  void rowsAreTheSameBytesInAnyCompanyAndHoweverCut(OpenModels.Case model) {
    WeightFormat[] all = WeightFormat.values();
    // float32 and, model after model, one of the others.
    WeightFormat other = all[1 + Math.floorMod(model.name().hashCode(), all.length - 1)];
    record Kept(WeightFormat format, DType type) {}
    for (Kept kept :
        List.of(
            new Kept(WeightFormat.FLOAT32, DType.FLOAT32),
            new Kept(other, DType.BFLOAT16),
            new Kept(WeightFormat.BFLOAT16, DType.INT8))) {
      WeightFormat format = kept.format;
      try (KernelNetwork network = open(model, format, kept.type)) {
        int[] ids = model.ids();
        List<float[]> whole = logits(network, ids);
        SplittableRandom random = new SplittableRandom(format.ordinal());
        List<float[]> parts = new ArrayList<>();
        for (int at = 0; at < ids.length; ) {
          int count = Math.min(ids.length - at, 1 + random.nextInt(3));
          int[] part = Arrays.copyOfRange(ids, at, at + count);
          int[] others = random.ints(5, 0, network.vocabularySize()).toArray();
          Piece before = new Piece(others, 0, table(20), 1, others.length);
          Piece after = new Piece(others, 0, table(40), 2, others.length);
          List<float[]> rows =
              network.run(List.of(before, new Piece(part, at, table(0), count, ids.length), after));
          parts.addAll(rows.subList(1, 1 + count));
          at += count;
        }
        for (int i = 0; i < whole.size(); i++) {
          assertThat(parts.get(i)).as(kept + ", position " + i).isEqualTo(whole.get(i));
        }
      }
    }
  }

  @Test
  void oneSequenceAfterTheOtherGivesTheBytesOfTheBatch() {
    OpenModels.Case model = OpenModels.named("qwen3");
    int[] ids = model.ids();
    int half = ids.length / 2;
    try (BatchDecoder decoder = new BatchDecoder(open(model, WeightFormat.INT8, DType.BFLOAT16));
        Decoder.Session session = decoder.open(ids.length);
        KernelNetwork network = open(model, WeightFormat.INT8, DType.BFLOAT16)) {
      List<float[]> expected = logits(network, ids);
      assertThat(session.extend(Arrays.copyOf(ids, half))).isEqualTo(expected.get(half - 1));
      for (int at = half; at < ids.length; at++) {
        assertThat(session.extend(ids[at])).isEqualTo(expected.get(at));
      }
      assertThat(session.length()).isEqualTo(ids.length);
    }
  }

  @Test
  void bytesAndHalfBytesTakeAsMuchMemoryAsTheyShould() {
    OpenModels.Case model = OpenModels.named("llama");
    try (KernelNetwork whole = open(model, WeightFormat.FLOAT32, DType.FLOAT32);
        KernelNetwork bytes = open(model, WeightFormat.INT8, DType.BFLOAT16);
        KernelNetwork halves = open(model, WeightFormat.INT4, DType.BFLOAT16)) {
      assertThat(bytes.weightBytes()).isLessThan(whole.weightBytes() * 3 / 10);
      assertThat(halves.weightBytes()).isLessThan(whole.weightBytes() * 2 / 10);
    }
  }
}
