package dev.slipway.tensor.kernel.infer;

import static dev.slipway.tensor.machine.Assembler.R10;
import static dev.slipway.tensor.machine.Assembler.R11;
import static dev.slipway.tensor.machine.Assembler.R8;
import static dev.slipway.tensor.machine.Assembler.R9;
import static dev.slipway.tensor.machine.Assembler.RCX;
import static dev.slipway.tensor.machine.Assembler.RDI;
import static dev.slipway.tensor.machine.Assembler.RDX;
import static dev.slipway.tensor.machine.Assembler.RSI;

import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.machine.Assembler;
import dev.slipway.tensor.machine.Assembler.Address;
import dev.slipway.tensor.machine.Assembler.Op;
import java.util.function.Consumer;

/** Machine code of {@link RowTiles}: loops over whole vectors of 16, counted in {@code rcx}. */
final class RowCode {
  private static final int VECTOR_BYTES = 64;

  /** What {@link #exp} and {@link #halves} need in memory, one after the other. */
  static final float[] CONSTANTS = {
    -87.3f,
    87.3f,
    1.44269504088896341f,
    12582912f,
    -0.693359375f,
    2.12194440e-4f,
    1.9875691500e-4f,
    1.3981999507e-3f,
    8.3334519073e-3f,
    4.1665795894e-2f,
    1.6666665459e-1f,
    5.0000001201e-1f,
    1f,
    -0f,
    Float.NEGATIVE_INFINITY,
    Float.intBitsToFloat(0x7FFF),
    Float.intBitsToFloat(1),
  };

  private static final int FIRST_CONSTANT = 14;
  private static final int ONE = FIRST_CONSTANT + 12;
  private static final int SIGN = FIRST_CONSTANT + 13;
  private static final int INFINITY = FIRST_CONSTANT + 14;
  private static final int ROUND = FIRST_CONSTANT + 15;
  private static final int LOWEST = FIRST_CONSTANT + 16;

  private RowCode() {}

  private static void constants(Assembler code, int at) {
    for (int i = 0; i < CONSTANTS.length; i++) {
      code.vector(Op.BROADCAST, FIRST_CONSTANT + i, 0, Address.of(at, 4 * i));
    }
  }

  private static void loop(Assembler code, Consumer<Assembler> each, int... pointers) {
    int loop = code.here();
    each.accept(code);
    for (int pointer : pointers) {
      code.add(pointer, VECTOR_BYTES);
    }
    code.decrementAndLoop(RCX, loop);
  }

  /** {@code (x, more, 0, vectors, 0, 0)}: x += more. */
  static byte[] accumulate() {
    Assembler code = new Assembler();
    loop(
        code,
        a -> {
          a.vector(Op.LOAD, 0, 0, Address.of(RDI, 0));
          a.vector(Op.ADD, 0, 0, Address.of(RSI, 0));
          a.vector(Op.STORE, 0, 0, Address.of(RDI, 0));
        },
        RDI,
        RSI);
    code.leave();
    return code.bytes();
  }

  /** {@code (x, 0, 0, vectors, sums, 0)}: sums of x² of each lane. */
  static byte[] squares() {
    Assembler code = new Assembler();
    code.vector(Op.XOR, 1, 1, 1);
    loop(
        code,
        a -> {
          a.vector(Op.LOAD, 0, 0, Address.of(RDI, 0));
          a.vector(Op.FMA, 1, 0, 0);
        },
        RDI);
    code.vector(Op.STORE, 1, 0, Address.of(R8, 0));
    code.leave();
    return code.bytes();
  }

  /** {@code (x, w, factor, vectors, y, 0)}: y = x factor w. */
  static byte[] rms() {
    Assembler code = new Assembler();
    code.vector(Op.BROADCAST, 1, 0, Address.of(RDX, 0));
    loop(
        code,
        a -> {
          a.vector(Op.LOAD, 0, 0, Address.of(RDI, 0));
          a.vector(Op.MULTIPLY, 0, 0, 1);
          a.vector(Op.MULTIPLY, 0, 0, Address.of(RSI, 0));
          a.vector(Op.STORE, 0, 0, Address.of(R8, 0));
        },
        RDI,
        RSI,
        R8);
    code.leave();
    return code.bytes();
  }

