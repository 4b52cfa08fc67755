package dev.slipway.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;

/** libtorch itself: loading it, its version, its threads, and what this processor can do. */
public final class Engine {
  private Engine() {}

  private static final class Holder {
    static final boolean LOADED = load();

    private static boolean load() {
      Loader.load(torch.class);
      return true;
    }
  }

  /**
   * Loads the native libraries; later calls cost nothing. The first on a machine unpacks them,
   * which takes seconds.
   */
  public static void load() {
    if (!Holder.LOADED) {
      throw new IllegalStateException("libtorch did not load");
    }
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
}
