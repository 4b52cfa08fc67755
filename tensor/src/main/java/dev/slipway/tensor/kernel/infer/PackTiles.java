package dev.slipway.tensor.kernel.infer;

import static dev.slipway.tensor.machine.Assembler.R10;
import static dev.slipway.tensor.machine.Assembler.R11;
import static dev.slipway.tensor.machine.Assembler.R8;
import static dev.slipway.tensor.machine.Assembler.RCX;
import static dev.slipway.tensor.machine.Assembler.RDI;
import static dev.slipway.tensor.machine.Assembler.RDX;
import static dev.slipway.tensor.machine.Assembler.RSI;

import dev.slipway.tensor.machine.Assembler;
import dev.slipway.tensor.machine.Assembler.Address;
import dev.slipway.tensor.machine.Assembler.Op;
import dev.slipway.tensor.machine.MachineCode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Puts rows of weights into the order of a panel. Weights are packed as a program begins, when
 * loops of ours are not compiled yet: machine code takes a tenth of their time.
 */
final class PackTiles {
  private static final int LANES = 16;
  private static final int INDICES = 16;
  private static final int VECTOR_BYTES = 64;

  private PackTiles() {}

  private static final class Chosen {
    static final @Nullable MethodHandle CODE =
        MachineCode.has("avx512f") ? MachineCode.map(code()) : null;
  }

  /** As {@link RowPanel#transpose}. */
  static void transpose(long rows, long stride, long to, long steps) {
    if (Chosen.CODE == null) {
      RowPanel.transpose(rows, stride, to, (int) steps);
    } else {
      transpose(Chosen.CODE, rows, stride, to, steps);
    }
  }

  /** By machine code. */
  static void transpose(MethodHandle code, long rows, long stride, long to, long steps) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment offsets = arena.allocate(VECTOR_BYTES, VECTOR_BYTES);
      for (int lane = 0; lane < LANES; lane++) {
        offsets.setAtIndex(ValueLayout.JAVA_INT, lane, Math.toIntExact(lane * stride));
      }
      MachineCode.call(code, rows, offsets.address(), LANES * stride, steps, to, 0);
    }
  }

  /** {@code (rows, offsets of 16 rows, bytes of 16 rows, steps, to, 0)}. */
  static byte[] code() {
    Assembler code = new Assembler();
    int[] bases = {RDI, R10, R11, RDX};
    code.address(R10, new Address(RDI, RDX, 1, 0));
    code.address(R11, new Address(R10, RDX, 1, 0));
    code.address(RDX, new Address(R11, RDX, 1, 0));
    code.vector(Op.LOAD, INDICES, 0, Address.of(RSI, 0));
    int loop = code.here();
    for (int vector = 0; vector < bases.length; vector++) {
      code.allLanes();
      code.gather(vector, bases[vector], INDICES, 0);
      code.vector(Op.STORE, vector, 0, Address.of(R8, VECTOR_BYTES * vector));
    }
    for (int base : bases) {
      code.add(base, 4);
    }
    code.add(R8, VECTOR_BYTES * bases.length);
    code.decrementAndLoop(RCX, loop);
    code.leave();
    return code.bytes();
  }
}
