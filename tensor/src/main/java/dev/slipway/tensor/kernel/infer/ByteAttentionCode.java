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
 * Machine code for queries over the same blocks of keys and values in bytes, as {@link RowBytes}
 * lays them out. Sums are exact, so that their order is free.
 */
final class ByteAttentionCode {
  /** Upper and lower bytes. */
  private static final int PARTS = 2;

  /** Sums of every second step, so that one is not waited for. */
  private static final int SUMS = 2;

  /** Steps of 4 bytes in 16. */
  private static final int STEPS = 4;

  private static final int VECTOR_BYTES = 64;
  private static final int VALUE = 24;
  private static final int SHARE = 28;

  private ByteAttentionCode() {}

  /** Most vectors of dimensions that are mixed at once. */
  static int vectors(int queries) {
    return queries <= 3 ? 4 : 2;
  }

  /**
   * {@code (queries, addresses and one more, 0, blocks, scores, bytes between rows of scores)},
   * with what is needed next fetched meanwhile, as in {@link AttentionCode#scores}.
   *
   * @param padded dimensions of a key
   */
  static byte[] scores(int queries, int padded) {
    Assembler code = new Assembler();
    int queryBytes = Math.toIntExact(RowBytes.splitBytes(padded));
    int values = 4 * STEPS * padded + VECTOR_BYTES;
    int eachBlock = code.here();
    code.load(R10, Address.of(RSI, 0));
    code.load(RDX, Address.of(RSI, 8));
    code.address(R11, Address.of(RDI, RowBytes.HEADER));
    code.eax(padded / (4 * STEPS));
    for (int query = 0; query < queries; query++) {
      for (int part = 0; part < PARTS; part++) {
        int sum = sum(query, part, 0);
        code.vector(Op.BROADCAST, sum, 0, Address.of(RDI, queryBytes * query + 4 * part));
        code.vector(Op.XOR, sum + 1, sum + 1, sum + 1);
      }
    }
    int eachRound = code.here();
    for (int step = 0; step < STEPS; step++) {
      code.vector(Op.LOAD, VALUE + step, 0, Address.of(R10, VECTOR_BYTES * step));
      code.prefetch(Address.of(R10, values + VECTOR_BYTES * step));
      code.prefetch(Address.of(RDX, VECTOR_BYTES * step));
      for (int query = 0; query < queries; query++) {
        for (int part = 0; part < PARTS; part++) {
          Address bytes = Address.of(R11, queryBytes * query + 4 * STEPS * part + 4 * step);
          code.broadcasting(Op.DOT_BYTES, sum(query, part, step % SUMS), VALUE + step, bytes);
        }
      }
    }
    code.add(R10, VECTOR_BYTES * STEPS);
    code.add(RDX, VECTOR_BYTES * STEPS);
    code.add(R11, 4 * STEPS * PARTS);
    code.decrementAndLoop(RAX, eachRound);
    code.vector(Op.LOAD, VALUE, 0, Address.of(R10, 0)); // the keys' scales
    if (queries > 3) {
      TileCode.fourth(code, R10, R8, R9);
    }
    for (int query = 0; query < queries; query++) {
      int upper = sum(query, 0, 0);
      int lower = sum(query, 1, 0);
      code.vector(Op.ADD_INTS, upper, upper, upper + 1);
      code.vector(Op.ADD_INTS, lower, lower, lower + 1);
      code.shiftLeft(upper, upper, 8);
      code.vector(Op.ADD_INTS, upper, upper, lower);
      code.vector(Op.INT_TO_FLOAT, upper, 0, upper);
      code.vector(Op.MULTIPLY, upper, upper, VALUE);
      code.vector(Op.BROADCAST, SHARE, 0, Address.of(RDI, queryBytes * query + RowBytes.SCALE));
      code.vector(Op.MULTIPLY, upper, upper, SHARE);
      code.vector(Op.STORE, upper, 0, TileCode.row(R8, R10, R9, query, 0));
    }
    code.add(R8, VECTOR_BYTES);
    code.add(RSI, 8);
    code.decrementAndLoop(RCX, eachBlock);
    code.leave();
    return code.bytes();
  }

  private static int sum(int query, int part, int which) {
    return (query * PARTS + part) * SUMS + which;
  }

  /**
   * {@code (shares, addresses, offset of values in a block, blocks, y, bytes between rows of
   * shares)}.
   *
   * @param vectors of 16 dimensions, up to {@link #vectors}
   * @param padded dimensions of a value and of a row of y
   */
  static byte[] mix(int queries, int vectors, int padded) {
    Assembler code = new Assembler();
    if (queries > 3) {
      TileCode.fourth(code, R11, RDI, R9);
    }
    for (int query = 0; query < queries; query++) {
      for (int part = 0; part < PARTS; part++) {
        for (int vector = 0; vector < vectors; vector++) {
          Address start = TileCode.row(RDI, R11, R9, query, 4 * part);
          code.vector(Op.BROADCAST, (query * PARTS + part) * vectors + vector, 0, start);
        }
      }
    }
    int eachBlock = code.here();
    code.load(R10, Address.of(RSI, 0));
    code.address(R10, new Address(R10, RDX, 1, 0));
    for (int step = 0; step < STEPS; step++) {
      for (int vector = 0; vector < vectors; vector++) {
        int at = 4 * padded * step + VECTOR_BYTES * vector;
        code.vector(Op.LOAD, VALUE + vector, 0, Address.of(R10, at));
      }
      for (int query = 0; query < queries; query++) {
        for (int part = 0; part < PARTS; part++) {
          int at = RowBytes.HEADER + 4 * STEPS * part + 4 * step;
          int share = SHARE + (query * PARTS + part) % 4;
          code.vector(Op.BROADCAST, share, 0, TileCode.row(RDI, R11, R9, query, at));
          for (int vector = 0; vector < vectors; vector++) {
            int sum = (query * PARTS + part) * vectors + vector;
            code.vector(Op.DOT_BYTES, sum, VALUE + vector, share);
          }
        }
      }
    }
    code.add(RDI, 4 * STEPS * PARTS);
    if (queries > 3) {
      code.add(R11, 4 * STEPS * PARTS);
    }
    code.add(RSI, 8);
    code.decrementAndLoop(RCX, eachBlock);
    code.eax(Float.floatToRawIntBits(256f));
    code.vector(Op.BROADCAST_EAX, SHARE, 0, 0);
    for (int query = 0; query < queries; query++) {
      for (int vector = 0; vector < vectors; vector++) {
        int upper = query * PARTS * vectors + vector;
        int lower = upper + vectors;
        code.vector(Op.INT_TO_FLOAT, upper, 0, upper);
        code.vector(Op.INT_TO_FLOAT, lower, 0, lower);
        code.vector(Op.MULTIPLY_ADD, upper, SHARE, lower);
        Address to = Address.of(R8, 4 * padded * query + VECTOR_BYTES * vector);
        code.vector(Op.STORE, upper, 0, to);
      }
    }
    code.leave();
    return code.bytes();
  }
}
