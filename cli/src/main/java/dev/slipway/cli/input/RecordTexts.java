package dev.slipway.cli.input;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.source.RecordReader;
import dev.slipway.data.source.SourceRecord;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The texts of a source as they are, without cleaning; records that are no UTF-8 text are passed
 * over and counted.
 */
public final class RecordTexts implements Iterator<String> {
  private final RecordReader reader;
  private @Nullable String next;
  private long texts;
  private long passedOver;

  /**
   * @param name what problems call the source
   */
  public RecordTexts(RecordReader reader, String name) {
    this.reader = reader;
    advance();
    if (next == null) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.no-text",
          name + " has no UTF-8 text in it (records passed over: " + passedOver + ")",
          "convert it, for example with iconv -t UTF-8, or give a source with text");
    }
  }

  private void advance() {
    next = null;
    RecordReader.PendingRecord pending;
    while (next == null && (pending = reader.next()) != null) {
      next = text(pending.read());
      if (next == null) {
        passedOver++;
      } else {
        texts++;
      }
    }
  }

  private static @Nullable String text(SourceRecord record) {
    if (record.problem() != null || record.content().length == 0) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(record.content()))
          .toString();
    } catch (CharacterCodingException e) {
      return null; // counted as passed over
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public String next() {
    String current = next;
    if (current == null) {
      throw new NoSuchElementException("no text is left");
    }
    advance();
    return current;
  }

  long texts() {
    return texts;
  }

  /** Records without such a text. */
  public long passedOver() {
    return passedOver;
  }
}
