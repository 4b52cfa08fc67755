package dev.slipway.tensor.kernel.infer;

import static dev.slipway.tensor.machine.Assembler.R10;
import static dev.slipway.tensor.machine.Assembler.R11;
import static dev.slipway.tensor.machine.Assembler.R8;
import static dev.slipway.tensor.machine.Assembler.R9;
import static dev.slipway.tensor.machine.Assembler.RAX;
import static dev.slipway.tensor.machine.Assembler.RCX;
import static dev.slipway.tensor.machine.Assembler.RDI;
import static dev.slipway.tensor.machine.Assembler.RDX;
import static dev.slipway.tensor.machine.Assembler.RSI;

import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.machine.Assembler;
import dev.slipway.tensor.machine.Assembler.Address;
import dev.slipway.tensor.machine.Assembler.Op;
import dev.slipway.tensor.machine.MachineCode;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Writes a {@link CompactPanel} by machine code: weights are packed as a program begins, when loops
 * of ours are not compiled yet. There is no branch but those of its loops: a round with too many
 * upper bytes is told by their number, and what was written for it means nothing.
 */
final class CompactCode {
  private static final int VECTOR_BYTES = 64;
  private static final int VALUES = 256;
  private static final int UPPERS = TileCode.UNROLLED * 2 * VECTOR_BYTES;

  /** What each pass of a loop over bytes takes; an index counts so many. */
  private static final int UNROLLED = 8;

  // Parts of the scratch.
  private static final int SEEN = 0;
  private static final int PLACES = SEEN + VALUES;
  private static final int NUMBERS = PLACES + VALUES;
  private static final int UPPER = NUMBERS + VALUES;
  private static final int TABLE = UPPER + UPPERS;

  static final int SCRATCH_BYTES = TABLE + VALUES + UNROLLED;

  private static final int LOWER_BYTES = 30;
  private static final int NOTHING = 31;

  private CompactCode() {}

  private static final class Chosen {
    static final @Nullable MethodHandle CODE =
        MachineCode.has("avx512f", "avx512bw") ? MachineCode.map(code()) : null;
  }

  /** Whether this machine can. */
  static boolean isThere() {
    return Chosen.CODE != null;
  }

  /**
   * As {@link CompactPanel#pack}.
   *
   * @param scratch {@link #SCRATCH_BYTES} and 8 for each round, 64-byte aligned
   */
  static boolean pack(long whole, int rounds, long to, long scratch) {
    MethodHandle code = Chosen.CODE;
    if (code == null) {
      throw new IllegalStateException("there is no code for this machine");
    }
    Lanes.MEMORY.asSlice(scratch, SCRATCH_BYTES).fill((byte) 0);
    for (int value = 0; value < VALUES; value++) {
      Lanes.MEMORY.set(ValueLayout.JAVA_BYTE, scratch + NUMBERS + value, (byte) value);
    }
    long counts = scratch + SCRATCH_BYTES;
    long data = to + (long) CompactPanel.TABLE_BYTES * rounds;
    MachineCode.call(code, whole, data, to, rounds, scratch, counts);
    for (int round = 0; round < rounds; round++) {
      if (Lanes.MEMORY.get(ValueLayout.JAVA_LONG, counts + 8L * round) > CompactPanel.TABLE_BYTES) {
        return false;
      }
    }
    return true;
  }

