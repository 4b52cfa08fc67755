package dev.slipway.tensor.kernel;

import dev.slipway.tensor.DType;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory that Linux gives when it is first touched, zeroed and in huge pages where it has them:
 * what is never used takes neither room nor the time to clear it. Elsewhere it is libtorch's.
 */
public final class Pages {
  private static final int READ_WRITE = 3;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final int HUGE_PAGES = 14;

  /** Less than this is not worth a mapping of its own. */
  private static final long FEW = 1 << 20;

  /** Where a huge page may begin. */
  public static final long HUGE = 2 << 20;

  /** The smallest page that there is. */
  private static final long SMALL = 4096;

  private Pages() {}

  private static final class Calls {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;

    static final MethodHandle MAP = of("mmap", POINTER, POINTER, LONG, INT, INT, INT, LONG);
    static final MethodHandle UNMAP = of("munmap", INT, POINTER, LONG);
    static final MethodHandle ADVISE = of("madvise", INT, POINTER, LONG, INT);

    @SuppressWarnings("restricted") // the three calls have these types on Linux
    private static MethodHandle of(String name, MemoryLayout result, MemoryLayout... arguments) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(result, arguments));
    }
  }

  /** Zeroed bytes, 64-byte aligned, that live as long as the arena. */
  public static MemorySegment allocate(Arena arena, long bytes) {
    if (bytes >= FEW && System.getProperty("os.name").equals("Linux")) {
      MemorySegment mapped = map(arena, bytes);
      if (!mapped.equals(MemorySegment.NULL)) {
        return mapped;
      }
    }
    return Buffer.allocate(arena, DType.FLOAT32, (bytes + 3) / 4).memory();
  }

  /** Has the system give memory that nothing was written to yet. */
  public static void touch(long address, long bytes) {
    for (long at = 0; at < bytes; at += SMALL) {
      Lanes.MEMORY.set(ValueLayout.JAVA_BYTE, address + at, (byte) 0);
    }
  }

  /** NULL where the system has no such room. */
  @SuppressWarnings("restricted") // the arena gives back what was mapped
  private static MemorySegment map(Arena arena, long bytes) {
    // What lies between the places where huge pages may begin would be in small ones.
    long spare = bytes >= HUGE ? HUGE : 0;
    long whole = bytes + spare;
    try {
      MemorySegment mapped =
          (MemorySegment)
              Calls.MAP.invokeExact(
                  MemorySegment.NULL, whole, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (mapped.address() == -1) {
        return MemorySegment.NULL;
      }
      // A system without huge pages says so, and has given small ones.
      int _ = (int) Calls.ADVISE.invokeExact(mapped, whole, HUGE_PAGES);
      MemorySegment memory = mapped.reinterpret(whole, arena, Pages::unmap);
      return memory.asSlice(spare == 0 ? 0 : -mapped.address() & (HUGE - 1), bytes);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // a method handle declares nothing narrower
      throw new IllegalStateException("mapping memory failed", e);
    }
  }

  private static void unmap(MemorySegment memory) {
    try {
      int status = (int) Calls.UNMAP.invokeExact(memory, memory.byteSize());
      if (status != 0) {
        throw new IllegalStateException("unmapping " + memory + " gave " + status);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // a method handle declares nothing narrower
      throw new IllegalStateException("unmapping memory failed", e);
    }
  }
}
