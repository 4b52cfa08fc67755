package dev.slipway.data.picture;

import dev.slipway.data.example.Value;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decodes a PNG file (W3C PNG, third edition): all colour types, depths and interlacing. Of 16 bits
 * the upper 8 are taken, transparency is left out, and colours are taken as they are stored.
 */
final class PngDecoder {
  private static final int[][] WHOLE = {{0, 0, 1, 1}};

  /** Adam7: first column, first row, column step, row step. */
  private static final int[][] PASSES = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private final byte[] file;
  private int position = 8;
  private final int width;
  private final int height;
  private final int depth;
  private final int colour;
  private final boolean interlaced;
  private byte[] palette = {};
  private int orientation = 1;

  PngDecoder(byte[] file, long mostPixels) throws BrokenPicture {
    this.file = file;
    if (file.length < 33 || !isChunk(12, "IHDR")) {
      throw new BrokenPicture("it ends too early");
    }
    width = i32(16);
    height = i32(20);
    depth = file[24];
    colour = file[25];
    interlaced = file[28] == 1;
    if (width < 1 || height < 1) {
      throw new BrokenPicture("its size is " + width + "×" + height);
    }
    PictureProblems.checkSize(width, height, mostPixels);
    boolean known =
        switch (colour) {
          case 0 -> Integer.bitCount(depth) == 1 && depth >= 1 && depth <= 16;
          case 3 -> Integer.bitCount(depth) == 1 && depth >= 1 && depth <= 8;
          case 2, 4, 6 -> depth == 8 || depth == 16;
          default -> false;
        };
    if (!known || file[26] != 0 || file[27] != 0 || file[28] < 0 || file[28] > 1) {
      throw new BrokenPicture("its header is damaged");
    }
  }

