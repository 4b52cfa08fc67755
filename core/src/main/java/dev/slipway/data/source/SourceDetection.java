package dev.slipway.data.source;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Tells by content what a path is. */
final class SourceDetection {
  private static final int HEAD = 8192;
  private static final int FIRST_LINE = 1 << 20;
  private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] ZIP = {'P', 'K', 3, 4};
  private static final byte[] EMPTY_ZIP = {'P', 'K', 5, 6};
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
  private static final byte[] XZ = {(byte) 0xfd, '7', 'z', 'X', 'Z'};

  private SourceDetection() {}

  static Source detect(Path path) {
    if (Files.isDirectory(path)) {
      return new Source.Folder(path, List.of(), Source.HIDDEN);
    }
    SourceProblems.checkFile(path);
    byte[] head;
    BoundedLines.@Nullable Line line;
    try (InputStream in = new FileInputStream(path.toFile())) {
      head = in.readNBytes(HEAD);
    } catch (IOException e) {
      throw SourceProblems.failed(path, e);
    }
    if (startsWith(head, ZIP) || startsWith(head, EMPTY_ZIP)) {
      return new Source.Zip(path, List.of(), List.of());
    }
    if (startsWith(head, PARQUET)) {
      return new Source.Parquet(path, "text", null);
    }
    if (startsWith(head, GZIP) || startsWith(head, ZSTD) || startsWith(head, XZ)) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.source-compressed",
          path + " is compressed",
          "unpack it first, or pack it as a zip");
    }
    for (byte b : head) {
      if (b == 0) {
        throw new SlipwayException(
            Exit.INPUT,
            "data.source-not-text",
            path + " is binary, neither zip nor Parquet nor text",
            "give a folder, zip, jsonl, text or Parquet file");
      }
    }
    try (InputStream in = new FileInputStream(path.toFile())) {
      BoundedLines lines = new BoundedLines(in, FIRST_LINE);
      do {
        line = lines.next();
      } while (line != null && line.isBlank());
    } catch (IOException e) {
      throw SourceProblems.failed(path, e);
    }
    String field = line == null ? null : textField(line.content());
    return field == null
        ? new Source.Text(path, TextUnit.BLANK_LINES)
        : new Source.Jsonl(path, field, null);
  }

  private static boolean startsWith(byte[] head, byte[] magic) {
    return head.length >= magic.length
        && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
  }

  /**
   * The field of the text if the line is a JSON object: {@code text}, else the only string, else
   * {@code text} again, which reading then misses and says so.
   */
  private static @Nullable String textField(byte[] line) {
    JsonNode node;
    try {
      node = Json.MAPPER.readTree(line);
    } catch (JacksonException e) {
      return null; // not JSON, therefore text
    }
    if (!node.isObject()) {
      return null;
    }
    List<String> strings =
        node.properties().stream()
            .filter(p -> p.getValue().isString())
            .map(Map.Entry::getKey)
            .toList();
    return strings.size() == 1 ? strings.getFirst() : "text";
  }
}
