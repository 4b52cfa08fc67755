package dev.slipway.train;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.Engine;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints of a run, one folder {@code step-N} each: a raw little-endian float32 file for every
 * flat tensor, {@code state.json}, and {@code manifest.json} with sizes and SHA-256. A checkpoint
 * counts only when its manifest is there and every sum holds.
 *
 * <p>Saving copies the tensors (one buffer of their size stays allocated for it) and returns;
 * another thread writes, one checkpoint at a time. A problem in writing is thrown by the next call.
 */
public final class CheckpointStore implements AutoCloseable {
  private static final String MANIFEST = "manifest.json";
  private static final String STATE = "state.json";
  private static final String PREFIX = "step-";
  private static final int CHUNK = 1 << 20;

  private final Path folder;
  private final int keep;
  private final Opener opener;
  private final ExecutorService writer;
  private @Nullable Arena arena;
  private MemorySegment snapshot = MemorySegment.NULL;
  private @Nullable Future<Written> inFlight;

  /** Opens a file for writing; a test's may be full. */
  @FunctionalInterface
  interface Opener {
    WritableByteChannel open(Path file) throws IOException;
  }

  /** What was written. */
  record Written(long step, long bytes, double seconds) {}

  /** What stands in {@code state.json}. */
  record State(
      Progress progress, String environment, Map<String, String> settings, List<String> tensors) {}

  /** What stands in {@code manifest.json}. */
  record Manifest(int format, long step, List<Entry> files) {
    static final int FORMAT = 1;

    record Entry(String name, long bytes, String sha256) {
      Entry {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(sha256, "sha256");
      }
    }

    Manifest {
      files = List.copyOf(files);
    }
  }

  /** What a run goes on from. */
  record Restored(Progress progress, boolean exact) {}

  /**
   * @param folder a run's {@code checkpoints}, made when needed; this process holds it alone
   * @param keep how many of the newest stay, beside the best
   */
  public CheckpointStore(Path folder, int keep) {
    this(
        folder,
        keep,
        file -> FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
  }

  CheckpointStore(Path folder, int keep, Opener opener) {
    this.folder = folder;
    this.keep = keep;
    this.opener = opener;
    this.writer =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("checkpoint-writer").daemon().factory());
  }

  // ---- saving ----

  /** Whether a checkpoint is being written just now; {@link #save} would wait for it. */
  public boolean busy() {
    return inFlight != null && !inFlight.isDone();
  }

  /**
   * Copies the tensors and has them written.
   *
   * @return the checkpoint that was written before, when it wasn't yet {@linkplain #written taken}
   */
  Optional<Written> save(
      Progress progress, Map<String, String> settings, SequencedMap<String, Tensor> tensors) {
    Optional<Written> before = await();
    copy(tensors);
    List<String> names = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    tensors.forEach(
        (name, tensor) -> {
          names.add(name);
          sizes.add(tensor.nbytes());
        });
    State state = new State(progress, environment(), settings, names);
    inFlight = writer.submit(() -> write(state, sizes));
    return before;
  }

  @SuppressWarnings("MustBeClosedChecker") // the arena lives until close()
  private void copy(SequencedMap<String, Tensor> tensors) {
    long total = tensors.values().stream().mapToLong(Tensor::nbytes).sum();
    if (snapshot.byteSize() != total || arena == null) {
      if (arena != null) {
        arena.close();
      }
      arena = Arena.ofShared();
      snapshot = arena.allocate(total, 64);
    }
    long offset = 0;
    for (Tensor tensor : tensors.values()) {
      MemorySegment.copy(tensor.segment(), 0, snapshot, offset, tensor.nbytes());
      offset += tensor.nbytes();
    }
  }

  /** The checkpoint that came to the disk since this was last asked; throws what hindered it. */
  Optional<Written> written() {
    return busy() ? Optional.empty() : await();
  }

