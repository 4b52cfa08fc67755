package dev.slipway.tensor.machine;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Lets a mapped file be cut off while it is read. The pages that it lacks then make the system send
 * SIGBUS, which ends a process whose native code reads them; a handler in machine code gives a page
 * of zeros instead and notes it, and whoever reads asks afterwards. What happens anywhere else goes
 * on to the JVM's own handler. Only on Linux on x86-64; elsewhere nothing is noted.
 */
public final class FileGuard implements AutoCloseable {
  /** Files that are guarded at once; further ones are not. */
  private static final int MOST = 512;

  private static final int ENTRY = 24;
  private static final int FAULTS = 16;
  private static final int PAGE = 4096;

  private static final int SIGBUS = 7;

  /** Of glibc's {@code struct sigaction} on x86-64: the handler comes first. */
  private static final int ACTION_BYTES = 152;

  private static final VarHandle LONGS = ValueLayout.JAVA_LONG.varHandle();

  /** The process has one handler and one table that it reads. */
  private static final class Handler {
    static final @Nullable MemorySegment TABLE = install();
  }

  private final @Nullable MemorySegment entry;
  private boolean cut;
  private boolean closed;

  private FileGuard(@Nullable MemorySegment entry) {
    this.entry = entry;
  }

  /** Guards the mapping of a file until this is closed, which must be before it is unmapped. */
  public static FileGuard of(MemorySegment mapped) {
    MemorySegment table = Handler.TABLE;
    if (table == null || mapped.byteSize() == 0) {
      return new FileGuard(null);
    }
    long end = (mapped.address() + mapped.byteSize() + PAGE - 1) / PAGE * PAGE;
    synchronized (Handler.class) {
      for (int at = 0; at < MOST; at++) {
        MemorySegment entry = table.asSlice((long) at * ENTRY, ENTRY);
        if ((long) LONGS.getVolatile(entry, 0L) == 0) {
          LONGS.setVolatile(entry, (long) FAULTS, 0L);
          LONGS.setVolatile(entry, 8L, end);
          LONGS.setVolatile(entry, 0L, mapped.address());
          return new FileGuard(entry);
        }
      }
    }
    return new FileGuard(null);
  }

  /** Whether pages were read that the file no longer has. */
  public boolean isCut() {
    if (entry != null && !cut) {
      cut = (long) LONGS.getVolatile(entry, (long) FAULTS) != 0;
    }
    return cut;
  }

  /** {@link #isCut} says afterwards what it said before. */
  @Override
  public void close() {
    if (entry != null && !closed) {
      isCut();
      closed = true;
      LONGS.setVolatile(entry, 8L, 0L);
      LONGS.setVolatile(entry, 0L, 0L);
    }
  }

  // ---- the handler ----

  private static @Nullable MemorySegment install() {
    if (!System.getProperty("os.name").equals("Linux")
        || !System.getProperty("os.arch").equals("amd64")) {
      return null;
    }
    MemorySegment table = Arena.global().allocate((long) MOST * ENTRY, Long.BYTES);
    MemorySegment action = Arena.global().allocate(ACTION_BYTES, Long.BYTES);
    MethodHandle sigaction = MachineCode.function("sigaction", Linker.Option.critical(false));
    MachineCode.call(sigaction, SIGBUS, 0, action.address(), 0, 0, 0);
    long before = action.get(ValueLayout.JAVA_LONG, 0);
    if (before == 0 || before == 1) {
      return null; // nobody handles it: the end of the process is what is wanted
    }
    MemorySegment code = MachineCode.place(code(table.address(), before));
    if (code == null) {
      return null;
    }
    action.set(ValueLayout.JAVA_LONG, 0, code.address()); // with the JVM's own flags
    MachineCode.call(sigaction, SIGBUS, action.address(), 0, 0, 0, 0);
    return table;
  }

  /**
   * {@code (signal, siginfo, context)}: the address that could not be read is 16 bytes into {@code
   * siginfo}.
   *
   * @param table entries of a mapping's first byte, the byte after its last, and whether it failed
   * @param otherwise the handler for all other addresses
   */
  private static byte[] code(long table, long otherwise) {
    Code code = new Code();
    code.emit(0x4C, 0x8B, 0x46, 0x10); // mov r8, [rsi + 16]
    code.emit(0x49, 0xB9).emitLong(table); // mov r9, table
    code.emit(0xB9).emitInt(MOST); // mov ecx, MOST
    int loop = code.size();
    code.emit(0x4D, 0x3B, 0x01); // cmp r8, [r9]
    int below = code.jump(0x72); // jb next
    code.emit(0x4D, 0x3B, 0x41, 0x08); // cmp r8, [r9 + 8]
    int above = code.jump(0x73); // jae next
    code.emit(0x49, 0xC7, 0x41, FAULTS).emitInt(1); // mov qword [r9 + 16], 1
    code.emit(0x57, 0x56, 0x52); // push rdi, rsi, rdx
    code.emit(0x4C, 0x89, 0xC7); // mov rdi, r8
    code.emit(0x48, 0x81, 0xE7).emitInt(-PAGE); // and rdi, -4096
    code.emit(0xBE).emitInt(PAGE); // mov esi, 4096
    code.emit(0xBA).emitInt(1); // mov edx, PROT_READ
    code.emit(0x41, 0xBA).emitInt(0x32); // mov r10d, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS
    code.emit(0x49, 0xC7, 0xC0).emitInt(-1); // mov r8, -1
    code.emit(0x45, 0x31, 0xC9); // xor r9d, r9d
    code.emit(0xB8).emitInt(9); // mov eax, mmap
    code.emit(0x0F, 0x05); // syscall
    code.emit(0x5A, 0x5E, 0x5F); // pop rdx, rsi, rdi
    code.emit(0x48, 0x3D).emitInt(-PAGE); // cmp rax, -4096
    int failed = code.jump(0x77); // ja otherwise
    code.emit(0xC3); // ret: what could not be read is read again
    code.land(below);
    code.land(above);
    code.emit(0x49, 0x83, 0xC1, ENTRY); // add r9, 24
    code.emit(0xFF, 0xC9); // dec ecx
    code.emit(0x75, loop - (code.size() + 2)); // jnz loop
    code.land(failed);
    code.emit(0x48, 0xB8).emitLong(otherwise); // mov rax, otherwise
    code.emit(0xFF, 0xE0); // jmp rax
    return code.bytes();
  }

  /** Bytes of instructions, with short jumps ahead. */
  private static final class Code {
    private final byte[] bytes = new byte[256];
    private int size;

    int size() {
      return size;
    }

    Code emit(int... more) {
      for (int one : more) {
        bytes[size++] = (byte) one;
      }
      return this;
    }

    void emitInt(int value) {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(size, value);
      size += Integer.BYTES;
    }

    void emitLong(long value) {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(size, value);
      size += Long.BYTES;
    }

    /** Where the distance of a jump is, for {@link #land}. */
    int jump(int opcode) {
      emit(opcode, 0);
      return size - 1;
    }

    void land(int jump) {
      bytes[jump] = (byte) (size - (jump + 1));
    }

    byte[] bytes() {
      return Arrays.copyOf(bytes, size);
    }
  }
}