  /** {@code (whole, steps, tables, rounds, scratch, how many upper bytes each round has)}. */
  private static byte[] code() {
    Assembler code = new Assembler();
    code.eax(0x00FF00FF);
    code.vector(Op.BROADCAST_EAX, LOWER_BYTES, 0, 0);
    code.vector(Op.XOR, NOTHING, NOTHING, NOTHING);
    int eachRound = code.here();
    for (int half = 0; half < 2 * TileCode.UNROLLED; half++) {
      int from = 2 * VECTOR_BYTES * half;
      code.vector(Op.LOAD, 0, 0, Address.of(RDI, from));
      code.vector(Op.LOAD, 1, 0, Address.of(RDI, from + VECTOR_BYTES));
      code.vector(Op.AND, 2, 0, LOWER_BYTES);
      code.vector(Op.AND, 3, 1, LOWER_BYTES);
      code.vector(Op.PACK, 2, 2, 3);
      int to = half / 2 * CompactPanel.STEP_BYTES + half % 2 * VECTOR_BYTES;
      code.vector(Op.STORE, 2, 0, Address.of(RSI, to));
      code.shiftRightHalves(0, 0, 8);
      code.shiftRightHalves(1, 1, 8);
      code.vector(Op.PACK, 0, 0, 1);
      code.vector(Op.STORE, 0, 0, Address.of(R8, UPPER + VECTOR_BYTES * half));
    }
    // Which upper bytes there are.
    set(code, R11, 1);
    bytes(
        code,
        UPPERS,
        i -> {
          code.loadByte(RAX, each(UPPER, i));
          code.storeByte(new Address(R8, RAX, 1, SEEN), R11);
        });
    // Their places in the table, and the table; what is not there is overwritten by the next.
    set(code, R11, 0);
    bytes(
        code,
        VALUES,
        i -> {
          code.loadByte(RAX, each(NUMBERS, i));
          code.storeByte(new Address(R8, R11, 1, TABLE), RAX);
          code.storeByte(each(PLACES, i), R11);
          code.loadByte(RAX, each(SEEN, i));
          code.address(R11, new Address(R11, RAX, 1, 0));
        });
    code.store(Address.of(R9, 0), R11);
    for (int at = 0; at < CompactPanel.TABLE_BYTES; at += 8) {
      code.load(RAX, Address.of(R8, TABLE + at));
      code.store(Address.of(RDX, at), RAX);
    }
    bytes(
        code,
        UPPERS,
        i -> {
          code.loadByte(RAX, each(UPPER, i));
          code.loadByte(RAX, new Address(R8, RAX, 1, PLACES));
          code.storeByte(each(UPPER, i), RAX);
        });
    for (int step = 0; step < TileCode.UNROLLED; step++) {
      int from = UPPER + 2 * VECTOR_BYTES * step;
      code.vector(Op.LOAD, 0, 0, Address.of(R8, from + VECTOR_BYTES));
      code.shiftLeft(0, 0, 4);
      code.vector(Op.XOR, 0, 0, Address.of(R8, from));
      int to = step * CompactPanel.STEP_BYTES + 2 * VECTOR_BYTES;
      code.vector(Op.STORE, 0, 0, Address.of(RSI, to));
    }
    for (int at = 0; at < VALUES; at += VECTOR_BYTES) {
      code.vector(Op.STORE, NOTHING, 0, Address.of(R8, SEEN + at));
    }
    code.add(RDI, 4 * VECTOR_BYTES * TileCode.UNROLLED);
    code.add(RSI, CompactPanel.STEP_BYTES * TileCode.UNROLLED);
    code.add(RDX, CompactPanel.TABLE_BYTES);
    code.add(R9, 8);
    code.decrementAndLoop(RCX, eachRound);
    code.leave();
    return code.bytes();
  }

  private static void set(Assembler code, int register, int value) {
    code.eax(value);
    code.address(register, Address.of(RAX, 0));
  }

  private interface Each {
    /** Takes a byte of a part: {@link #each} of so many. */
    void of(int byteOfPass);
  }

  /** From the last bytes on to the first ones. */
  private static void bytes(Assembler code, int count, Each each) {
    set(code, R10, count / UNROLLED);
    int loop = code.here();
    for (int i = 0; i < UNROLLED; i++) {
      each.of(i);
    }
    code.decrementAndLoop(R10, loop);
  }

  private static Address each(int part, int byteOfPass) {
    return new Address(R8, R10, UNROLLED, part - UNROLLED + byteOfPass);
  }
}
