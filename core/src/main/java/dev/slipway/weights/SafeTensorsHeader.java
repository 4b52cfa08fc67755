package dev.slipway.weights;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The header of a safetensors file: eight bytes with its length (little-endian), then a JSON object
 * from names to type, shape and place. Everything in it is doubted: the format's own rules (no
 * holes, no overlaps, sizes that fit the shapes) hold for each header that is returned.
 *
 * @param entries tensors in the order of their bytes
 * @param metadata {@code __metadata__}, by key
 * @param dataOffset where the tensors' bytes begin in the file
 */
record SafeTensorsHeader(
    Map<String, Entry> entries, Map<String, String> metadata, long dataOffset) {
  /** What the reference implementation allows too. */
  private static final long LONGEST = 100_000_000;

  private static final Map<String, Integer> BITS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("BOOL", 8),
              Map.entry("U8", 8),
              Map.entry("I8", 8),
              Map.entry("F8_E4M3", 8),
              Map.entry("F8_E5M2", 8),
              Map.entry("F8_E8M0", 8),
              Map.entry("U16", 16),
              Map.entry("I16", 16),
              Map.entry("F16", 16),
              Map.entry("BF16", 16),
              Map.entry("U32", 32),
              Map.entry("I32", 32),
              Map.entry("F32", 32),
              Map.entry("U64", 64),
              Map.entry("I64", 64),
              Map.entry("F64", 64)));

  /**
   * One tensor's place.
   *
   * @param dtype as the format spells it, such as {@code BF16}
   * @param shape sizes, outermost first
   * @param begin first byte, counted from the end of the header
   * @param end byte after the last
   */
  record Entry(String dtype, List<Long> shape, long begin, long end) {}

  /**
   * @param file the whole file
   * @param name what it is called in an error
   */
  static SafeTensorsHeader parse(MemorySegment file, String name) {
    refuseOtherFormats(file, name);
    if (file.byteSize() < 8) {
      throw problem(
          "weights.truncated",
          name + " has " + file.byteSize() + " bytes, expected at least the 8 of the header length",
          "copy or download it again");
    }
    long length = file.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0);
    if (length < 2 || length > LONGEST) {
      throw problem(
          "weights.bad-header",
          name
              + " says its header has "
              + Long.toUnsignedString(length)
              + " bytes, expected 2 to "
              + LONGEST,
          "check that it is a safetensors file");
    }
    if (length > file.byteSize() - 8) {
      throw problem(
          "weights.truncated",
          name
              + " has "
              + file.byteSize()
              + " bytes and says that its header alone has "
              + length
              + ", so its end is missing",
          "copy or download it again");
    }
    JsonNode root = json(file.asSlice(8, length), name);
    if (!root.isObject()) {
      throw badHeader(name, "is not a JSON object");
    }
    Map<String, String> metadata = new TreeMap<>();
    List<Map.Entry<String, Entry>> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> property : root.properties()) {
      if (property.getKey().equals("__metadata__")) {
        metadata.putAll(metadata(property.getValue(), name));
      } else {
        entries.add(Map.entry(property.getKey(), entry(property, name)));
      }
    }
    long dataOffset = 8 + length;
    return new SafeTensorsHeader(
        inOrder(entries, file.byteSize() - dataOffset, name),
        Collections.unmodifiableMap(metadata),
        dataOffset);
  }

  private static void refuseOtherFormats(MemorySegment file, String name) {
    byte[] head = file.asSlice(0, Math.min(64, file.byteSize())).toArray(ValueLayout.JAVA_BYTE);
    String start = new String(head, StandardCharsets.ISO_8859_1);
    String came = "";
    if (start.startsWith("PK\003\004")) {
      came = "a zip archive, as torch.save writes it with a pickle inside";
    } else if (start.length() > 1
        && start.charAt(0) == 0x80
        && start.charAt(1) <= 5
        && !start.startsWith("{", 8)) { // a header of 640 bytes has a length that begins alike
      came = "a Python pickle";
    } else if (start.startsWith("GGUF")) {
      came = "a GGUF file";
    } else if (start.startsWith("version https://git-lfs")) {
      throw problem(
          "weights.not-safetensors",
          name + " is a Git LFS pointer, expected the safetensors file that it stands for",
          "fetch it with git lfs pull");
    } else if (start.toLowerCase(Locale.ROOT).startsWith("<!doctype")
        || start.toLowerCase(Locale.ROOT).startsWith("<html")) {
      came = "a web page";
    }
    if (!came.isEmpty()) {
      throw problem(
          "weights.not-safetensors",
          name + " is " + came + ", expected safetensors; a pickle can run code, so none is read",
          "convert it to safetensors first");
    }
  }

  private static JsonNode json(MemorySegment bytes, String name) {
    String text;
    try {
      text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toArray(ValueLayout.JAVA_BYTE)))
              .toString();
    } catch (CharacterCodingException e) {
      throw badHeader(name, "is not UTF-8");
    }
    if (!text.startsWith("{")) {
      throw badHeader(name, "does not begin with {");
    }
    try {
      return Json.parse(text, "the header of " + name);
    } catch (SlipwayException e) {
      String why = String.valueOf(e.getMessage());
      boolean twice = why.toLowerCase(Locale.ROOT).contains("duplicate");
      throw new SlipwayException(
          Exit.INPUT,
          twice ? "weights.duplicate-name" : "weights.bad-header",
          why.replaceFirst("; [^;]*$", ""),
          twice ? "write the file again with each name once" : "copy or download it again",
          e);
    }
  }

  private static Map<String, String> metadata(JsonNode node, String name) {
    if (!node.isObject()) {
      throw badHeader(name, "has a __metadata__ that is not an object");
    }
    Map<String, String> metadata = new TreeMap<>();
    for (Map.Entry<String, JsonNode> property : node.properties()) {
      if (!property.getValue().isString()) {
        throw badHeader(name, "has metadata " + property.getKey() + " that is not a text");
      }
      metadata.put(property.getKey(), property.getValue().stringValue());
    }
    return metadata;
  }

  private static Entry entry(Map.Entry<String, JsonNode> property, String name) {
    String tensor = shortened(property.getKey());
    JsonNode node = property.getValue();
    JsonNode dtype = node.path("dtype");
    JsonNode sizes = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    if (!dtype.isString()
        || !sizes.isArray()
        || !offsets.isArray()
        || offsets.size() != 2
        || node.size() != 3) {
      throw badHeader(
          name, "describes " + tensor + " with other keys than dtype, shape and two data_offsets");
    }
    Integer bits = BITS.get(dtype.stringValue());
    if (bits == null) {
      throw badHeader(
          name,
          "gives "
              + tensor
              + " the type "
              + shortened(dtype.stringValue())
              + ", which is none of "
              + String.join(", ", BITS.keySet()));
    }
    List<Long> shape = new ArrayList<>();
    for (JsonNode size : sizes) {
      shape.add(count(size, tensor, name));
    }
    long begin = count(offsets.get(0), tensor, name);
    long end = count(offsets.get(1), tensor, name);
    long expected;
    try {
      expected = shape.stream().reduce(1L, Math::multiplyExact);
      expected = Math.multiplyExact(expected, (long) bits / 8);
    } catch (ArithmeticException e) {
      throw badHeader(name, "gives " + tensor + " the shape " + shape + ", too large to count");
    }
    if (end < begin || end - begin != expected) {
      throw problem(
          "weights.wrong-size",
          name
              + " gives "
              + tensor
              + " "
              + dtype.stringValue()
              + shape
              + " the bytes "
              + begin
              + " to "
              + end
              + ", expected "
              + expected
              + " bytes",
          "copy or download it again");
    }
    return new Entry(dtype.stringValue(), List.copyOf(shape), begin, end);
  }

  private static long count(JsonNode node, String tensor, String name) {
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
      throw badHeader(
          name, "gives " + tensor + " a size or offset that is not a whole number from 0 up");
    }
    return node.longValue();
  }

  private static Map<String, Entry> inOrder(
      List<Map.Entry<String, Entry>> entries, long dataLength, String name) {
    entries.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    Map<String, Entry> ordered = new LinkedHashMap<>();
    long at = 0;
    String before = "the header";
    for (Map.Entry<String, Entry> named : entries) {
      Entry entry = named.getValue();
      if (entry.begin() != at) {
        throw problem(
            entry.begin() < at ? "weights.overlap" : "weights.wrong-size",
            name
                + " puts "
                + shortened(named.getKey())
                + " at byte "
                + entry.begin()
                + " where "
                + shortened(before)
                + " ends at "
                + at,
            "write the file again: its tensors must follow each other without overlap or hole");
      }
      at = entry.end();
      before = named.getKey();
      ordered.put(named.getKey(), entry);
    }
    if (at != dataLength) {
      throw problem(
          at > dataLength ? "weights.truncated" : "weights.wrong-size",
          name + " has " + dataLength + " bytes of tensors, expected " + at + " by its header",
          "copy or download it again");
    }
    return Collections.unmodifiableMap(ordered);
  }

  private static String shortened(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= 100 ? plain : plain.substring(0, 100) + "…";
  }

  private static SlipwayException badHeader(String name, String what) {
    return problem(
        "weights.bad-header",
        "the header of " + name + " " + what,
        "copy or download it again, or check that it is a safetensors file");
  }

  private static SlipwayException problem(String code, String sentence, String fix) {
    return new SlipwayException(Exit.INPUT, code, sentence, fix);
  }
}
