package dev.slipway.platform.server;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** The events of a choice that tell of new text alone. */
final class TextEvents {
  private @Nullable ChunkLine line;

  /**
   * The next event.
   *
   * @param text what it tells; empty afterwards
   * @param chunk makes the whole piece that tells {@code text}
   */
  byte[] of(StringBuilder text, Supplier<ObjectNode> chunk) {
    String told = text.toString();
    if (line == null) {
      text.setLength(0);
      text.append(ChunkLine.MARK);
      line = ChunkLine.around(chunk.get());
    }
    text.setLength(0);
    return line.of(told);
  }
}
