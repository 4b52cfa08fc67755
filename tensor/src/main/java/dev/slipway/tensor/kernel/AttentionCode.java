package dev.slipway.tensor.kernel;

import static dev.slipway.tensor.kernel.Assembler.R10;
import static dev.slipway.tensor.kernel.Assembler.R11;
import static dev.slipway.tensor.kernel.Assembler.R8;
import static dev.slipway.tensor.kernel.Assembler.R9;
import static dev.slipway.tensor.kernel.Assembler.RAX;
import static dev.slipway.tensor.kernel.Assembler.RCX;
import static dev.slipway.tensor.kernel.Assembler.RDI;
import static dev.slipway.tensor.kernel.Assembler.RDX;
import static dev.slipway.tensor.kernel.Assembler.RSI;

import dev.slipway.tensor.kernel.Assembler.Address;
import dev.slipway.tensor.kernel.Assembler.Op;

/**
 * Machine code for one query over the blocks of {@link PagedAttention}. A step takes 4 bytes of the
 * query, or of the shares, and a vector of 16 positions, or of 16 dimensions.
 */
final class AttentionCode {
  /** Sums that a score is made of: of the steps whose number has the same remainder. */
  static final int SUMS = 4;

  /** Most vectors of dimensions that are mixed at once. */
  static final int VECTORS = 8;

  private static final int VECTOR_BYTES = 64;
  private static final int VALUE = 16;

  private AttentionCode() {}

  /**
   * {@code (query, addresses, rounds of 4 steps, blocks, scores, 0)}.
   *
   * @param multiply FMA or DOT_BFLOAT16
   */
  static byte[] scores(Op multiply) {
    Assembler code = new Assembler();
    int eachBlock = code.here();
    code.load(R10, Address.of(RSI, 0));
    code.address(R11, Address.of(RDI, 0));
    code.address(RAX, Address.of(RDX, 0));
    for (int sum = 0; sum < SUMS; sum++) {
      code.vector(Op.XOR, sum, sum, sum);
    }
    int eachRound = code.here();
    for (int sum = 0; sum < SUMS; sum++) {
      code.vector(Op.LOAD, VALUE + sum, 0, Address.of(R10, VECTOR_BYTES * sum));
      code.broadcasting(multiply, sum, VALUE + sum, Address.of(R11, 4 * sum));
    }
    code.add(R10, VECTOR_BYTES * SUMS);
    code.add(R11, 4 * SUMS);
    code.decrementAndLoop(RAX, eachRound);
    code.vector(Op.ADD, 0, 0, 1);
    code.vector(Op.ADD, 2, 2, 3);
    code.vector(Op.ADD, 0, 0, 2);
    code.vector(Op.STORE, 0, 0, Address.of(R8, 0));
    code.add(R8, VECTOR_BYTES);
    code.add(RSI, 8);
    code.decrementAndLoop(RCX, eachBlock);
    code.leave();
    return code.bytes();
  }

  /**
   * {@code (shares, addresses, offset of values in a block, blocks, y, bytes of a step's values)}.
   *
   * @param multiply FMA or DOT_BFLOAT16
   * @param steps of a block
   * @param vectors of 16 dimensions, up to {@link #VECTORS}
   */
  static byte[] mix(Op multiply, int steps, int vectors) {
    Assembler code = new Assembler();
    for (int sum = 0; sum < vectors; sum++) {
      code.vector(Op.XOR, sum, sum, sum);
    }
    int eachBlock = code.here();
    code.load(R10, Address.of(RSI, 0));
    code.address(R10, new Address(R10, RDX, 1, 0));
    for (int step = 0; step < steps; step++) {
      code.vector(Op.BROADCAST, VALUE, 0, Address.of(RDI, 4 * step));
      for (int sum = 0; sum < vectors; sum++) {
        code.vector(multiply, sum, VALUE, Address.of(R10, VECTOR_BYTES * sum));
      }
      code.address(R10, new Address(R10, R9, 1, 0));
    }
    code.add(RDI, 4 * steps);
    code.add(RSI, 8);
    code.decrementAndLoop(RCX, eachBlock);
    for (int sum = 0; sum < vectors; sum++) {
      code.vector(Op.STORE, sum, 0, Address.of(R8, VECTOR_BYTES * sum));
    }
    code.leave();
    return code.bytes();
  }
}
