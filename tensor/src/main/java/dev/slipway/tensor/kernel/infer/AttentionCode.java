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
 * Machine code for queries over the same blocks of {@link PagedAttention}, each with sums of its
 * own. A step takes 4 bytes of the queries, or of the shares, and a vector of 16 positions, or of
 * 16 dimensions.
 */
final class AttentionCode {
  /** Most queries at once. */
  static final int QUERIES = 6;

  /** Sums that a score is made of: of the steps whose number has the same remainder. */
  static final int SUMS = 4;

  /** Most vectors of dimensions that are mixed at once. */
  static final int VECTORS = 4;

  private static final int VECTOR_BYTES = 64;
  private static final int VALUE = 24;
  private static final int SHARE = 28;

  private AttentionCode() {}

  /**
   * {@code (queries, addresses and one more, 0, blocks, scores, bytes between rows of scores)}.
   * Meanwhile the block's values are fetched, which are needed next, and the keys of the block
   * after it: blocks lie anywhere, so that the processor does not see them come.
   *
   * @param multiply FMA or DOT_BFLOAT16
   * @param rounds of 4 steps
   * @param values where the block's values are, as seen from its keys
   */
  static byte[] scores(Op multiply, int queries, int rounds, int values) {
    Assembler code = new Assembler();
    int queryBytes = 4 * SUMS * rounds;
    int eachBlock = code.here();
    code.load(R10, Address.of(RSI, 0));
    code.load(RDX, Address.of(RSI, 8));
    code.address(R11, Address.of(RDI, 0));
    code.eax(rounds);
    for (int sum = 0; sum < SUMS * queries; sum++) {
      code.vector(Op.XOR, sum, sum, sum);
    }
    int eachRound = code.here();
    for (int sum = 0; sum < SUMS; sum++) {
      code.vector(Op.LOAD, VALUE + sum, 0, Address.of(R10, VECTOR_BYTES * sum));
      code.prefetch(Address.of(R10, values + VECTOR_BYTES * sum));
      code.prefetch(Address.of(RDX, VECTOR_BYTES * sum));
      for (int query = 0; query < queries; query++) {
        Address value = Address.of(R11, 4 * sum + queryBytes * query);
        code.broadcasting(multiply, SUMS * query + sum, VALUE + sum, value);
      }
    }
    code.add(R10, VECTOR_BYTES * SUMS);
    code.add(RDX, VECTOR_BYTES * SUMS);
    code.add(R11, 4 * SUMS);
    code.decrementAndLoop(RAX, eachRound);
    if (queries > 3) {
      TileCode.fourth(code, R10, R8, R9);
    }
    for (int query = 0; query < queries; query++) {
      int sum = SUMS * query;
      code.vector(Op.ADD, sum, sum, sum + 1);
      code.vector(Op.ADD, sum + 2, sum + 2, sum + 3);
      code.vector(Op.ADD, sum, sum, sum + 2);
      code.vector(Op.STORE, sum, 0, TileCode.row(R8, R10, R9, query, 0));
    }
    code.add(R8, VECTOR_BYTES);
    code.add(RSI, 8);
    code.decrementAndLoop(RCX, eachBlock);
    code.leave();
    return code.bytes();
  }

  /**
   * {@code (shares, addresses, offset of values in a block, blocks, y, bytes between rows of
   * shares)}.
   *
   * @param multiply FMA or DOT_BFLOAT16
   * @param steps of a block
   * @param vectors of 16 dimensions, up to {@link #VECTORS}
   * @param padded dimensions of a value and of a row of y
   */
  static byte[] mix(Op multiply, int queries, int steps, int vectors, int padded) {
    Assembler code = new Assembler();
    if (queries > 3) {
      TileCode.fourth(code, R11, RDI, R9);
    }
    for (int sum = 0; sum < vectors * queries; sum++) {
      code.vector(Op.XOR, sum, sum, sum);
    }
    int eachBlock = code.here();
    code.load(R10, Address.of(RSI, 0));
    code.address(R10, new Address(R10, RDX, 1, 0));
    for (int step = 0; step < steps; step++) {
      for (int vector = 0; vector < vectors; vector++) {
        int at = 4 * padded * step + VECTOR_BYTES * vector;
        code.vector(Op.LOAD, VALUE + vector, 0, Address.of(R10, at));
      }
      for (int query = 0; query < queries; query++) {
        int share = SHARE + query % 4;
        code.vector(Op.BROADCAST, share, 0, TileCode.row(RDI, R11, R9, query, 4 * step));
        for (int vector = 0; vector < vectors; vector++) {
          code.vector(multiply, vectors * query + vector, VALUE + vector, share);
        }
      }
    }
    code.add(RDI, 4 * steps);
    if (queries > 3) {
      code.add(R11, 4 * steps);
    }
    code.add(RSI, 8);
    code.decrementAndLoop(RCX, eachBlock);
    for (int query = 0; query < queries; query++) {
      for (int vector = 0; vector < vectors; vector++) {
        Address to = Address.of(R8, 4 * padded * query + VECTOR_BYTES * vector);
        code.vector(Op.STORE, vectors * query + vector, 0, to);
      }
    }
    code.leave();
    return code.bytes();
  }
}
