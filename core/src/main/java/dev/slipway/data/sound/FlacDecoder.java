package dev.slipway.data.sound;

import java.util.Arrays;

/** Decodes FLAC (RFC 9639) and checks the sums of every frame. */
final class FlacDecoder {
  private static final int SYNC = 0x3FFE;
  private static final int LEFT_SIDE = 8;
  private static final int SIDE_RIGHT = 9;
  private static final int MID_SIDE = 10;

  private final byte[] file;
  private final int start;
  private final int rate;
  private final int channels;
  private final int depth;
  private final long total;
  private final FlacBits bits;

  /** Where {@code fLaC} stands, behind an ID3 tag if there is one; -1 if nowhere. */
  static int start(byte[] file) {
    int at = 0;
    if (Sounds.starts(file, 0, "ID3") && file.length > 10) {
      at = 10 + ((file[6] & 127) << 21 | (file[7] & 127) << 14 | (file[8] & 127) << 7 | file[9]);
    }
    return at >= 0 && Sounds.starts(file, at, "fLaC") ? at : -1;
  }

  FlacDecoder(byte[] file, int start) throws BrokenSound {
    this.file = file;
    this.start = start;
    FlacBits header = new FlacBits(file, start + 4);
    if (header.unsigned(8) << 57 != 0 || header.unsigned(24) < 34) {
      throw new BrokenSound("its stream information is damaged");
    }
    header.unsigned(16);
    header.unsigned(16);
    header.unsigned(24);
    header.unsigned(24);
    rate = (int) header.unsigned(20);
    channels = (int) header.unsigned(3) + 1;
    depth = (int) header.unsigned(5) + 1;
    total = header.unsigned(4) << 32 | header.unsigned(32);
    if (rate == 0 || depth < 4) {
      throw new BrokenSound("its stream information is damaged");
    }
    if (total > Sounds.MOST_SAMPLES) {
      throw new BrokenSound("it has " + total + " samples, more than " + Sounds.MOST_SAMPLES);
    }
    bits = new FlacBits(file, frames());
  }

  /** Where the frames begin, behind all metadata. */
  private int frames() throws BrokenSound {
    long at = start + 4L;
    boolean last = false;
    while (!last) {
      if (at + 4 > file.length) {
        throw new BrokenSound("it ends too early");
      }
      int i = (int) at;
      last = file[i] < 0;
      at += 4 + ((file[i + 1] & 0xFF) << 16 | (file[i + 2] & 0xFF) << 8 | (file[i + 3] & 0xFF));
    }
    return (int) Math.min(at, file.length);
  }

  Waveform decode() throws BrokenSound {
    // A header may tell any number: only what frames hold is allocated.
    float[] samples = new float[(int) Math.min(total == 0 ? 1 << 16 : total, 1 << 22)];
    int filled = 0;
    while (!bits.atEnd() && (total == 0 || filled < total)) {
      long[][] block = frame();
      int size = block[0].length;
      if ((long) filled + size > Sounds.MOST_SAMPLES) {
        throw new BrokenSound("it has more than " + Sounds.MOST_SAMPLES + " samples");
      }
      if (filled + size > samples.length) {
        samples = Arrays.copyOf(samples, Math.max(filled + size, 2 * samples.length));
      }
      double scale = 1.0 / ((double) (1L << (depth - 1)) * channels);
      for (int i = 0; i < size; i++) {
        long sum = 0;
        for (long[] channel : block) {
          sum += channel[i];
        }
        samples[filled + i] = (float) (sum * scale);
      }
      filled += size;
    }
    if (total > 0 && filled != total) {
      throw new BrokenSound("it has " + filled + " of " + total + " samples");
    }
    return new Waveform(Arrays.copyOf(samples, filled), rate);
  }

  private long[][] frame() throws BrokenSound {
    int from = bits.position();
    if (bits.unsigned(14) != SYNC || bits.unsigned(1) != 0) {
      throw new BrokenSound("a frame is damaged");
    }
    bits.unsigned(1);
    int sizeCode = (int) bits.unsigned(4);
    int rateCode = (int) bits.unsigned(4);
    int assignment = (int) bits.unsigned(4);
    int depthCode = (int) bits.unsigned(3);
    bits.unsigned(1);
    skipNumber();
    int size = blockSize(sizeCode);
    if (rateCode == 12) {
      bits.unsigned(8);
    } else if (rateCode == 13 || rateCode == 14) {
      bits.unsigned(16);
    }
    int headerEnd = bits.position();
    if (bits.unsigned(8) != bits.crc8(from, headerEnd)) {
      throw new BrokenSound("a frame's header is damaged");
    }
    int count = assignment < 8 ? assignment + 1 : 2;
    int own = depthOf(depthCode);
    if (assignment > MID_SIDE || count != channels || own != depth) {
      throw new BrokenSound("a frame is of another kind than the stream");
    }
    long[][] block = new long[count][size];
    for (int c = 0; c < count; c++) {
      boolean side =
          c == 1 && (assignment == LEFT_SIDE || assignment == MID_SIDE)
              || c == 0 && assignment == SIDE_RIGHT;
      subframe(block[c], depth + (side ? 1 : 0));
    }
    bits.align();
    int end = bits.position();
    if (bits.unsigned(16) != bits.crc16(from, end)) {
      throw new BrokenSound("a frame is damaged");
    }
    if (assignment >= LEFT_SIDE) {
      undoStereo(block[0], block[1], assignment);
    }
    return block;
  }

