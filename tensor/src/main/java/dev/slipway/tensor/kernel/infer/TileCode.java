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

import dev.slipway.tensor.machine.Assembler;
import dev.slipway.tensor.machine.Assembler.Address;
import dev.slipway.tensor.machine.Assembler.Op;

/**
 * Machine code for tiles of a product: rows by {@link PackedLinear#PANEL} outputs, whose sums stay
 * in registers. Each sum is one chain over k in its order, so that it has the same bits in a tile
 * of any number of rows.
 *
 * <p>Functions {@code (x, bytes between rows of x, weights, rounds, y, bytes between rows of y)}.
 */
final class TileCode {
  /** Most rows of a tile of float32 and bfloat16: 24 sums, 4 vectors of weights, 4 of x. */
  static final int ROWS = 6;

  /** Most rows of a tile of bytes, which has sums of a group and sums of all. */
  static final int BYTE_ROWS = 3;

  /** Vectors of 16 outputs in a panel. */
  private static final int VECTORS = 4;

  private static final int VECTOR_BYTES = 64;
  private static final int STEP_BYTES = VECTORS * VECTOR_BYTES;

  /** Steps of a round: 4 bytes of each row of x meet 4 bytes of each output's weights. */
  static final int UNROLLED = 4;

  private static final int WEIGHTS = 24;
  private static final int X = 28;
  private static final int MASK = 30;

  /** The first sum of a group. */
  private static final int GROUP_SUM = 12;

  /** Most rows of a tile whose weights are {@link CompactPanel}'s: 20 sums. */
  static final int COMPACT_ROWS = 5;

  /** Bytes that a round fetches. */
  static final int FETCHED = UNROLLED * VECTOR_BYTES;

  private static final int TABLE = 20;
  private static final int FOUR_BITS = 21;
  private static final int PLACES = 22;
  private static final int UPPER = 23;
  private static final int LOWER = 28;

  private TileCode() {}

  /** The row's place in x or y; rows from the fourth on are told from {@code fourth}. */
  static Address row(int base, int fourth, int stride, int row, int offset) {
    int from = row < 3 ? base : fourth;
    return row % 3 == 0
        ? Address.of(from, offset)
        : new Address(from, stride, row % 3 == 1 ? 1 : 2, offset);
  }

  /** The place of the fourth row. */
  static void fourth(Assembler code, int to, int base, int stride) {
    code.address(to, new Address(base, stride, 2, 0));
    code.address(to, new Address(to, stride, 1, 0));
  }

  /**
   * float32 or bfloat16: a step is one k of float32, two of bfloat16.
   *
   * @param multiply FMA or DOT_BFLOAT16
   */
  static byte[] floats(Op multiply, int rows) {
    return floats(multiply, rows, false);
  }

  /**
   * As above.
   *
   * @param fetches whether what is needed next is fetched meanwhile, {@link #FETCHED} bytes a
   *     round; in place of weights comes an address of two others: of the weights, and of that
   */
  static byte[] floats(Op multiply, int rows, boolean fetches) {
    Assembler code = new Assembler();
    if (fetches) {
      code.load(RAX, Address.of(RDX, 8));
      code.load(RDX, Address.of(RDX, 0));
    }
    if (rows > 3) {
      fourth(code, R10, RDI, RSI);
    }
    for (int sum = 0; sum < rows * VECTORS; sum++) {
      code.vector(Op.XOR, sum, sum, sum);
    }
    int loop = code.here();
    for (int step = 0; step < UNROLLED; step++) {
      if (fetches) {
        code.prefetch(Address.of(RAX, step * VECTOR_BYTES));
      }
      for (int vector = 0; vector < VECTORS; vector++) {
        int offset = step * STEP_BYTES + vector * VECTOR_BYTES;
        code.vector(Op.LOAD, WEIGHTS + vector, 0, Address.of(RDX, offset));
      }
      for (int row = 0; row < rows; row++) {
        int x = X + row % 4;
        code.vector(Op.BROADCAST, x, 0, row(RDI, R10, RSI, row, 4 * step));
        for (int vector = 0; vector < VECTORS; vector++) {
          code.vector(multiply, row * VECTORS + vector, WEIGHTS + vector, x);
        }
      }
    }
    code.add(RDI, 4 * UNROLLED);
    if (rows > 3) {
      code.add(R10, 4 * UNROLLED);
    }
    code.add(RDX, STEP_BYTES * UNROLLED);
    if (fetches) {
      code.add(RAX, FETCHED);
    }
    code.decrementAndLoop(RCX, loop);
    store(code, rows);
    return code.bytes();
  }

