package dev.slipway.eval.yardstick;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZ;
import org.tukaani.xz.XZOutputStream;

/** What xz makes of documents, written one after the other. */
final class XzYardstick {
  private static final int LARGEST_DICTIONARY = 256 << 20;

  private XzYardstick() {}

  /** Bytes of the whole .xz file. */
  static long compressedSize(List<byte[]> documents) {
    CountingStream out = new CountingStream();
    try (XZOutputStream xz = open(out, Yardsticks.size(documents))) {
      write(xz, documents);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.count;
  }

  /**
   * Bytes that the .xz file of {@code first} and {@code then} has after all of {@code first} is
   * flushed: compressed in one pass with the dictionary kept, what difference of two files would
   * give at twice the time, but for the few bytes of a flush and of the file's end.
   */
  static long compressedSizeAfter(List<byte[]> first, List<byte[]> then) {
    CountingStream out = new CountingStream();
    long before;
    try (XZOutputStream xz = open(out, Yardsticks.size(first) + Yardsticks.size(then))) {
      write(xz, first);
      xz.flush();
      before = out.count;
      write(xz, then);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.count - before;
  }

  /** The last documents that have at most so many bytes together, in their order. */
  static List<byte[]> tail(List<byte[]> documents, long mostBytes) {
    int from = documents.size();
    long bytes = 0;
    while (from > 0 && bytes + documents.get(from - 1).length <= mostBytes) {
      from--;
      bytes += documents.get(from).length;
    }
    return documents.subList(from, documents.size());
  }

  private static XZOutputStream open(OutputStream out, long size) throws IOException {
    LZMA2Options options = new LZMA2Options(LZMA2Options.PRESET_MAX);
    // What `xz -e` adds to preset 9.
    options.setNiceLen(LZMA2Options.NICE_LEN_MAX);
    options.setDepthLimit(512);
    options.setDictSize(Math.clamp(size, LZMA2Options.DICT_SIZE_MIN, LARGEST_DICTIONARY));
    return new XZOutputStream(out, options, XZ.CHECK_NONE);
  }

  private static void write(XZOutputStream xz, List<byte[]> documents) throws IOException {
    for (byte[] document : documents) {
      xz.write(document);
    }
  }

  private static final class CountingStream extends OutputStream {
    private long count;

    @Override
    public void write(int b) {
      count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      count += length;
    }
  }
}