  /** {@code (x, 0, factor, vectors, y, 0)}: y = x factor. */
  static byte[] scale() {
    Assembler code = new Assembler();
    code.vector(Op.BROADCAST, 1, 0, Address.of(RDX, 0));
    loop(
        code,
        a -> {
          a.vector(Op.MULTIPLY, 0, 1, Address.of(RDI, 0));
          a.vector(Op.STORE, 0, 0, Address.of(R8, 0));
        },
        RDI,
        R8);
    code.leave();
    return code.bytes();
  }

  /** {@code (x, 0, 0, vectors, y, constants)}: y = x in bfloat16. */
  static byte[] narrow() {
    Assembler code = new Assembler();
    for (int constant : new int[] {ROUND, LOWEST}) {
      code.vector(Op.BROADCAST, constant, 0, Address.of(R9, 4 * (constant - FIRST_CONSTANT)));
    }
    loop(
        code,
        a -> {
          a.vector(Op.LOAD, 0, 0, Address.of(RDI, 0));
          halves(a);
          a.vector(Op.STORE_HALVES, 0, 0, Address.of(R8, 0));
          a.add(R8, VECTOR_BYTES / 2);
        },
        RDI);
    code.leave();
    return code.bytes();
  }

  /** {@code (x, 0, 0, vectors, y, 0)}: y = x of bfloat16. */
  static byte[] widen() {
    Assembler code = new Assembler();
    loop(
        code,
        a -> {
          a.vector(Op.LOAD_HALVES, 0, 0, Address.of(RDI, 0));
          a.shiftLeft(0, 0, 16);
          a.vector(Op.STORE, 0, 0, Address.of(R8, 0));
          a.add(RDI, VECTOR_BYTES / 2);
        },
        R8);
    code.leave();
    return code.bytes();
  }

  /** {@code z0} in bfloat16, in the lower half of each lane; changes the first two. */
  private static void halves(Assembler code) {
    code.shiftRight(1, 0, 16);
    code.vector(Op.AND, 1, 1, LOWEST);
    code.vector(Op.ADD_INTS, 0, 0, ROUND);
    code.vector(Op.ADD_INTS, 0, 0, 1);
    code.shiftRight(0, 0, 16);
  }

  /**
   * {@code (scores, 0, 0, vectors, sum, constants)}: e^(score - largest) in their places, 0 for -∞,
   * and their sum, which is that of lanes {@code i} and {@code i + 8}, of those that are 4 apart,
   * and so on.
   *
   * @param half whether they are written in bfloat16, one after the other
   */
  static byte[] softmax(boolean half) {
    Assembler code = new Assembler();
    constants(code, R9);
    int largest = 10;
    int sum = 11;
    int score = 12;
    code.address(R10, Address.of(RDI, 0));
    code.address(R11, Address.of(RCX, 0));
    code.vector(Op.LOAD, largest, 0, Address.of(RDI, 0));
    int loop = code.here();
    code.vector(Op.LARGER, largest, largest, Address.of(R10, 0));
    code.add(R10, VECTOR_BYTES);
    code.decrementAndLoop(R11, loop);
    ofAllLanes(code, Op.LARGER, largest);
    code.vector(Op.XOR, sum, sum, sum);
    code.address(R10, Address.of(RDI, 0));
    loop(
        code,
        a -> {
          a.vector(Op.LOAD, score, 0, Address.of(RDI, 0));
          a.vector(Op.SUBTRACT, 0, score, largest);
          exp(a);
          a.zeroWhereEqual(0, 0, score, INFINITY);
          a.vector(Op.ADD, sum, sum, 0);
          if (half) {
            halves(a);
            a.vector(Op.STORE_HALVES, 0, 0, Address.of(R10, 0));
          } else {
            a.vector(Op.STORE, 0, 0, Address.of(R10, 0));
          }
          a.add(R10, half ? VECTOR_BYTES / 2 : VECTOR_BYTES);
        },
        RDI);
    ofAllLanes(code, Op.ADD, sum);
    code.vector(Op.STORE, sum, 0, Address.of(R8, 0));
    code.leave();
    return code.bytes();
  }

  /** In every lane, what an operation gives of all; changes the first register. */
  private static void ofAllLanes(Assembler code, Op op, int vector) {
    code.swapHalves(0, vector);
    code.vector(op, vector, vector, 0);
    code.swapQuarters(0, vector);
    code.vector(op, vector, vector, 0);
    code.swapPairs(0, vector);
    code.vector(op, vector, vector, 0);
    code.swapLanes(0, vector);
    code.vector(op, vector, vector, 0);
  }

