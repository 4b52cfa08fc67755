package dev.slipway.weights.gguf;

import dev.slipway.base.AtomicFiles;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Writes a GGUF file of version 3: metadata and tensors in the order in which they were put. */
public final class GgufWriter {
  private static final int ALIGNMENT = 32;

  /** Values at a time, a multiple of every block's. */
  private static final int SLICE = 1 << 22;

  /**
   * A tensor to write.
   *
   * @param shape sizes, outermost first; the last is a multiple of the type's block
   * @param parts that follow each other along the first dimension; each is asked for once, within a
   *     scope
   */
  public record Entry(String name, List<Long> shape, GgmlType type, List<Supplier<Tensor>> parts) {
    public Entry {
      shape = List.copyOf(shape);
      parts = List.copyOf(parts);
      if (!Quantization.covers(type) || shape.getLast() % type.blockValues() != 0) {
        throw new IllegalArgumentException(name + " " + shape + " can't be stored as " + type);
      }
    }

    long bytes() {
      long values = shape.stream().reduce(1L, Math::multiplyExact);
      return values / type.blockValues() * type.blockBytes();
    }
  }

  private final Map<String, byte[]> metadata = new LinkedHashMap<>();
  private final List<Entry> entries = new ArrayList<>();

  public GgufWriter put(String key, int value) {
    return put(key, 4, buffer(4).putInt(value).array());
  }

  public GgufWriter put(String key, float value) {
    return put(key, 6, buffer(4).putFloat(value).array());
  }

  public GgufWriter put(String key, boolean value) {
    return put(key, 7, new byte[] {(byte) (value ? 1 : 0)});
  }

  public GgufWriter put(String key, String value) {
    return put(key, 8, text(value));
  }

  public GgufWriter putTexts(String key, List<String> values) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(list(8, values.size()));
    values.forEach(value -> bytes.writeBytes(text(value)));
    return put(key, 9, bytes.toByteArray());
  }

  public GgufWriter putInts(String key, List<Integer> values) {
    ByteBuffer bytes = buffer(12 + 4 * values.size()).put(list(5, values.size()));
    values.forEach(bytes::putInt);
    return put(key, 9, bytes.array());
  }

  public GgufWriter putFloats(String key, float[] values) {
    ByteBuffer bytes = buffer(12 + 4 * values.length).put(list(6, values.length));
    for (float value : values) {
      bytes.putFloat(value);
    }
    return put(key, 9, bytes.array());
  }

  private static byte[] list(int type, long length) {
    return buffer(12).putInt(type).putLong(length).array();
  }

  private static byte[] text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    return buffer(8 + utf8.length).putLong(utf8.length).put(utf8).array();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private GgufWriter put(String key, int type, byte[] value) {
    metadata.put(key, buffer(4 + value.length).putInt(type).put(value).array());
    return this;
  }

  public GgufWriter add(Entry entry) {
    entries.add(entry);
    return this;
  }

  /** A file of the same metadata without tensors. */
  public GgufWriter metadataAlone() {
    GgufWriter alone = new GgufWriter();
    alone.metadata.putAll(metadata);
    return alone;
  }

  /** Number of tensors. */
  public int tensors() {
    return entries.size();
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @param written is told how many tensors are written, after each
   */
  public void write(Path file, IntConsumer written) {
    AtomicFiles.write(file, out -> writeTo(out, written));
  }

  private void writeTo(OutputStream out, IntConsumer written) throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    header.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
    header.writeBytes(
        buffer(20).putInt(3).putLong(entries.size()).putLong(metadata.size()).array());
    metadata.forEach(
        (key, value) -> {
          header.writeBytes(text(key));
          header.writeBytes(value);
        });
    long at = 0;
    for (Entry entry : entries) {
      header.writeBytes(text(entry.name));
      int dimensions = entry.shape.size();
      ByteBuffer place = buffer(4 + 8 * dimensions + 12).putInt(dimensions);
      entry.shape.reversed().forEach(place::putLong);
      header.writeBytes(place.putInt(entry.type.id()).putLong(at).array());
      at += padded(entry.bytes());
    }
    header.writeTo(out);
    pad(out, header.size());
    for (int i = 0; i < entries.size(); i++) {
      write(entries.get(i), out);
      pad(out, entries.get(i).bytes());
      written.accept(i + 1);
    }
  }

  private static long padded(long size) {
    return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static void pad(OutputStream out, long size) throws IOException {
    out.write(new byte[(int) (padded(size) - size)]);
  }

  private static void write(Entry entry, OutputStream out) throws IOException {
    for (Supplier<Tensor> part : entry.parts) {
      try (Scope _ = Scope.open()) {
        Tensor values = part.get().to(DType.FLOAT32).contiguous();
        MemorySegment memory = values.segment();
        long count = values.numel();
        for (long at = 0; at < count; at += SLICE) {
          float[] slice = new float[(int) Math.min(SLICE, count - at)];
          MemorySegment.copy(
              memory, ValueLayout.JAVA_FLOAT, at * Float.BYTES, slice, 0, slice.length);
          out.write(Quantization.toBlocks(entry.type, slice));
        }
      }
    }
  }
}
