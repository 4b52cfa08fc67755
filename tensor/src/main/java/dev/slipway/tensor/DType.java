package dev.slipway.tensor;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types, with libtorch's names and their size in memory. */
public enum DType {
  FLOAT32(ScalarType.Float, 4),
  BFLOAT16(ScalarType.BFloat16, 2),
  FLOAT16(ScalarType.Half, 2),
  FLOAT64(ScalarType.Double, 8),
  INT64(ScalarType.Long, 8),
  INT32(ScalarType.Int, 4),
  INT8(ScalarType.Char, 1),
  UINT8(ScalarType.Byte, 1),
  BOOL(ScalarType.Bool, 1);

  final ScalarType scalarType;
  private final int bytes;

  DType(ScalarType scalarType, int bytes) {
    this.scalarType = scalarType;
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  static DType of(ScalarType type) {
    ScalarType wanted = type.intern();
    for (DType dtype : values()) {
      if (dtype.scalarType == wanted) {
        return dtype;
      }
    }
    throw new IllegalStateException(
        "libtorch gave a tensor of type " + wanted + ", which Slipway does not use");
  }
}
