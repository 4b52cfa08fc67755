package dev.slipway.data.picture;

/** One component of a JPEG picture: how it is sampled and coded, and its samples. */
final class JpegComponent {
  final int id;
  final int h;
  final int v;
  final int table;

  /** True size in samples, and blocks of the padded planes. */
  int width;

  int height;
  int blocksWide;
  int blocksHigh;

  /** Rows of {@code blocksWide · 8} samples, 8 rows a block. */
  byte[] plane = {};

  /** 64 a block, quantised, in natural order; only of a progressive picture. */
  short[] coefficients = {};

  int[] quantiser = {};

  /** Blocks whose samples are wanted: [left, right) and [top, bottom). */
  int left;

  int right;
  int top;
  int bottom;

  int dcTable;
  int acTable;
  int prediction;

  JpegComponent(int id, int h, int v, int table) {
    this.id = id;
    this.h = h;
    this.v = v;
    this.table = table;
  }

  int stride() {
    return blocksWide * 8;
  }
}
