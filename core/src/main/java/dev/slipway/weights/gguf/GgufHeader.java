package dev.slipway.weights.gguf;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The beginning of a GGUF file of version 2 or 3, little-endian: metadata, then the table of
 * tensors. Everything in it is doubted; problems are {@code weights.not-gguf}, {@code
 * weights.truncated}, {@code weights.bad-header}, {@code weights.duplicate-name}, {@code
 * weights.overlap}, {@code weights.wrong-size} and {@code weights.unsupported-type}.
 *
 * @param entries tensors in the order of the table
 * @param metadata values by key
 */
record GgufHeader(Map<String, Entry> entries, JsonNode metadata) {
  private static final int MOST_ELEMENTS = 16_000_000;
  private static final int MOST_DEPTH = 4;
  private static final int LONGEST_NAME = 1 << 16;

  /**
   * One tensor's place.
   *
   * @param shape sizes, outermost first (the file has them innermost first)
   * @param begin first byte, counted from the file's beginning
   * @param bytes how many
   */
  record Entry(GgmlType type, List<Long> shape, long begin, long bytes) {}

  static GgufHeader parse(MemorySegment file, String name) {
    return new Reader(file, name).read();
  }

  private static final class Reader {
    private static final ValueLayout.OfShort SHORT =
        ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
        ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
        ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
        ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
        ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment file;
    private final String name;
    private long at;
    private int elements;

    Reader(MemorySegment file, String name) {
      this.file = file;
      this.name = name;
    }

    GgufHeader read() {
      if (file.byteSize() < 4
          || file.get(ValueLayout.JAVA_BYTE, 0) != 'G'
          || file.get(ValueLayout.JAVA_BYTE, 1) != 'G'
          || file.get(ValueLayout.JAVA_BYTE, 2) != 'U'
          || file.get(ValueLayout.JAVA_BYTE, 3) != 'F') {
        throw problem(
            "weights.not-gguf",
            name + " does not begin with GGUF, expected a GGUF file",
            "check that it is the right file, or download it again");
      }
      at = 4;
      int version = i32();
      if (version != 2 && version != 3) {
        throw problem(
            "weights.not-gguf",
            name + " is GGUF of version " + version + ", expected 2 or 3, little-endian",
            "convert it anew with a current converter");
      }
      long tensors = count("tensors", 24);
      long keys = count("keys", 12);
      ObjectNode metadata = Json.object();
      for (long i = 0; i < keys; i++) {
        String key = text(LONGEST_NAME);
        if (metadata.has(key)) {
          throw problem(
              "weights.duplicate-name",
              name + " has the key " + shortened(key) + " twice",
              "write the file again with each name once");
        }
        metadata.set(key, value(i32(), 0));
      }
      JsonNode alignment = metadata.path("general.alignment");
      long align = alignment.isMissingNode() ? 32 : alignment.asLong(0);
      if (align < 1 || align > 1 << 20 || Long.bitCount(align) != 1) {
        throw bad("has general.alignment " + align + ", expected a power of two");
      }
      return new GgufHeader(Collections.unmodifiableMap(table(tensors, align)), metadata);
    }

    private Map<String, Entry> table(long tensors, long align) {
      Map<String, Entry> relative = new LinkedHashMap<>();
      for (long i = 0; i < tensors; i++) {
        String tensor = text(LONGEST_NAME);
        Entry entry = entry(tensor, align);
        if (relative.put(tensor, entry) != null) {
          throw problem(
              "weights.duplicate-name",
              name + " has the tensor " + shortened(tensor) + " twice",
              "write the file again with each name once");
        }
      }
      long data = (at + align - 1) / align * align;
      Map<String, Entry> entries = new LinkedHashMap<>();
      relative.forEach(
          (tensor, entry) -> {
            if (entry.begin > file.byteSize() - data
                || entry.bytes > file.byteSize() - data - entry.begin) {
              throw problem(
                  "weights.truncated",
                  name
                      + " has "
                      + file.byteSize()
                      + " bytes, too few for "
                      + shortened(tensor)
                      + ", which begins at byte "
                      + Long.toUnsignedString(entry.begin)
                      + " of the data",
                  "copy or download it again");
            }
            entries.put(
                tensor, new Entry(entry.type, entry.shape, data + entry.begin, entry.bytes));
          });
      checkOverlap(entries);
      return entries;
    }

    private void checkOverlap(Map<String, Entry> entries) {
      List<Map.Entry<String, Entry>> ordered = new ArrayList<>(entries.entrySet());
      ordered.sort(
          Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin)
              .thenComparingLong(e -> e.getValue().bytes));
      for (int i = 1; i < ordered.size(); i++) {
        Entry before = ordered.get(i - 1).getValue();
        if (before.begin + before.bytes > ordered.get(i).getValue().begin) {
          throw problem(
              "weights.overlap",
              name
                  + " puts "
                  + shortened(ordered.get(i).getKey())
                  + " into the bytes of "
                  + shortened(ordered.get(i - 1).getKey()),
              "write the file again: its tensors must not overlap");
        }
      }
    }

