package dev.slipway.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** libtorch itself: loading it, its version, its threads, and what this processor can do. */
public final class Engine {
  private Engine() {}

  private static final class Holder {
    /** Kept, since a class that failed to initialise tells only the first who asks what for. */
    static final @Nullable LinkageError FAILURE = load();

    private static @Nullable LinkageError load() {
      try {
        FoundLibraries.around(() -> Loader.load(torch.class));
        return null;
      } catch (LinkageError e) {
        return e;
      }
    }
  }

  /**
   * Loads the native libraries; later calls cost nothing. The first on a machine unpacks them,
   * which takes seconds.
   *
   * @throws EngineUnavailable if they are missing or can't be loaded, at this call and at any later
   */
  public static void load() {
    LinkageError failure = Holder.FAILURE;
    if (failure != null) {
      throw EngineUnavailable.of(failure);
    }
  }

  /** Whether the native libraries are there; as {@link #load}, without its exception. */
  public static boolean loads() {
    return Holder.FAILURE == null;
  }

  /**
   * Version of libtorch and its presets, such as {@code 2.10.0-1.5.13}, as the dependency names it.
   */
  public static String version() {
    load();
    try {
      return Loader.getVersion("org.bytedeco", "pytorch");
    } catch (IOException e) {
      throw new UncheckedIOException("the libtorch jar has no version in its manifest", e);
    }
  }

  /** The vector instructions that libtorch's own kernels use, such as {@code AVX512}. */
  public static String cpuCapability() {
    load();
    return torch.get_cpu_capability().getString();
  }

  public static int threads() {
    load();
    return torch.get_num_threads();
  }

  /** Threads of libtorch's own parallel loops. */
  public static void setThreads(int threads) {
    load();
    torch.set_num_threads(threads);
  }

  public static void manualSeed(long seed) {
    load();
    torch.manual_seed(seed);
  }

  /** Physical memory of this process in bytes, native memory included. */
  public static long residentBytes() {
    return Pointer.physicalBytes();
  }

  /**
   * Gives the system back what was freed: the C library keeps it for the threads that it came from,
   * which the threads of a model that was closed never ask for again.
   */
  @SuppressWarnings("restricted") // the call has this type in glibc
  public static void releaseFreed() {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> trim = linker.defaultLookup().find("malloc_trim"); // glibc's alone
    if (trim.isEmpty()) {
      return;
    }
    MethodHandle call =
        linker.downcallHandle(
            trim.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));
    try {
      int _ = (int) call.invokeExact(0L);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // a method handle declares nothing narrower
      throw new IllegalStateException("malloc_trim failed", e);
    }
  }

  /**
   * The most physical memory that this process has had, in bytes; what it has now where the system
   * doesn't tell.
   */
  public static long peakResidentBytes() {
    Path status = Path.of("/proc/self/status");
    if (Files.isReadable(status)) {
      try (Stream<String> lines = Files.lines(status)) {
        return lines
            .filter(line -> line.startsWith("VmHWM:"))
            .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
            .findFirst()
            .orElseGet(Engine::residentBytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return residentBytes();
  }

  /**
   * Whether this processor multiplies bfloat16 matrices faster than float32 ones: it has AVX-512
   * BF16 or AMX, by what Linux tells of it. Elsewhere false, which is slower at worst.
   */
  public static boolean hasFastBfloat16() {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) {
      return false;
    }
    try (Stream<String> lines = Files.lines(info)) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .limit(1)
          .anyMatch(line -> line.contains(" avx512_bf16") || line.contains(" amx_bf16"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Version of oneDNN in libtorch, such as {@code v3.7.1}. */
  public static String oneDnnVersion() {
    load();
    return firstLine(torch.get_mkldnn_version().getString());
  }

  /**
   * Whether a failure is a lack of memory. libtorch tells it only in the text of its exceptions:
   * the allocator's "can't allocate memory" on the CPU, "CUDA out of memory" on a GPU.
   */
  public static boolean isOutOfMemory(Throwable problem) {
    if (problem instanceof OutOfMemoryError || problem instanceof TensorOutOfMemory) {
      return true;
    }
    String text = String.valueOf(problem.getMessage()).toLowerCase(Locale.ROOT);
    return problem instanceof RuntimeException
        && (text.contains("can't allocate memory")
            || text.contains("not enough memory")
            || text.contains("out of memory"));
  }

  private static String firstLine(String text) {
    return text.strip().lines().findFirst().orElse("").strip();
  }
}