  private boolean isChunk(int at, String name) {
    for (int i = 0; i < 4; i++) {
      if (file[at + i] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private int i32(int at) {
    return (file[at] & 0xFF) << 24
        | (file[at + 1] & 0xFF) << 16
        | (file[at + 2] & 0xFF) << 8
        | (file[at + 3] & 0xFF);
  }

  private int samples() {
    return switch (colour) {
      case 2 -> 3;
      case 4 -> 2;
      case 6 -> 4;
      default -> 1;
    };
  }

  private int lineBytes(int columns) {
    return (int) (((long) columns * samples() * depth + 7) / 8);
  }

  /** The whole picture; 1 channel where it is grey, else 3. */
  Value.Pixels decode() throws BrokenPicture {
    int[][] passes = interlaced ? PASSES : WHOLE;
    long size = 0;
    for (int[] pass : passes) {
      int columns = (width - pass[0] + pass[2] - 1) / pass[2];
      int rows = (height - pass[1] + pass[3] - 1) / pass[3];
      if (columns > 0) {
        size += (long) rows * (1 + lineBytes(columns));
      }
    }
    if (size > Integer.MAX_VALUE - 16) {
      throw new BrokenPicture("its pixels take " + size + " bytes");
    }
    byte[] raw = inflate((int) size);
    boolean grey = colour == 0 || colour == 4;
    int channels = grey ? 1 : 3;
    byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(width, height), channels)];
    int at = 0;
    for (int[] pass : passes) {
      int columns = (width - pass[0] + pass[2] - 1) / pass[2];
      if (columns <= 0) {
        continue;
      }
      int bytes = lineBytes(columns);
      int before = -1;
      for (int y = pass[1]; y < height; y += pass[3]) {
        unfilter(raw, at, bytes, before);
        before = at + 1;
        at += 1 + bytes;
        line(raw, before, columns, out, (y * width + pass[0]) * channels, pass[2] * channels);
      }
    }
    return Exif.upright(new Value.Pixels(height, width, channels, out), orientation);
  }

  private byte[] inflate(int size) throws BrokenPicture {
    byte[] raw = new byte[size];
    int filled = 0;
    Inflater inflater = new Inflater();
    try {
      while (filled < size) {
        if (position + 12 > file.length) {
          throw new BrokenPicture("it ends too early");
        }
        int length = i32(position);
        int from = position + 8;
        if (length < 0 || length > file.length - from - 4) {
          throw new BrokenPicture("it ends too early");
        }
        if (isChunk(position + 4, "PLTE")) {
          palette = new byte[768];
          System.arraycopy(file, from, palette, 0, Math.min(length, 768));
        } else if (isChunk(position + 4, "eXIf")) {
          orientation = Exif.orientation(file, from, from + length);
        } else if (isChunk(position + 4, "IEND")) {
          throw new BrokenPicture("its pixels end too early");
        } else if (isChunk(position + 4, "IDAT")) {
          inflater.setInput(file, from, length);
          while (filled < size && !inflater.needsInput()) {
            int more = inflater.inflate(raw, filled, size - filled);
            if (more == 0 && (inflater.finished() || inflater.needsDictionary())) {
              throw new BrokenPicture("its pixels end too early");
            }
            filled += more;
          }
        }
        position = from + length + 4;
      }
    } catch (DataFormatException e) {
      throw new BrokenPicture("its compressed data are damaged");
    } finally {
      inflater.end();
    }
    if (colour == 3 && palette.length == 0) {
      throw new BrokenPicture("it has no palette");
    }
    return raw;
  }

  /**
   * @param at the filter's type, before a line
   * @param before the line above it; -1 for none
   */
  private void unfilter(byte[] raw, int at, int bytes, int before) throws BrokenPicture {
    int step = Math.max(1, samples() * depth / 8);
    int from = at + 1;
    switch (raw[at]) {
      case 0 -> {}
      case 1 -> {
        for (int i = step; i < bytes; i++) {
          raw[from + i] += raw[from + i - step];
        }
      }
      case 2 -> {
        if (before >= 0) {
          for (int i = 0; i < bytes; i++) {
            raw[from + i] += raw[before + i];
          }
        }
      }
      case 3 -> {
        for (int i = 0; i < bytes; i++) {
          int left = i < step ? 0 : raw[from + i - step] & 0xFF;
          int up = before < 0 ? 0 : raw[before + i] & 0xFF;
          raw[from + i] += (byte) ((left + up) / 2);
        }
      }
      case 4 -> {
        for (int i = 0; i < bytes; i++) {
          int left = i < step ? 0 : raw[from + i - step] & 0xFF;
          int up = before < 0 ? 0 : raw[before + i] & 0xFF;
          int corner = before < 0 || i < step ? 0 : raw[before + i - step] & 0xFF;
          raw[from + i] += (byte) paeth(left, up, corner);
        }
      }
      default -> throw new BrokenPicture("its compressed data are damaged");
    }
  }

  private static int paeth(int left, int up, int corner) {
    int toLeft = Math.abs(up - corner);
    int toUp = Math.abs(left - corner);
    int toCorner = Math.abs(left + up - 2 * corner);
    if (toLeft <= toUp && toLeft <= toCorner) {
      return left;
    }
    return toUp <= toCorner ? up : corner;
  }

  private void line(byte[] raw, int from, int columns, byte[] out, int first, int step) {
    int bytes = depth == 16 ? 2 : 1;
    int pixel = samples() * bytes;
    for (int x = 0, at = first; x < columns; x++, at += step) {
      if (colour == 2 || colour == 6) {
        int source = from + x * pixel;
        out[at] = raw[source];
        out[at + 1] = raw[source + bytes];
        out[at + 2] = raw[source + 2 * bytes];
      } else if (depth >= 8 && colour != 3) {
        out[at] = raw[from + x * pixel];
      } else {
        int bit = x * depth;
        int value = (raw[from + bit / 8] & 0xFF) >> (8 - depth - bit % 8) & ((1 << depth) - 1);
        if (colour == 3) {
          System.arraycopy(palette, 3 * value, out, at, 3);
        } else {
          out[at] = (byte) (value * 255 / ((1 << depth) - 1));
        }
      }
    }
  }
}