  /** Waits for the checkpoint in flight; throws what hindered it. */
  Optional<Written> await() {
    Future<Written> future = inFlight;
    if (future == null) {
      return Optional.empty();
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return Optional.of(future.get());
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw e.getCause() instanceof RuntimeException cause
              ? cause
              : new IllegalStateException("writing a checkpoint failed", e.getCause());
        }
      }
    } finally {
      inFlight = null;
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Written write(State state, List<Long> sizes) {
    long started = System.nanoTime();
    long step = state.progress().step();
    List<Manifest.Entry> entries = new ArrayList<>();
    AtomicFiles.writeFolder(
        folder.resolve(PREFIX + step),
        partial -> {
          long offset = 0;
          for (int i = 0; i < sizes.size(); i++) {
            String file = state.tensors().get(i) + ".bin";
            MemorySegment bytes = snapshot.asSlice(offset, sizes.get(i));
            entries.add(writeFile(partial, file, bytes));
            offset += sizes.get(i);
          }
          entries.add(writeFile(partial, STATE, json(state)));
          writeFile(partial, MANIFEST, json(new Manifest(Manifest.FORMAT, step, entries)));
        });
    prune(state.progress());
    long bytes = entries.stream().mapToLong(Manifest.Entry::bytes).sum();
    return new Written(step, bytes, (System.nanoTime() - started) / 1e9);
  }

  private static MemorySegment json(Object value) {
    return MemorySegment.ofArray(Json.write(value).getBytes(StandardCharsets.UTF_8));
  }

  private Manifest.Entry writeFile(Path partial, String name, MemorySegment bytes)
      throws IOException {
    MessageDigest digest = Hashing.digest();
    try (WritableByteChannel channel = opener.open(partial.resolve(name))) {
      for (long done = 0; done < bytes.byteSize(); done += CHUNK) {
        ByteBuffer chunk =
            bytes.asSlice(done, Math.min(CHUNK, bytes.byteSize() - done)).asByteBuffer();
        digest.update(chunk.duplicate());
        while (chunk.hasRemaining()) {
          channel.write(chunk);
        }
      }
    }
    return new Manifest.Entry(name, bytes.byteSize(), Hashing.hex(digest.digest()));
  }

  private void prune(Progress progress) {
    Set<Long> kept = new HashSet<>();
    List<Long> steps = steps();
    steps.stream().filter(step -> step <= progress.step()).limit(keep).forEach(kept::add);
    if (progress.best() != null) {
      kept.add(progress.best().step());
    }
    for (long step : steps) {
      if (!kept.contains(step)) {
        // Under a name that counts for nothing first, so that a kill leaves no half a checkpoint.
        Path gone = folder.resolve("." + PREFIX + step + ".pruned.partial");
        AtomicFiles.delete(gone);
        move(folder.resolve(PREFIX + step), gone);
        AtomicFiles.delete(gone);
      }
    }
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw AtomicFiles.problem(from, e);
    }
  }

  // ---- restoring ----

  /** Steps of which there is a checkpoint, whole or not, newest first. */
  public List<Long> steps() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .map(entry -> String.valueOf(entry.getFileName()))
          .filter(name -> name.matches(PREFIX + "\\d{1,18}"))
          .map(name -> Long.parseLong(name.substring(PREFIX.length())))
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Fills the tensors from the newest checkpoint that is whole. Damaged ones are told of and put
   * aside as {@code damaged-step-N}; without a whole one the tensors stay as they are.
   *
   * @throws SlipwayException {@code train.checkpoint-mismatch} when it was made under other
   *     settings
   */
  Optional<Restored> restore(
      Map<String, String> settings,
      SequencedMap<String, Tensor> tensors,
      Consumer<TrainEvent.CheckpointDamaged> damaged) {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    AtomicFiles.deleteLeftovers(folder);
    for (long step : steps()) {
      Path checkpoint = folder.resolve(PREFIX + step);
      try {
        State state = verify(checkpoint, step);
        refuseOtherSettings(checkpoint, state, settings, tensors);
        fill(checkpoint, tensors);
        return Optional.of(
            new Restored(state.progress(), state.environment().equals(environment())));
      } catch (Damage e) {
        Path aside = folder.resolve("damaged-" + PREFIX + step);
        AtomicFiles.delete(aside);
        move(checkpoint, aside);
        damaged.accept(new TrainEvent.CheckpointDamaged(step, String.valueOf(e.getMessage())));
      }
    }
    return Optional.empty();
  }

  /**
   * Fills tensors from the checkpoint of a step, such as the best one's parameters.
   *
   * @return what is wrong with it, or nothing when all is well
   */
  Optional<String> load(long step, SequencedMap<String, Tensor> tensors) {
    Path checkpoint = folder.resolve(PREFIX + step);
    try {
      verify(checkpoint, step);
      fill(checkpoint, tensors);
      return Optional.empty();
    } catch (Damage e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static final class Damage extends Exception {
    private static final long serialVersionUID = 1L;

    Damage(String problem) {
      super(problem);
    }
  }

  private static State verify(Path checkpoint, long step) throws Damage {
    Path manifestFile = checkpoint.resolve(MANIFEST);
    if (!Files.isRegularFile(manifestFile)) {
      throw new Damage(MANIFEST + " is missing");
    }
    try {
      Manifest manifest = Json.read(manifestFile, Manifest.class);
      if (manifest.format() != Manifest.FORMAT || manifest.step() != step) {
        throw new Damage(MANIFEST + " is not that of step " + step);
      }
      boolean hasState = false;
      for (Manifest.Entry entry : manifest.files()) {
        Path file = checkpoint.resolve(entry.name());
        if (!Files.isRegularFile(file)) {
          throw new Damage(entry.name() + " is missing");
        }
        long size = Files.size(file);
        if (size != entry.bytes()) {
          throw new Damage(entry.name() + " has " + size + " bytes, expected " + entry.bytes());
        }
        if (!Hashing.sha256(file).equals(entry.sha256())) {
          throw new Damage(entry.name() + " has another SHA-256 than when it was written");
        }
        hasState |= entry.name().equals(STATE);
      }
      if (!hasState) {
        throw new Damage(MANIFEST + " does not list " + STATE);
      }
      return Json.read(checkpoint.resolve(STATE), State.class);
    } catch (SlipwayException e) {
      throw new Damage(String.valueOf(e.getMessage()));
    } catch (IOException | UncheckedIOException e) {
      throw new Damage("it cannot be read: " + e.getMessage());
    }
  }

  private static void refuseOtherSettings(
      Path checkpoint,
      State state,
      Map<String, String> settings,
      SequencedMap<String, Tensor> tensors) {
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      String made = state.settings().get(setting.getKey());
      if (!setting.getValue().equals(made)) {
        throw mismatch(
            checkpoint
                + " was made with "
                + setting.getKey()
                + " "
                + made
                + ", this run has "
                + setting.getValue());
      }
    }
    if (!state.tensors().equals(List.copyOf(tensors.keySet()))) {
      throw mismatch(
          checkpoint + " holds " + state.tensors() + ", this run has " + tensors.keySet());
    }
  }

  private static SlipwayException mismatch(String sentence) {
    return new SlipwayException(
        Exit.USAGE,
        "train.checkpoint-mismatch",
        sentence,
        "resume with the run's own recipe, or start a new run in another folder");
  }

  private static void fill(Path checkpoint, SequencedMap<String, Tensor> tensors) throws Damage {
    for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
      Path file = checkpoint.resolve(tensor.getKey() + ".bin");
      MemorySegment target = tensor.getValue().segment();
      long size = tensor.getValue().nbytes();
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        if (channel.size() != size) {
          throw new Damage(
              file.getFileName() + " has " + channel.size() + " bytes, expected " + size);
        }
        for (long done = 0; done < size; done += CHUNK) {
          readFully(channel, target.asSlice(done, Math.min(CHUNK, size - done)).asByteBuffer());
        }
      } catch (IOException e) {
        throw new Damage("it cannot be read: " + e.getMessage());
      }
    }
  }

  private static void readFully(ReadableByteChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("the file ended early");
      }
    }
  }

  /** What the last bits of a result depend on beside the settings. */
  private static String environment() {
    return "libtorch "
        + Engine.version()
        + ", "
        + Engine.cpuCapability()
        + ", threads "
        + Engine.threads();
  }

  /** Lets the checkpoint in flight come to its end. */
  @Override
  public void close() {
    writer.close();
    if (arena != null) {
      arena.close();
      arena = null;
      snapshot = MemorySegment.NULL;
    }
  }
}