    private Entry entry(String tensor, long align) {
      int dimensions = i32();
      if (dimensions < 0 || dimensions > 4) {
        throw bad("gives " + shortened(tensor) + " " + dimensions + " dimensions, expected 0 to 4");
      }
      List<Long> shape = new ArrayList<>();
      long numel = 1;
      for (int i = 0; i < dimensions; i++) {
        long size = i64();
        if (size < 0) {
          throw bad("gives " + shortened(tensor) + " a negative size");
        }
        shape.addFirst(size);
        try {
          numel = Math.multiplyExact(numel, size);
          Math.multiplyExact(numel, 4L);
        } catch (ArithmeticException e) {
          throw bad("gives " + shortened(tensor) + " the shape " + shape + ", too large to count");
        }
      }
      int id = i32();
      GgmlType type = GgmlType.of(id);
      if (type == null) {
        throw problem(
            "weights.unsupported-type",
            shortened(tensor)
                + " in "
                + name
                + " is of ggml's type "
                + id
                + ", expected one of "
                + GgmlType.known(),
            "take a file of one of these types");
      }
      long row = shape.isEmpty() ? 1 : shape.getLast();
      if (row % type.blockValues() != 0) {
        throw problem(
            "weights.wrong-size",
            shortened(tensor)
                + " in "
                + name
                + " has rows of "
                + row
                + " values, expected a multiple of "
                + type.blockValues()
                + " for "
                + type,
            "convert it anew with a current converter");
      }
      long begin = i64();
      if (begin < 0 || begin % align != 0) {
        throw bad(
            "puts "
                + shortened(tensor)
                + " at byte "
                + Long.toUnsignedString(begin)
                + ", expected a multiple of "
                + align);
      }
      return new Entry(
          type, List.copyOf(shape), begin, numel / type.blockValues() * type.blockBytes());
    }

    private JsonNode value(int type, int depth) {
      ObjectNode box = Json.object();
      switch (type) {
        case 0 -> box.put("v", take(1).get(ValueLayout.JAVA_BYTE, 0) & 0xff);
        case 1 -> box.put("v", (int) take(1).get(ValueLayout.JAVA_BYTE, 0));
        case 2 -> box.put("v", take(2).get(SHORT, 0) & 0xffff);
        case 3 -> box.put("v", (int) take(2).get(SHORT, 0));
        case 4 -> box.put("v", i32() & 0xffffffffL);
        case 5 -> box.put("v", i32());
        case 6 -> box.put("v", take(4).get(FLOAT, 0));
        case 7 -> box.put("v", take(1).get(ValueLayout.JAVA_BYTE, 0) != 0);
        case 8 -> box.put("v", text(Integer.MAX_VALUE - 16));
        case 9 -> box.set("v", list(depth + 1));
        case 10, 11 -> box.put("v", i64());
        case 12 -> box.put("v", take(8).get(DOUBLE, 0));
        default -> throw bad("has a value of type " + type + ", expected 0 to 12");
      }
      return box.path("v");
    }

    private ArrayNode list(int depth) {
      if (depth > MOST_DEPTH) {
        throw bad("has lists within lists deeper than " + MOST_DEPTH);
      }
      int type = i32();
      long length = count("elements of a list", type == 8 ? 8 : type == 9 ? 12 : 1);
      elements = (int) Math.min(Integer.MAX_VALUE, elements + length);
      if (elements > MOST_ELEMENTS) {
        throw bad("has lists of more than " + MOST_ELEMENTS + " elements");
      }
      ArrayNode list = Json.array();
      for (long i = 0; i < length; i++) {
        list.add(value(type, depth));
      }
      return list;
    }

    private String text(int longest) {
      long length = i64();
      if (length < 0 || length > longest) {
        throw bad("has a text of " + Long.toUnsignedString(length) + " bytes");
      }
      // Old converters cut texts within characters, so that what is no UTF-8 becomes U+FFFD.
      return new String(take(length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }

    private long count(String what, int least) {
      long count = i64();
      if (count < 0 || count > (file.byteSize() - at) / least) {
        throw bad("says that it has " + Long.toUnsignedString(count) + " " + what);
      }
      return count;
    }

    private int i32() {
      return take(4).get(INT, 0);
    }

    private long i64() {
      return take(8).get(LONG, 0);
    }

    private MemorySegment take(long bytes) {
      if (bytes > file.byteSize() - at) {
        throw problem(
            "weights.truncated",
            name + " has " + file.byteSize() + " bytes, and its header does not end within them",
            "copy or download it again");
      }
      MemorySegment taken = file.asSlice(at, bytes);
      at += bytes;
      return taken;
    }

    private SlipwayException bad(String what) {
      return problem(
          "weights.bad-header",
          "the header of " + name + " " + what,
          "copy or download it again, or check that it is a GGUF file");
    }
  }

  private static String shortened(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= 100 ? plain : plain.substring(0, 100) + "…";
  }

  private static SlipwayException problem(String code, String sentence, String fix) {
    return new SlipwayException(Exit.INPUT, code, sentence, fix);
  }
}
