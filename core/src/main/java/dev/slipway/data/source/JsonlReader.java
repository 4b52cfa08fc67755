package dev.slipway.data.source;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** JSON objects, one a line; lines are cut in order and parsed where they are read. */
final class JsonlReader implements RecordReader {
  private final Source.Jsonl source;
  private final ReadLimits limits;
  private final InputStream in;
  private final BoundedLines lines;
  private final long size;

  private JsonlReader(Source.Jsonl source, ReadLimits limits, InputStream in, long size) {
    this.source = source;
    this.limits = limits;
    this.in = in;
    this.lines = new BoundedLines(in, limits.recordBytes());
    this.size = size;
  }

  static JsonlReader open(Source.Jsonl source, ReadLimits limits) {
    long size = SourceProblems.checkFile(source.path());
    try {
      return new JsonlReader(source, limits, new FileInputStream(source.path().toFile()), size);
    } catch (IOException e) {
      throw SourceProblems.failed(source.path(), e);
    }
  }

  @Override
  public @Nullable PendingRecord next() {
    try {
      for (BoundedLines.Line line = lines.next(); line != null; line = lines.next()) {
        if (!line.isBlank()) {
          return new PendingLine(source, limits, line);
        }
      }
      return null;
    } catch (IOException e) {
      throw SourceProblems.failed(source.path(), e);
    }
  }

  @Override
  public long expectedBytes() {
    return size;
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw SourceProblems.failed(source.path(), e);
    }
  }

  private record PendingLine(Source.Jsonl source, ReadLimits limits, BoundedLines.Line line)
      implements PendingRecord {
    @Override
    public long weight() {
      return line.content().length * 3L;
    }

    @Override
    public SourceRecord read() {
      String name = "line-" + line.number();
      if (line.tooLong()) {
        return SourceRecord.dropped(
            name,
            line.bytes(),
            DropReason.TOO_LARGE,
            "more than " + limits.recordBytes() + " bytes");
      }
      if (Utf8.decode(line.content()) == null) {
        return SourceRecord.dropped(
            name, line.bytes(), DropReason.NOT_UTF8, Utf8.firstInvalid(line.content()));
      }
      JsonNode object = parse();
      JsonNode text = object.get(source.text());
      if (text == null || !text.isString()) {
        throw noText(object, text);
      }
      if (source.id() != null) {
        JsonNode id = object.get(source.id());
        if (id == null || !id.isValueNode() || id.isNull()) {
          throw malformed("has no value in the field '" + source.id() + "' that names it", null);
        }
        name = id.asString();
      }
      String string = text.stringValue();
      byte[] content = string.getBytes(StandardCharsets.UTF_8);
      if (!Utf8.isEncodable(string)) {
        return SourceRecord.dropped(
            name, content.length, DropReason.NOT_UTF8, "half a surrogate pair");
      }
      return SourceRecord.of(name, content);
    }

    private JsonNode parse() {
      JsonNode node;
      try {
        node = Json.MAPPER.readTree(line.content());
      } catch (JacksonException e) {
        throw malformed("is not JSON: " + Json.why(e), e);
      }
      if (!node.isObject()) {
        throw malformed("is not a JSON object", null);
      }
      return node;
    }

    private SlipwayException noText(JsonNode object, @Nullable JsonNode found) {
      List<String> strings = new ArrayList<>();
      object.properties().stream()
          .filter(p -> p.getValue().isString())
          .forEach(p -> strings.add(p.getKey()));
      return new SlipwayException(
          Exit.INPUT,
          "data.jsonl-no-text",
          "line %d of %s %s; its texts are in %s"
              .formatted(
                  line.number(),
                  source.path(),
                  found == null
                      ? "has no field '" + source.text() + "'"
                      : "has no text in the field '" + source.text() + "'",
                  strings),
          "name the field in data.source.text");
    }

    private SlipwayException malformed(String what, @Nullable Exception cause) {
      Path path = source.path();
      return new SlipwayException(
          Exit.INPUT,
          "data.jsonl-malformed",
          "line " + line.number() + " of " + path + " " + what,
          "mend or delete this line",
          cause);
    }
  }
}
