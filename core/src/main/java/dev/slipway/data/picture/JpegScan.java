package dev.slipway.data.picture;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the entropy-coded data of scans: bits, coefficients, and blocks from them (T.81, F and G).
 */
final class JpegScan {
  private static final int[] ZIGZAG = JpegTransform.ZIGZAG;

  private final JpegTransform transform = new JpegTransform();
  private final int[] block = new int[64];
  final @Nullable JpegHuffman[] dc = new @Nullable JpegHuffman[4];
  final @Nullable JpegHuffman[] ac = new @Nullable JpegHuffman[4];

  /** A segment between markers without its stuffed zeros, 32 bits each, and zeros behind it. */
  private int[] words = {};

  /** Bytes of the segment. */
  private int end;

  /** Of the next word. */
  private int position;

  /** The next bits from the left, and how many of them count. */
  private long buffer;

  private int count;
  private int endOfBands;

  /**
   * Takes the data from {@code from} up to the next marker.
   *
   * @return where that marker is, or the end
   */
  int segment(byte[] file, int from) {
    int to = from;
    int most = (file.length - from) / 4 + 4;
    if (words.length < most) {
      words = new int[most];
    }
    int length = 0;
    int word = 0;
    while (to < file.length) {
      byte value = file[to];
      if (value == (byte) 0xFF) {
        int next = to + 1 < file.length ? file[to + 1] & 0xFF : 0xD9;
        if (next != 0) {
          if (next == 0xFF) {
            to++;
            continue;
          }
          break;
        }
        to++;
      }
      word = word << 8 | (value & 0xFF);
      length++;
      if ((length & 3) == 0) {
        words[(length >> 2) - 1] = word;
      }
      to++;
    }
    int last = length >> 2;
    // Shifted by 32 bits a word would stay as it is.
    words[last] = (length & 3) == 0 ? 0 : word << (32 - 8 * (length & 3));
    Arrays.fill(words, last + 1, last + 4, 0);
    end = length;
    position = 0;
    buffer = 0;
    count = 0;
    endOfBands = 0;
    return to;
  }

  /** Refuses a segment out of which more was read than it has. */
  void checkEnd() throws BrokenPicture {
    if ((long) position * 32 - count > (long) end * 8) {
      throw truncated();
    }
  }

  static BrokenPicture truncated() {
    return new BrokenPicture("it ends too early");
  }

  private void refill() throws BrokenPicture {
    if (position > end / 4 + 2) {
      throw truncated();
    }
    buffer |= (words[position++] & 0xFFFFFFFFL) << (32 - count);
    count += 32;
  }

  private int bits(int n) throws BrokenPicture {
    if (n == 0) {
      return 0;
    }
    if (count < n) {
      refill();
    }
    int value = (int) (buffer >>> (64 - n));
    buffer <<= n;
    count -= n;
    return value;
  }

  private int symbol(JpegHuffman table) throws BrokenPicture {
    if (count < 16) {
      refill();
    }
    int code = table.codes[(int) (buffer >>> (64 - JpegHuffman.LOOK))];
    if (code == 0) {
      code = table.longCode((int) (buffer >>> 48));
    }
    buffer <<= code >> 8;
    count -= code >> 8;
    return code & 0xFF;
  }

  private int difference(JpegHuffman table) throws BrokenPicture {
    int size = symbol(table);
    if (size > 16) {
      throw new BrokenPicture("its data are damaged");
    }
    return size == 0 ? 0 : JpegHuffman.extend(bits(size), size);
  }

  private static JpegHuffman table(@Nullable JpegHuffman[] tables, int index) throws BrokenPicture {
    JpegHuffman table = tables[index];
    if (table == null) {
      throw new BrokenPicture("it lacks a Huffman table");
    }
    return table;
  }

  /** A block of a sequential picture, transformed into its plane where that is wanted. */
  void sequential(JpegComponent component, int x, int y) throws BrokenPicture {
    int[] quantiser = component.quantiser;
    int[] out = block;
    component.prediction += difference(table(dc, component.dcTable));
    int first = component.prediction * quantiser[0];
    int k = coefficients(table(ac, component.acTable), quantiser, out);
    if (x >= component.left && x < component.right && y >= component.top && y < component.bottom) {
      int at = y * 8 * component.stride() + x * 8;
      if (k == 0) {
        JpegTransform.flat(first, component.plane, at, component.stride());
      } else {
        out[0] = first;
        if (k <= JpegTransform.LOW) {
          transform.inverseLow(out, component.plane, at, component.stride());
        } else {
          transform.inverse(out, component.plane, at, component.stride());
        }
      }
    }
    if (k > 0) {
      Arrays.fill(out, 0);
    }
  }