  private void skipNumber() throws BrokenSound {
    int first = (int) bits.unsigned(8);
    int ones = Integer.numberOfLeadingZeros(~(first << 24));
    for (int i = 1; i < ones; i++) {
      bits.unsigned(8);
    }
  }

  private int blockSize(int code) throws BrokenSound {
    return switch (code) {
      case 0 -> throw new BrokenSound("a frame's header is damaged");
      case 1 -> 192;
      case 2, 3, 4, 5 -> 576 << (code - 2);
      case 6 -> (int) bits.unsigned(8) + 1;
      case 7 -> (int) bits.unsigned(16) + 1;
      default -> 256 << (code - 8);
    };
  }

  private int depthOf(int code) throws BrokenSound {
    return switch (code) {
      case 0 -> depth;
      case 1 -> 8;
      case 2 -> 12;
      case 4 -> 16;
      case 5 -> 20;
      case 6 -> 24;
      case 7 -> 32;
      default -> throw new BrokenSound("a frame's header is damaged");
    };
  }

  private static void undoStereo(long[] first, long[] second, int assignment) {
    for (int i = 0; i < first.length; i++) {
      switch (assignment) {
        case LEFT_SIDE -> second[i] = first[i] - second[i];
        case SIDE_RIGHT -> first[i] += second[i];
        default -> {
          long mid = first[i] << 1 | (second[i] & 1);
          long side = second[i];
          first[i] = (mid + side) >> 1;
          second[i] = (mid - side) >> 1;
        }
      }
    }
  }

  private void subframe(long[] out, int depth) throws BrokenSound {
    if (bits.unsigned(1) != 0) {
      throw new BrokenSound("a frame is damaged");
    }
    int type = (int) bits.unsigned(6);
    int wasted = bits.unsigned(1) == 0 ? 0 : bits.unary() + 1;
    int width = depth - wasted;
    if (width < 1) {
      throw new BrokenSound("a frame is damaged");
    }
    if (type == 0) {
      Arrays.fill(out, bits.signed(width));
    } else if (type == 1) {
      for (int i = 0; i < out.length; i++) {
        out[i] = bits.signed(width);
      }
    } else if (type >= 8 && type <= 12) {
      fixed(out, type - 8, width);
    } else if (type >= 32) {
      linear(out, type - 31, width);
    } else {
      throw new BrokenSound("a frame is of an unknown kind");
    }
    if (wasted > 0) {
      for (int i = 0; i < out.length; i++) {
        out[i] <<= wasted;
      }
    }
  }

  private void warmUp(long[] out, int order, int width) throws BrokenSound {
    if (order > out.length) {
      throw new BrokenSound("a frame is damaged");
    }
    for (int i = 0; i < order; i++) {
      out[i] = bits.signed(width);
    }
  }

  private void fixed(long[] out, int order, int width) throws BrokenSound {
    warmUp(out, order, width);
    residual(out, order);
    for (int i = order; i < out.length; i++) {
      out[i] +=
          switch (order) {
            case 0 -> 0;
            case 1 -> out[i - 1];
            case 2 -> 2 * out[i - 1] - out[i - 2];
            case 3 -> 3 * out[i - 1] - 3 * out[i - 2] + out[i - 3];
            default -> 4 * out[i - 1] - 6 * out[i - 2] + 4 * out[i - 3] - out[i - 4];
          };
    }
  }

  private void linear(long[] out, int order, int width) throws BrokenSound {
    warmUp(out, order, width);
    int precision = (int) bits.unsigned(4) + 1;
    long shift = bits.signed(5);
    if (precision == 16 || shift < 0) {
      throw new BrokenSound("a frame is damaged");
    }
    long[] coefficients = new long[order];
    for (int i = 0; i < order; i++) {
      coefficients[i] = bits.signed(precision);
    }
    residual(out, order);
    for (int i = order; i < out.length; i++) {
      long sum = 0;
      for (int j = 0; j < order; j++) {
        sum += coefficients[j] * out[i - 1 - j];
      }
      out[i] += sum >> shift;
    }
  }

  /** Rice-coded differences from {@code order} on (RFC 9639, 9.2.7). */
  private void residual(long[] out, int order) throws BrokenSound {
    int method = (int) bits.unsigned(2);
    if (method > 1) {
      throw new BrokenSound("a frame is damaged");
    }
    int parameterBits = 4 + method;
    int partitions = 1 << (int) bits.unsigned(4);
    int each = out.length / partitions;
    if (each * partitions != out.length || each < order) {
      throw new BrokenSound("a frame is damaged");
    }
    int at = order;
    for (int p = 0; p < partitions; p++) {
      int parameter = (int) bits.unsigned(parameterBits);
      int end = (p + 1) * each;
      if (parameter == (1 << parameterBits) - 1) {
        int width = (int) bits.unsigned(5);
        for (; at < end; at++) {
          out[at] = bits.signed(width);
        }
        continue;
      }
      for (; at < end; at++) {
        long folded = (long) bits.unary() << parameter | bits.unsigned(parameter);
        out[at] = folded >>> 1 ^ -(folded & 1);
      }
    }
  }
}