  /**
   * bfloat16 whose weights are written as {@link CompactPanel} tells. In place of weights comes an
   * address of two others: of the panel, and of what is kept or fetched.
   *
   * @param keeps whether the panel is put there in whole, for tiles of further rows
   * @param fetches as in {@link #floats(Op, int, boolean)}; not both
   */
  static byte[] compact(int rows, boolean keeps, boolean fetches) {
    Assembler code = new Assembler();
    code.eax(0x0F0F0F0F);
    code.vector(Op.BROADCAST_EAX, FOUR_BITS, 0, 0);
    if (keeps || fetches) {
      code.load(RAX, Address.of(RDX, 8));
    }
    code.load(R11, Address.of(RDX, 0));
    code.address(RDX, new Address(R11, RCX, 8, 0));
    code.address(RDX, new Address(RDX, RCX, 8, 0));
    if (rows > 3) {
      fourth(code, R10, RDI, RSI);
    }
    for (int sum = 0; sum < rows * VECTORS; sum++) {
      code.vector(Op.XOR, sum, sum, sum);
    }
    int loop = code.here();
    code.vector(Op.LOAD_QUARTER, TABLE, 0, Address.of(R11, 0));
    for (int step = 0; step < UNROLLED; step++) {
      int from = step * CompactPanel.STEP_BYTES;
      if (fetches) {
        code.prefetch(Address.of(RAX, step * VECTOR_BYTES));
      }
      code.vector(Op.LOAD, PLACES, 0, Address.of(RDX, from + 2 * VECTOR_BYTES));
      for (int half = 0; half < 2; half++) {
        if (half == 0) {
          code.vector(Op.AND, UPPER, PLACES, FOUR_BITS);
        } else {
          code.shiftRight(UPPER, PLACES, 4);
          code.vector(Op.AND, UPPER, UPPER, FOUR_BITS);
        }
        code.vector(Op.LOOK_UP, UPPER, TABLE, UPPER);
        code.vector(Op.LOAD, LOWER, 0, Address.of(RDX, from + half * VECTOR_BYTES));
        code.vector(Op.INTERLEAVE_FIRST, WEIGHTS + 2 * half, LOWER, UPPER);
        code.vector(Op.INTERLEAVE_LAST, WEIGHTS + 2 * half + 1, LOWER, UPPER);
      }
      for (int vector = 0; keeps && vector < VECTORS; vector++) {
        Address to = Address.of(RAX, step * STEP_BYTES + vector * VECTOR_BYTES);
        code.vector(Op.STORE, WEIGHTS + vector, 0, to);
      }
      for (int row = 0; row < rows; row++) {
        int x = X + row % 4;
        code.vector(Op.BROADCAST, x, 0, row(RDI, R10, RSI, row, 4 * step));
        for (int vector = 0; vector < VECTORS; vector++) {
          code.vector(Op.DOT_BFLOAT16, row * VECTORS + vector, WEIGHTS + vector, x);
        }
      }
    }
    code.add(RDI, 4 * UNROLLED);
    if (rows > 3) {
      code.add(R10, 4 * UNROLLED);
    }
    code.add(R11, CompactPanel.TABLE_BYTES);
    code.add(RDX, CompactPanel.STEP_BYTES * UNROLLED);
    if (keeps || fetches) {
      code.add(RAX, keeps ? STEP_BYTES * UNROLLED : FETCHED);
    }
    code.decrementAndLoop(RCX, loop);
    store(code, rows);
    return code.bytes();
  }

