package dev.slipway.tensor.machine;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Functions in machine code, in memory of their own that is never both writable and executable.
 * Only on Linux on x86-64; {@link #map} says so where a system allows none.
 */
public final class MachineCode {
  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int EXECUTE = 4;
  private static final int PRIVATE_ANONYMOUS = 0x22;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final AddressLayout POINTER = ValueLayout.ADDRESS;

  private static final FunctionDescriptor SIX_LONGS =
      FunctionDescriptor.ofVoid(LONG, LONG, LONG, LONG, LONG, LONG);

  private MachineCode() {}

  /** Whether this machine's processor has all of these, by the names that Linux gives them. */
  public static boolean has(String... features) {
    Path file = Path.of("/proc/cpuinfo");
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("os.arch").equals("amd64")) {
      return false;
    }
    try (var lines = Files.lines(file)) {
      String flags = lines.filter(line -> line.startsWith("flags")).findFirst().orElse("");
      return Set.of(flags.split("\\s+")).containsAll(Set.of(features));
    } catch (java.io.IOException | java.io.UncheckedIOException e) {
      return false; // a system that hides its processor gets kernels that run anywhere
    }
  }

  /**
   * Makes code callable, for as long as the process lives.
   *
   * @param options such as that the code is done soon, and needs no leave of the JVM
   * @return a handle of six longs; null where the system allows no such memory
   */
  @SuppressWarnings("restricted") // the code comes from the assembler beside
  public static @Nullable MethodHandle map(byte[] code, Linker.Option... options) {
    MemorySegment memory = place(code);
    return memory == null ? null : Linker.nativeLinker().downcallHandle(memory, SIX_LONGS, options);
  }

  /** A function of the C library with at most six whole numbers and addresses, as one of six. */
  @SuppressWarnings("restricted") // further arguments are not read
  static MethodHandle function(String name, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), SIX_LONGS, options);
  }

  /**
   * Calls what {@link #map} or {@link #function} gave. A method handle may throw anything by its
   * type; code throws nothing, so that only what the JVM itself has to say comes out.
   */
  public static void call(MethodHandle code, long a, long b, long c, long d, long e, long f) {
    try {
      code.invokeExact(a, b, c, d, e, f);
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable thrown) {
      throw new IllegalStateException("machine code failed", thrown);
    }
  }

  /**
   * Where code is, for as long as the process lives; null where the system allows no such memory.
   */
  @SuppressWarnings("restricted") // the code is our own
  static @Nullable MemorySegment place(byte[] code) {
    Linker linker = Linker.nativeLinker();
    MethodHandle mmap =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mmap"),
            FunctionDescriptor.of(POINTER, POINTER, LONG, INT, INT, INT, LONG));
    MethodHandle mprotect =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("mprotect"),
            FunctionDescriptor.of(INT, POINTER, LONG, INT));
    try {
      MemorySegment memory =
          (MemorySegment)
              mmap.invokeExact(
                  MemorySegment.NULL, (long) code.length, READ | WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (memory.address() == -1) {
        return null;
      }
      MemorySegment.copy(
          code, 0, memory.reinterpret(code.length), ValueLayout.JAVA_BYTE, 0, code.length);
      if ((int) mprotect.invokeExact(memory, (long) code.length, READ | EXECUTE) != 0) {
        return null;
      }
      return memory;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // a method handle declares nothing narrower
      throw new IllegalStateException("mapping code failed", e);
    }
  }
}