  /** The AC coefficients of a block, dequantised; the place of the last one. */
  private int coefficients(JpegHuffman table, int[] quantiser, int[] out) throws BrokenPicture {
    int[] lookup = table.coefficients;
    int[] words = this.words;
    int limit = end / 4 + 2;
    long buffer = this.buffer;
    int count = this.count;
    int position = this.position;
    int last = 0;
    int k = 1;
    while (k < 64) {
      if (count < 32) {
        if (position > limit) {
          throw truncated();
        }
        buffer |= (words[position++] & 0xFFFFFFFFL) << (32 - count);
        count += 32;
      }
      int entry = lookup[(int) (buffer >>> (64 - JpegHuffman.LOOK))];
      int run;
      int value;
      if (entry != 0) {
        buffer <<= entry & 0xFF;
        count -= entry & 0xFF;
        run = entry >> 8 & 0xFF;
        value = entry >> 16;
      } else {
        int code = table.codes[(int) (buffer >>> (64 - JpegHuffman.LOOK))];
        if (code == 0) {
          code = table.longCode((int) (buffer >>> 48));
        }
        buffer <<= code >> 8;
        count -= code >> 8;
        int size = code & 15;
        run = code >> 4 & 15;
        if (size == 0) {
          if (run < 15) {
            break;
          }
          k += 16;
          continue;
        }
        value = JpegHuffman.extend((int) (buffer >>> (64 - size)), size);
        buffer <<= size;
        count -= size;
      }
      k += run;
      if (k > 63) {
        if (run == JpegHuffman.END) {
          break;
        }
        throw new BrokenPicture("its data are damaged");
      }
      out[ZIGZAG[k]] = value * quantiser[k];
      last = k++;
    }
    this.buffer = buffer;
    this.count = count;
    this.position = position;
    return last;
  }

  /** The coefficient DC of a block in a progressive picture's scan. */
  void progressiveDc(JpegComponent component, int at, int high, int low) throws BrokenPicture {
    if (high == 0) {
      component.prediction += difference(table(dc, component.dcTable));
      component.coefficients[at] = (short) (component.prediction << low);
    } else if (bits(1) == 1) {
      component.coefficients[at] |= (short) (1 << low);
    }
  }

  /** Coefficients {@code from … to} of a block in their first scan. */
  void progressiveFirst(JpegComponent component, int at, int from, int to, int low)
      throws BrokenPicture {
    if (endOfBands > 0) {
      endOfBands--;
      return;
    }
    JpegHuffman table = table(ac, component.acTable);
    short[] out = component.coefficients;
    int k = from;
    while (k <= to) {
      int symbol = symbol(table);
      int run = symbol >> 4;
      int size = symbol & 15;
      if (size == 0) {
        if (run < 15) {
          endOfBands = (1 << run) - 1 + bits(run);
          return;
        }
        k += 16;
        continue;
      }
      k += run;
      if (k > to) {
        throw new BrokenPicture("its data are damaged");
      }
      out[at + ZIGZAG[k]] = (short) (JpegHuffman.extend(bits(size), size) << low);
      k++;
    }
  }

  /** One more bit of coefficients {@code from … to} of a block (T.81, G.1.2.3). */
  void progressiveMore(JpegComponent component, int at, int from, int to, int low)
      throws BrokenPicture {
    JpegHuffman table = table(ac, component.acTable);
    short[] out = component.coefficients;
    int bit = 1 << low;
    int k = from;
    if (endOfBands == 0) {
      while (k <= to) {
        int symbol = symbol(table);
        int run = symbol >> 4;
        int value = 0;
        if ((symbol & 15) != 0) {
          value = bits(1) == 1 ? bit : -bit;
        } else if (run < 15) {
          endOfBands = (1 << run) + bits(run);
          break;
        }
        while (k <= to) {
          int place = at + ZIGZAG[k++];
          if (out[place] != 0) {
            correct(out, place, bit);
          } else if (run-- == 0) {
            out[place] = (short) value;
            break;
          }
        }
      }
    }
    if (endOfBands > 0) {
      while (k <= to) {
        int place = at + ZIGZAG[k++];
        if (out[place] != 0) {
          correct(out, place, bit);
        }
      }
      endOfBands--;
    }
  }

  private void correct(short[] out, int place, int bit) throws BrokenPicture {
    if (bits(1) == 1 && (out[place] & bit) == 0) {
      out[place] = (short) (out[place] + (out[place] > 0 ? bit : -bit));
    }
  }

  /** All wanted blocks of a progressive component into its plane. */
  void transform(JpegComponent component) {
    int[] natural = new int[64];
    for (int k = 0; k < 64; k++) {
      natural[ZIGZAG[k]] = component.quantiser[k];
    }
    for (int y = component.top; y < component.bottom; y++) {
      for (int x = component.left; x < component.right; x++) {
        int from = (y * component.blocksWide + x) * 64;
        for (int i = 0; i < 64; i++) {
          block[i] = component.coefficients[from + i] * natural[i];
        }
        transform.inverse(
            block, component.plane, y * 8 * component.stride() + x * 8, component.stride());
      }
    }
    Arrays.fill(block, 0);
  }
}
