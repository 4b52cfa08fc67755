package dev.slipway.data.sound;

/** The bits of a FLAC stream, and the sums over its frames. */
final class FlacBits {
  private final byte[] file;
  private int position;
  private long buffer;
  private int count;

  FlacBits(byte[] file, int position) {
    this.file = file;
    this.position = position;
  }

  /** The next whole byte, which must be at hand. */
  int position() {
    return position - count / 8;
  }

  boolean atEnd() {
    return position() >= file.length;
  }

  /**
   * @param n 0 to 33
   */
  long unsigned(int n) throws BrokenSound {
    while (count < n) {
      if (position >= file.length) {
        throw new BrokenSound("it ends too early");
      }
      buffer = buffer << 8 | (file[position++] & 0xFF);
      count += 8;
    }
    count -= n;
    return buffer >>> count & ((1L << n) - 1);
  }

  long signed(int n) throws BrokenSound {
    if (n == 0) {
      return 0;
    }
    long value = unsigned(n);
    return value << (64 - n) >> (64 - n);
  }

  /** Zeros before the next one. */
  int unary() throws BrokenSound {
    int zeros = 0;
    while (true) {
      long rest = count == 0 ? 0 : buffer & ((1L << count) - 1);
      if (rest != 0) {
        int skipped = Long.numberOfLeadingZeros(rest) - (64 - count);
        count -= skipped + 1;
        return zeros + skipped;
      }
      zeros += count;
      count = 0;
      if (position >= file.length) {
        throw new BrokenSound("it ends too early");
      }
      buffer = file[position++] & 0xFF;
      count = 8;
    }
  }

  /** Goes on with the next whole byte. */
  void align() {
    count -= count % 8;
  }

  /** CRC-8 with x^8 + x^2 + x + 1 (RFC 9639, 9.1.8). */
  int crc8(int from, int to) {
    int crc = 0;
    for (int i = from; i < to; i++) {
      crc ^= file[i] & 0xFF;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x80) == 0 ? crc << 1 : crc << 1 ^ 0x107;
      }
    }
    return crc & 0xFF;
  }

  private static final int[] CRC16 = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int crc = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : crc << 1 ^ 0x18005;
      }
      CRC16[i] = crc & 0xFFFF;
    }
  }

  /** CRC-16 with x^16 + x^15 + x^2 + 1 (RFC 9639, 9.3). */
  int crc16(int from, int to) {
    int crc = 0;
    for (int i = from; i < to; i++) {
      crc = (crc << 8 & 0xFFFF) ^ CRC16[crc >> 8 ^ (file[i] & 0xFF)];
    }
    return crc;
  }
}
