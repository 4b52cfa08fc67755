package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.platform.engine.FinishReason;
import dev.slipway.platform.engine.TextEngine;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An answer that grows while the model generates, in the shape of one of OpenAI's interfaces. Not
 * for several threads.
 */
interface GrowingAnswer {
  /** The scores of a choice's prompt, where they were asked for. */
  void addPrompt(int choice, List<TextEngine.TokenScore> prompt);

  void add(int choice, TextEngine.Piece piece);

  void finish(int choice, FinishReason reason);

  /** Whether a stream has something to tell of a choice. */
  boolean hasNews(int choice);

  boolean isFinished();

  /** Its id, by which feedback names it. */
  String id();

  /** What was said in each choice: a message, or a text. */
  List<JsonNode> completions();

  /** The whole answer, once all choices are finished. */
  ObjectNode whole();

  /** A piece of a stream: what came to a choice since its last piece. */
  ObjectNode chunk(int choice);

  /** {@link #chunk} as a server-sent event. */
  default byte[] event(int choice) {
    return ChunkLine.event(Json.line(chunk(choice)));
  }

  /** The last piece of a stream that shall tell its usage. */
  ObjectNode usageChunk();
}
