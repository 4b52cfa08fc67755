package dev.slipway.data.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.data.example.ExampleBatches.EncodedExamples;
import dev.slipway.data.feature.EncodedFloats;
import dev.slipway.nn.InputShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ExampleBatchesTest {
  private static EncodedExamples encoded(int size) {
    List<MemoryExamples.Row> rows = new ArrayList<>();
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      rows.add(new MemoryExamples.Row("e" + i, 1, Map.of("x", new Value.Number(i))));
      numbers[i] = i;
    }
    SequencedMap<String, Encoded> inputs = new LinkedHashMap<>();
    inputs.put("x", new EncodedFloats(InputShape.floats("x", 1L), numbers));
    return new EncodedExamples(
        new MemoryExamples(List.of(new Field("x", Field.Kind.NUMBER)), rows),
        inputs,
        new LinkedHashMap<>());
  }

  @Property(tries = 100)
  void anEpochIsEveryMemberOnce(
      @ForAll @IntRange(min = 1, max = 400) int size,
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll long seed,
      @ForAll boolean bucketed,
      @ForAll @IntRange(min = 0, max = 3) int epoch) {
    int[] members = IntStream.range(0, size).map(i -> i * 2).toArray();
    ExampleBatches batches = ExampleBatches.shuffled(encoded(size * 2), members, rows, seed);
    if (bucketed) {
      batches = batches.bucketed(IntStream.range(0, size * 2).map(i -> i % 7).toArray());
    }
    List<Integer> seen = new ArrayList<>();
    for (long i = 0; i < batches.batchesPerEpoch(); i++) {
      long index = epoch * batches.batchesPerEpoch() + i;
      assertThat(batches.epoch(index)).isEqualTo(epoch);
      int[] examples = batches.examples(index);
      assertThat(examples).isEqualTo(batches.examples(index)).isNotEmpty();
      Arrays.stream(examples).forEach(seen::add);
    }
    assertThat(seen.stream().sorted().mapToInt(Integer::intValue).toArray()).isEqualTo(members);
    assertThat(Arrays.stream(batches.timesSeen(batches.batchesPerEpoch())).sum()).isEqualTo(size);
  }

  @Property(tries = 20)
  void batchesMadeAheadAreTheSame(
      @ForAll @IntRange(min = 1, max = 100) int size,
      @ForAll @IntRange(min = 1, max = 9) int rows) {
    ExampleBatches batches =
        ExampleBatches.shuffled(encoded(size), IntStream.range(0, size).toArray(), rows, 3);
    try (PrefetchedBatches ahead = new PrefetchedBatches(batches, 2, 1000, 40)) {
      for (long index : new long[] {0, 1, 2, 3, 9, 10, 4, 5, 39}) {
        ExampleBatch batch = ahead.batch(index);
        assertThat(batch.examples()).isEqualTo(batches.examples(index));
        assertThat(numbers(batch)).isEqualTo(numbers(batches.batch(index)));
      }
    }
  }

  @Example
  void whoIsInterruptedIsGivenNoBatchThatIsThereAlready() {
    ExampleBatches batches = ExampleBatches.inOrder(encoded(9), IntStream.range(0, 9).toArray(), 3);
    try (PrefetchedBatches ahead = new PrefetchedBatches(batches, 1, 1000, 3)) {
      ahead.batch(0);
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> ahead.batch(1)).extracting("code").isEqualTo("data.interrupted");
      assertThat(Thread.interrupted()).isTrue();
      assertThat(ahead.batch(2).rows()).isEqualTo(3);
    }
  }

  private static float[] numbers(ExampleBatch batch) {
    return batch.inputs().get("x") instanceof Values.Floats(float[] numbers, long[] _)
        ? numbers
        : new float[0];
  }
}
