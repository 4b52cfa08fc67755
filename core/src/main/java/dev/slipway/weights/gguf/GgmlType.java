package dev.slipway.weights.gguf;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How ggml stores values: in blocks of so many values and bytes (ggml-common.h). */
public enum GgmlType {
  F32(0, 1, 4),
  F16(1, 1, 2),
  Q4_0(2, 32, 18),
  Q4_1(3, 32, 20),
  Q5_0(6, 32, 22),
  Q5_1(7, 32, 24),
  Q8_0(8, 32, 34),
  Q4_K(12, 256, 144),
  Q5_K(13, 256, 176),
  Q6_K(14, 256, 210),
  BF16(30, 1, 2);

  private final int id;
  private final int values;
  private final int bytes;

  GgmlType(int id, int values, int bytes) {
    this.id = id;
    this.values = values;
    this.bytes = bytes;
  }

  /** The number that stands in a file. */
  public int id() {
    return id;
  }

  /** Values of a block. */
  public int blockValues() {
    return values;
  }

  /** Bytes of a block. */
  public int blockBytes() {
    return bytes;
  }

  static @Nullable GgmlType of(int id) {
    for (GgmlType type : GgmlType.values()) {
      if (type.id == id) {
        return type;
      }
    }
    return null;
  }

  static String known() {
    return Arrays.stream(GgmlType.values()).map(Enum::name).collect(Collectors.joining(", "));
  }
}
