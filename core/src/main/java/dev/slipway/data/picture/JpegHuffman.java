package dev.slipway.data.picture;

/** One Huffman table of a JPEG file (ITU-T T.81, annex C), with tables to look codes up in. */
final class JpegHuffman {
  /** Bits that are looked up at once. */
  static final int LOOK = 10;

  /** A run that ends a block. */
  static final int END = 64;

  /** By the next {@link #LOOK} bits: length of the code · 256 + symbol; 0 where it is longer. */
  final short[] codes = new short[1 << LOOK];

  /**
   * By the next {@link #LOOK} bits, where they hold a whole AC coefficient: value · 65536 + run ·
   * 256 + all its bits; a run of {@link #END} ends the block; 0 where they don't.
   */
  final int[] coefficients = new int[1 << LOOK];

  private final byte[] symbols;
  private final int[] last = new int[17];
  private final int[] offset = new int[17];

  /**
   * @param counts of the codes of 1 … 16 bits
   * @param symbols by code
   */
  JpegHuffman(int[] counts, byte[] symbols) throws BrokenPicture {
    this.symbols = symbols;
    int code = 0;
    int index = 0;
    for (int length = 1; length <= 16; length++) {
      offset[length] = index - code;
      for (int i = 0; i < counts[length - 1]; i++) {
        if (length <= LOOK) {
          enter(code, length, symbols[index] & 0xFF);
        }
        code++;
        index++;
      }
      if (code > 1 << length) {
        throw new BrokenPicture("a Huffman table is over-full");
      }
      last[length] = code - 1;
      code <<= 1;
    }
  }

  private void enter(int code, int length, int symbol) {
    int rest = LOOK - length;
    int first = code << rest;
    int size = symbol & 15;
    int run = symbol >> 4;
    for (int i = 0; i < 1 << rest && first + i < codes.length; i++) {
      codes[first + i] = (short) (length << 8 | symbol);
      if (symbol == 0) {
        coefficients[first + i] = END << 8 | length;
      } else if (size > 0 && size <= rest) {
        int value = extend(i >> (rest - size), size);
        coefficients[first + i] = value << 16 | run << 8 | (length + size);
      }
    }
  }

  /** The value that {@code size} bits stand for (T.81, F.2.2.1). */
  static int extend(int bits, int size) {
    return bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
  }

  /**
   * A code that is longer than {@link #LOOK}: length · 256 + symbol.
   *
   * @param next the next 16 bits
   */
  int longCode(int next) throws BrokenPicture {
    for (int length = LOOK + 1; length <= 16; length++) {
      int code = next >> (16 - length);
      if (code <= last[length] && code + offset[length] < symbols.length) {
        return length << 8 | (symbols[code + offset[length]] & 0xFF);
      }
    }
    throw new BrokenPicture("its data have a code that its Huffman table lacks");
  }
}