  /**
   * Bytes of x by bytes or half bytes of weights, in groups of {@link Operand#GROUP}: the group's
   * sum is exact, and is added to the sum of all as float32. A round is a group.
   *
   * @param half whether two weights share a byte, with a scale for each group and output
   */
  static byte[] bytes(int rows, boolean half) {
    Assembler code = new Assembler();
    if (half) {
      code.eax(0x0F0F0F0F);
      code.vector(Op.BROADCAST_EAX, MASK, 0, 0);
    }
    for (int sum = 0; sum < rows * VECTORS; sum++) {
      code.vector(Op.XOR, sum, sum, sum);
    }
    int loop = code.here();
    for (int row = 0; row < rows; row++) {
      for (int vector = 0; vector < VECTORS; vector++) {
        Address start = row(RDI, R10, RSI, row, Operand.GROUP);
        code.vector(Op.BROADCAST, GROUP_SUM + row * VECTORS + vector, 0, start);
      }
    }
    int steps = Operand.GROUP / 4;
    for (int at = 0; at < (half ? steps / 2 : steps); at++) {
      for (int vector = 0; vector < VECTORS; vector++) {
        int offset = at * STEP_BYTES + vector * VECTOR_BYTES;
        code.vector(Op.LOAD, WEIGHTS + vector, 0, Address.of(RDX, offset));
      }
      if (half) {
        for (int vector = 0; vector < VECTORS; vector++) {
          code.vector(Op.AND, X, WEIGHTS + vector, MASK);
          dot(code, rows, vector, X, 2 * at);
          code.shiftRight(WEIGHTS + vector, WEIGHTS + vector, 4);
          code.vector(Op.AND, WEIGHTS + vector, WEIGHTS + vector, MASK);
          dot(code, rows, vector, WEIGHTS + vector, 2 * at + 1);
        }
      } else {
        for (int vector = 0; vector < VECTORS; vector++) {
          dot(code, rows, vector, WEIGHTS + vector, at);
        }
      }
    }
    int weightBytes = (half ? steps / 2 : steps) * STEP_BYTES;
    for (int row = 0; row < rows; row++) {
      code.vector(Op.BROADCAST, X, 0, row(RDI, R10, RSI, row, Operand.GROUP + 4));
      for (int vector = 0; vector < VECTORS; vector++) {
        int sum = row * VECTORS + vector;
        int scale = X;
        if (half) {
          scale = X + 1;
          Address scales = Address.of(RDX, weightBytes + vector * VECTOR_BYTES);
          code.vector(Op.MULTIPLY, scale, X, scales);
        }
        code.vector(Op.INT_TO_FLOAT, GROUP_SUM + sum, 0, GROUP_SUM + sum);
        code.vector(Op.FMA, sum, GROUP_SUM + sum, scale);
      }
    }
    code.add(RDI, Operand.GROUP_BYTES);
    code.add(RDX, weightBytes + (half ? STEP_BYTES : 0));
    code.decrementAndLoop(RCX, loop);
    if (!half) {
      for (int sum = 0; sum < rows * VECTORS; sum++) {
        code.vector(Op.MULTIPLY, sum, sum, Address.of(RDX, sum % VECTORS * VECTOR_BYTES));
      }
    }
    store(code, rows);
    return code.bytes();
  }

  private static void dot(Assembler code, int rows, int vector, int weights, int step) {
    for (int row = 0; row < rows; row++) {
      Address x = row(RDI, R10, RSI, row, 4 * step);
      code.broadcasting(Op.DOT_BYTES, GROUP_SUM + row * VECTORS + vector, weights, x);
    }
  }

  private static void store(Assembler code, int rows) {
    if (rows > 3) {
      fourth(code, R11, R8, R9);
    }
    for (int row = 0; row < rows; row++) {
      for (int vector = 0; vector < VECTORS; vector++) {
        Address to = row(R8, R11, R9, row, vector * VECTOR_BYTES);
        code.vector(Op.STORE, row * VECTORS + vector, 0, to);
      }
    }
    code.leave();
  }
}
