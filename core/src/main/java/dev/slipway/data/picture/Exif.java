package dev.slipway.data.picture;

import dev.slipway.data.example.Value;

/** The orientation that a camera notes in a picture (Exif 2.32, tag 274). */
final class Exif {
  private static final int ORIENTATION = 0x0112;

  private Exif() {}

  /** 1 … 8 out of a TIFF header and its first directory; 1 where it isn't told. */
  static int orientation(byte[] bytes, int from, int to) {
    if (to - from < 14) {
      return 1;
    }
    boolean little = bytes[from] == 'I';
    if (number(bytes, from + 2, 2, little) != 42) {
      return 1;
    }
    long directory = from + (number(bytes, from + 4, 4, little) & 0xFFFFFFFFL);
    if (directory + 2 > to) {
      return 1;
    }
    int entries = number(bytes, (int) directory, 2, little);
    for (int i = 0; i < entries; i++) {
      long at = directory + 2 + 12L * i;
      if (at + 12 > to) {
        return 1;
      }
      if (number(bytes, (int) at, 2, little) == ORIENTATION) {
        int value = number(bytes, (int) at + 8, 2, little);
        return value >= 1 && value <= 8 ? value : 1;
      }
    }
    return 1;
  }

  private static int number(byte[] bytes, int at, int length, boolean little) {
    int value = 0;
    for (int i = 0; i < length; i++) {
      value = value << 8 | (bytes[at + (little ? length - 1 - i : i)] & 0xFF);
    }
    return value;
  }

  /** The picture as it is to be seen, as Pillow's {@code exif_transpose}. */
  static Value.Pixels upright(Value.Pixels from, int orientation) {
    if (orientation == 1) {
      return from;
    }
    boolean swapped = orientation >= 5;
    int height = swapped ? from.width() : from.height();
    int width = swapped ? from.height() : from.width();
    int channels = from.channels();
    byte[] out = new byte[from.bytes().length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int row = swapped ? x : y;
        int column = swapped ? y : x;
        boolean flippedRow =
            orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        boolean flippedColumn =
            orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        int sourceRow = flippedRow ? from.height() - 1 - row : row;
        int sourceColumn = flippedColumn ? from.width() - 1 - column : column;
        int source = (sourceRow * from.width() + sourceColumn) * channels;
        System.arraycopy(from.bytes(), source, out, (y * width + x) * channels, channels);
      }
    }
    return new Value.Pixels(height, width, channels, out);
  }
}
