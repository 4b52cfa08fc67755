package dev.slipway.platform.audit;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How far an audit log goes, in a file beside it: shows an end that was cut off. It says less than
 * the log at most, since it is written once a line is on the disk.
 *
 * @param lines of the log
 * @param head the hash of the last of them
 */
record AuditAnchor(long lines, String head) {
  /** Where a log's anchor is. */
  static Path of(Path log) {
    return log.resolveSibling(log.getFileName() + ".anchor");
  }

  /** What was noted of a log; null where nothing was, or nothing that can be read. */
  static @Nullable AuditAnchor read(Path log) {
    Path file = of(log);
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      JsonNode noted = Json.read(file);
      return noted.path("lines").isIntegralNumber() && noted.path("head").isString()
          ? new AuditAnchor(noted.path("lines").asLong(), noted.path("head").stringValue())
          : null;
    } catch (SlipwayException e) {
      return null; // who can spoil it can also delete it: it proves nothing where it isn't whole
    }
  }

  void write(Path log) {
    AtomicFiles.write(
        of(log),
        (Json.line(Json.object().put("lines", lines).put("head", head)) + "\n")
            .getBytes(StandardCharsets.UTF_8));
  }

  /** What is wrong where a log of so many lines is shorter; null where it is not. */
  @Nullable String missing(long found) {
    return found >= lines
        ? null
        : "the end was cut off: there were " + lines + " lines, and there are " + found;
  }
}
