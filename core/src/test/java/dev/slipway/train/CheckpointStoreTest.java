package dev.slipway.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {
  private static final Map<String, String> SETTINGS = Map.of("seed", "1");

  @TempDir Path folder;

  private final Scope scope = Scope.open();

  @AfterEach
  void close() {
    scope.close();
  }

  private static SequencedMap<String, Tensor> tensors(double value) {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("parameters", Tensor.full(value, DType.FLOAT32, 500_000));
    tensors.put("adamw.first_moment", Tensor.full(-value, DType.FLOAT32, 1000));
    return tensors;
  }

  private static Progress progress(long step, Progress.@Nullable Best best) {
    return new Progress(step, step * 10, 9.5, 1.0 / step, best, 0, null);
  }

  private void save(CheckpointStore store, long step) {
    store.save(progress(step, null), SETTINGS, tensors(step));
    store.await();
  }

  private record Outcome(
      Optional<CheckpointStore.Restored> restored,
      float value,
      List<TrainEvent.CheckpointDamaged> damaged) {}

  private Outcome restore() {
    try (CheckpointStore store = new CheckpointStore(folder, 2)) {
      SequencedMap<String, Tensor> target = tensors(0);
      List<TrainEvent.CheckpointDamaged> damaged = new ArrayList<>();
      Optional<CheckpointStore.Restored> restored = store.restore(SETTINGS, target, damaged::add);
      float[] values = target.firstEntry().getValue().toFloats();
      assertThat(values).containsOnly(values[0]);
      assertThat(target.lastEntry().getValue().toFloats()).containsOnly(-values[0]);
      return new Outcome(restored, values[0], damaged);
    }
  }

  @Test
  void keepsTheNewestAndTheBest() {
    try (CheckpointStore store = new CheckpointStore(folder, 2)) {
      for (long step = 1; step <= 6; step++) {
        store.save(
            progress(step, step < 3 ? null : new Progress.Best(3, 0.5)), SETTINGS, tensors(step));
      }
      store.await();
      assertThat(store.steps()).containsExactly(6L, 5L, 3L);
    }
    Outcome outcome = restore();
    assertThat(outcome.value()).isEqualTo(6);
    assertThat(outcome.restored())
        .get()
        .extracting(CheckpointStore.Restored::progress)
        .isEqualTo(progress(6, new Progress.Best(3, 0.5)));
  }

  @Test
  void theSnapshotIsThatOfTheMomentOfSaving() {
    try (CheckpointStore store = new CheckpointStore(folder, 2)) {
      SequencedMap<String, Tensor> tensors = tensors(4);
      store.save(progress(1, null), SETTINGS, tensors);
      tensors.values().forEach(tensor -> tensor.fillInPlace(77));
      store.await();
    }
    assertThat(restore().value()).isEqualTo(4);
  }

  @Test
  void damagedOnesAreToldOfAndTheOneBeforeIsUsed() throws IOException {
    interface Damage {
      void to(Path checkpoint) throws IOException;
    }
    Map<String, Damage> damages = new LinkedHashMap<>();
    damages.put("manifest.json is missing", c -> Files.delete(c.resolve("manifest.json")));
    damages.put("parameters.bin is missing", c -> Files.delete(c.resolve("parameters.bin")));
    damages.put(
        "has 999 bytes, expected 2000000",
        c -> {
          try (FileChannel file =
              FileChannel.open(c.resolve("parameters.bin"), StandardOpenOption.WRITE)) {
            file.truncate(999);
          }
        });
    damages.put("another SHA-256", c -> flip(c.resolve("parameters.bin"), 1_234_567));
    damages.put("state.json has another SHA-256", c -> flip(c.resolve("state.json"), 20));
    damages.put("manifest", c -> flip(c.resolve("manifest.json"), 0));
    for (Map.Entry<String, Damage> damage : damages.entrySet()) {
      try (CheckpointStore store = new CheckpointStore(folder, 2)) {
        save(store, 1);
        save(store, 2);
      }
      damage.getValue().to(folder.resolve("step-2"));
      Outcome outcome = restore();
      assertThat(outcome.value()).as(damage.getKey()).isEqualTo(1);
      assertThat(outcome.damaged()).hasSize(1);
      assertThat(outcome.damaged().getFirst().step()).isEqualTo(2);
      assertThat(outcome.damaged().getFirst().problem()).contains(damage.getKey());
      assertThat(Files.isDirectory(folder.resolve("damaged-step-2"))).isTrue();
    }
  }

  @Test
  void withoutAWholeOneNothingIsTouched() throws IOException {
    try (CheckpointStore store = new CheckpointStore(folder, 2)) {
      save(store, 5);
    }
    flip(folder.resolve("step-5/parameters.bin"), 0);
    Outcome outcome = restore();
    assertThat(outcome.restored()).isEmpty();
    assertThat(outcome.value()).isZero();
    assertThat(outcome.damaged()).hasSize(1);
  }

  @Test
  void leftoversOfAKilledProcessGoAway() throws IOException {
    try (CheckpointStore store = new CheckpointStore(folder, 2)) {
      save(store, 1);
    }
    Files.createDirectories(folder.resolve(".step-2.99-1.partial"));
    Files.writeString(folder.resolve(".step-2.99-1.partial/parameters.bin"), "half");
    assertThat(restore().value()).isEqualTo(1);
    try (Stream<Path> entries = Files.list(folder)) {
      assertThat(entries.map(path -> path.getFileName().toString())).containsExactly("step-1");
    }
  }

  @Test
  void aFullDiskLeavesWhatWasWholeAndNothingElse() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(
        Files.exists(full), "skipped: this system has no /dev/full to stand for a full disk");
    int[] opened = {0};
    try (CheckpointStore store =
        new CheckpointStore(
            folder,
            2,
            file ->
                ++opened[0] == 6
                    ? FileChannel.open(full, StandardOpenOption.WRITE)
                    : FileChannel.open(
                        file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
      save(store, 1);
      store.save(progress(2, null), SETTINGS, tensors(2));
      SlipwayException problem = catchThrowableOfType(SlipwayException.class, store::await);
      assertThat(problem.exit()).isEqualTo(Exit.RESOURCE);
      assertThat(problem.line()).contains("error[file.disk-full]", "step-2");
    }
    try (Stream<Path> entries = Files.list(folder)) {
      assertThat(entries.map(path -> path.getFileName().toString())).containsExactly("step-1");
    }
    assertThat(restore().value()).isEqualTo(1);
  }

  private static void flip(Path file, long position) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(position);
      int before = access.read();
      access.seek(position);
      access.write(before ^ 0x10);
    }
  }
}