  /** {@code (x, 0, 0, vectors, largest, 0)}: |x| of each lane. */
  static byte[] magnitude() {
    Assembler code = new Assembler();
    code.vector(Op.XOR, 1, 1, 1);
    code.vector(Op.XOR, 3, 3, 3);
    loop(
        code,
        a -> {
          a.vector(Op.LOAD, 0, 0, Address.of(RDI, 0));
          a.vector(Op.SUBTRACT, 2, 3, 0);
          a.vector(Op.LARGER, 1, 1, 0);
          a.vector(Op.LARGER, 1, 1, 2);
        },
        RDI);
    code.vector(Op.STORE, 1, 0, Address.of(R8, 0));
    code.leave();
    return code.bytes();
  }

  /**
   * {@code (x, 0, parameters, vectors, y, sums)}: 16 bits of x in two bytes, 16 upper ones and 16
   * lower ones in turn, and sums of whole values and of upper bytes, of each lane.
   */
  static byte[] split() {
    Assembler code = new Assembler();
    for (int i = 0; i < 4; i++) {
      code.vector(Op.BROADCAST, 10 + i, 0, Address.of(RDX, 4 * i));
    }
    code.vector(Op.XOR, 5, 5, 5);
    code.vector(Op.XOR, 6, 6, 6);
    loop(
        code,
        a -> {
          a.vector(Op.LOAD, 0, 0, Address.of(RDI, 0));
          a.vector(Op.MULTIPLY, 0, 0, 10);
          a.vector(Op.ADD, 0, 0, 11);
          a.vector(Op.ADD_INTS, 0, 0, 12);
          a.vector(Op.ADD_INTS, 5, 5, 0);
          a.vector(Op.ADD_INTS, 1, 0, 13);
          a.shiftRightSigned(1, 1, 8);
          a.vector(Op.ADD_INTS, 6, 6, 1);
          a.vector(Op.STORE_BYTES, 1, 0, Address.of(R8, 0));
          a.vector(Op.STORE_BYTES, 0, 0, Address.of(R8, VECTOR_BYTES / 4));
          a.add(R8, VECTOR_BYTES / 2);
        },
        RDI);
    code.vector(Op.STORE, 5, 0, Address.of(R9, 0));
    code.vector(Op.STORE, 6, 0, Address.of(R9, VECTOR_BYTES));
    code.leave();
    return code.bytes();
  }

  /**
   * {@code (x, addresses, offset, vectors, largest, 0)}: each vector of x by that at an offset from
   * an address, and the largest of each lane, at least 0.
   */
  static byte[] weigh() {
    Assembler code = new Assembler();
    code.vector(Op.XOR, 1, 1, 1);
    int loop = code.here();
    code.load(R10, Address.of(RSI, 0));
    code.vector(Op.LOAD, 0, 0, Address.of(RDI, 0));
    code.vector(Op.MULTIPLY, 0, 0, new Address(R10, RDX, 1, 0));
    code.vector(Op.STORE, 0, 0, Address.of(RDI, 0));
    code.vector(Op.LARGER, 1, 1, 0);
    code.add(RDI, VECTOR_BYTES);
    code.add(RSI, 8);
    code.decrementAndLoop(RCX, loop);
    code.vector(Op.STORE, 1, 0, Address.of(R8, 0));
    code.leave();
    return code.bytes();
  }

  /** {@code (gate, up, 0, vectors, y, constants)}: y = silu(gate) up. */
  static byte[] swiGlu() {
    Assembler code = new Assembler();
    constants(code, R9);
    int gate = 12;
    loop(
        code,
        a -> {
          a.vector(Op.LOAD, gate, 0, Address.of(RDI, 0));
          a.vector(Op.XOR, 0, gate, SIGN);
          exp(a);
          a.vector(Op.ADD, 0, 0, ONE);
          a.vector(Op.DIVIDE, 0, ONE, 0);
          a.vector(Op.MULTIPLY, 0, gate, 0);
          a.vector(Op.MULTIPLY, 0, 0, Address.of(RSI, 0));
          a.vector(Op.STORE, 0, 0, Address.of(R8, 0));
        },
        RDI,
        RSI,
        R8);
    code.leave();
    return code.bytes();
  }

