package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.DType;
import org.jspecify.annotations.Nullable;

/** How {@link PackedLinear} keeps weights, and what they are multiplied by. */
public enum WeightFormat {
  /** float32 by float32. */
  FLOAT32(4),
  /** bfloat16 by bfloat16. */
  BFLOAT16(2),
  /** Bytes with a scale for each output, by bytes with a scale for each {@link Operand#GROUP}. */
  INT8(1),
  /** Half bytes with a scale for each output and group, by bytes as in {@link #INT8}. */
  INT4(1);

  private final int operandBytes;

  WeightFormat(int operandBytes) {
    this.operandBytes = operandBytes;
  }

  boolean isInteger() {
    return operandBytes == 1;
  }

  /** Bytes of a value before two share one. */
  int operandBytes() {
    return operandBytes;
  }

  /** The type whose values are kept as they are; null where none are. */
  @Nullable DType dtype() {
    return switch (this) {
      case FLOAT32 -> DType.FLOAT32;
      case BFLOAT16 -> DType.BFLOAT16;
      case INT8, INT4 -> null;
    };
  }

  /** What is added to weights so that none is below 0. */
  int zero() {
    return this == INT4 ? 8 : 128;
  }
}
