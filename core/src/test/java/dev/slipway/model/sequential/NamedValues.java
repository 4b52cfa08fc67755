package dev.slipway.model.sequential;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Numbers that follow from a name, as the scripts in reference/ make them: no file holds them. */
final class NamedValues {
  private NamedValues() {}

  /** Values in [-1, 1): the CRC-32 of the name and the index, mixed as in MurmurHash3's finish. */
  static double[] uniform(String name, int count) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      long h = (i * 0x9E3779B1L + crc.getValue()) & 0xFFFFFFFFL;
      h ^= h >>> 16;
      h = h * 0x85EBCA6BL & 0xFFFFFFFFL;
      h ^= h >>> 13;
      h = h * 0xC2B2AE35L & 0xFFFFFFFFL;
      h ^= h >>> 16;
      values[i] = h / 0x1p31 - 1;
    }
    return values;
  }

  static float[] floats(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }
}
