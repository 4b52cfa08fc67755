package dev.slipway.platform.audit;

import dev.slipway.base.Exit;
import dev.slipway.base.Hashing;
import dev.slipway.base.SlipwayException;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Whether an audit log is as it was written. Finds lines that were changed, taken out, doubled or
 * moved, a beginning that was cut off, and an end that was, against what is noted beside the log.
 * That somebody made both anew only shows against a hash of a line that was noted elsewhere.
 */
public final class AuditVerifier {
  private final @Nullable String anchor;
  private long lines;
  private String head = AuditLog.NOTHING;
  private boolean anchored;
  private @Nullable AuditAnchor beside;

  private AuditVerifier(@Nullable String anchor) {
    this.anchor = anchor;
  }

  /**
   * A log that is as it was written.
   *
   * @param head the hash of the last line
   * @param tornBytes of a last line that was being written when its process was killed, or is just
   *     now
   */
  public record Intact(long lines, String head, int tornBytes) {}

  /**
   * @param anchor the hash of a line that has to be there; null for none
   * @throws SlipwayException {@code audit.broken} with the first line that is wrong, {@code
   *     audit.missing}
   */
  public static Intact verify(Path file, @Nullable String anchor) {
    AuditVerifier verifier = new AuditVerifier(anchor);
    verifier.beside = AuditAnchor.read(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return verifier.verify(file, in);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "audit.missing",
          "the audit log " + file + " can't be read",
          "check the path, and that you may read it",
          e);
    }
  }

  private Intact verify(Path file, InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c >= 0; c = in.read()) {
      if (c == '\n') {
        check(file, line.toByteArray());
        line.reset();
      } else {
        line.write(c);
      }
    }
    if (anchor != null && !anchored) {
      throw broken(
          file,
          lines,
          "no line has the hash " + anchor + ": the end was cut off, or the log was made anew");
    }
    String missing = beside == null ? null : beside.missing(lines);
    if (missing != null) {
      throw broken(file, lines, missing);
    }
    return new Intact(lines, head, line.size());
  }

  private void check(Path file, byte[] bytes) {
    long number = lines + 1;
    JsonNode line = AuditLog.parse(bytes);
    if (line == null || !line.path("seq").isIntegralNumber() || !line.path("previous").isString()) {
      throw broken(file, number, "it is no line of an audit log");
    }
    long seq = line.path("seq").asLong();
    if (seq > number) {
      throw broken(
          file, number, "it has the number " + seq + ": " + (seq - number) + " before it are gone");
    }
    if (seq < number) {
      throw broken(file, number, "it has the number " + seq + ": it was doubled or moved");
    }
    if (!line.path("previous").asString().equals(head)) {
      throw number == 1
          ? broken(file, 1, "the first line names one before it")
          : broken(file, number - 1, "its hash is not what the next line carries: it was changed");
    }
    head = Hashing.sha256(bytes);
    anchored |= head.equals(anchor);
    lines = number;
    if (beside != null && lines == beside.lines() && !head.equals(beside.head())) {
      throw broken(file, lines, "it has not the hash that was noted of it: the log was made anew");
    }
  }

  private static SlipwayException broken(Path file, long line, String what) {
    return new SlipwayException(
        Exit.INPUT,
        "audit.broken",
        file + " is not as it was written; line " + line + ": " + what,
        "put it beside a copy that was kept elsewhere");
  }
}