  /** {@code z0 = e^z0} as {@link Lanes#exp}, which tells its steps; changes the first five. */
  private static void exp(Assembler code) {
    int c = FIRST_CONSTANT;
    code.vector(Op.LARGER, 0, c, 0);
    code.vector(Op.SMALLER, 0, c + 1, 0);
    code.vector(Op.MULTIPLY, 1, 0, c + 2);
    code.vector(Op.ADD, 1, 1, c + 3);
    code.vector(Op.SUBTRACT, 2, 1, c + 3);
    code.vector(Op.FMA, 0, 2, c + 4);
    code.vector(Op.FMA, 0, 2, c + 5);
    code.vector(Op.LOAD, 3, 0, c + 7);
    code.vector(Op.FMA, 3, 0, c + 6);
    for (int i = 8; i <= 11; i++) {
      code.vector(Op.MULTIPLY_ADD, 3, 0, c + i);
    }
    code.vector(Op.MULTIPLY, 4, 0, 0);
    code.vector(Op.MULTIPLY_ADD, 3, 4, 0);
    code.vector(Op.ADD, 3, 3, ONE);
    code.shiftLeft(1, 1, 23);
    code.vector(Op.ADD_INTS, 0, 3, 1);
  }

  /**
   * {@code (x, cosines, sines, heads, factor, 0)}: turns the pairs of heads that follow each other,
   * and multiplies them.
   *
   * @param vectors of half a head
   */
  static byte[] rotate(int vectors) {
    int half = VECTOR_BYTES * vectors;
    Assembler code = new Assembler();
    code.vector(Op.BROADCAST, 7, 0, Address.of(R8, 0));
    int loop = code.here();
    for (int i = 0; i < vectors; i++) {
      int at = VECTOR_BYTES * i;
      code.vector(Op.LOAD, 0, 0, Address.of(RDI, at));
      code.vector(Op.LOAD, 1, 0, Address.of(RDI, at + half));
      code.vector(Op.LOAD, 2, 0, Address.of(RSI, at));
      code.vector(Op.LOAD, 3, 0, Address.of(RDX, at));
      code.vector(Op.MULTIPLY, 4, 0, 2);
      code.vector(Op.MULTIPLY, 5, 1, 3);
      code.vector(Op.SUBTRACT, 4, 4, 5);
      code.vector(Op.MULTIPLY, 4, 4, 7);
      code.vector(Op.STORE, 4, 0, Address.of(RDI, at));
      code.vector(Op.MULTIPLY, 5, 1, 2);
      code.vector(Op.MULTIPLY, 6, 0, 3);
      code.vector(Op.ADD, 5, 5, 6);
      code.vector(Op.MULTIPLY, 5, 5, 7);
      code.vector(Op.STORE, 5, 0, Address.of(RDI, at + half));
    }
    code.add(RDI, 2 * half);
    code.decrementAndLoop(RCX, loop);
    code.leave();
    return code.bytes();
  }

  /**
   * {@code (keys, values, where the keys go, heads, where the values go, distances of pairs)}: a
   * position's keys and values in bfloat16, head by head, to a block of {@link PagedAttention}.
   *
   * @param dims of a head, whole vectors of them
   * @param odd whether the position is the second one of those that share 32 bits
   */
  static byte[] storeHalves(int dims, boolean odd) {
    Assembler code = new Assembler();
    int distances = 16;
    code.vector(Op.LOAD, distances, 0, Address.of(R9, 0));
    code.bytesOfMask(odd ? 0xCCCCCCCCCCCCCCCCL : 0x3333333333333333L);
    int pairBytes = 4 * PagedAttention.BLOCK;
    int loop = code.here();
    for (int pair = 0; pair < dims / 2; pair += RowTiles.LANES) {
      code.vector(Op.LOAD, 0, 0, Address.of(RDI, 4 * pair));
      code.allLanes();
      code.scatter(0, RDX, distances, pair * pairBytes);
    }
    for (int dim = 0; dim < dims; dim += RowTiles.LANES) {
      code.vector(Op.LOAD_HALVES, 1, 0, Address.of(RSI, 2 * dim));
      if (odd) {
        code.shiftLeft(1, 1, 16);
      }
      code.storeMasked(Address.of(R8, 4 * dim), 1);
    }
    int headBytes = 2 * 2 * PagedAttention.BLOCK * dims;
    code.add(RDI, 2 * dims);
    code.add(RSI, 2 * dims);
    code.add(RDX, headBytes);
    code.add(R8, headBytes);
    code.decrementAndLoop(RCX, loop);
    code.leave();
    return code.bytes();
  }
}
