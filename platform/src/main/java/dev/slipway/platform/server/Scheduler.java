package dev.slipway.platform.server;

import dev.slipway.platform.engine.Continuation;
import dev.slipway.platform.engine.FinishReason;
import dev.slipway.platform.engine.TextEngine;
import java.time.Duration;
import java.util.List;

/**
 * Decides which continuations are computed when. The service hands it requests from many threads
 * and hears of their progress by events; whether it runs one after the other or many in one batch
 * is its own matter.
 */
interface Scheduler {
  /**
   * Takes all continuations of a request, or none.
   *
   * @param terms whose request it is, and by when it is to be answered
   * @param events hears of each continuation by its place in the list
   * @throws ApiProblem 429 when the queue is full
   */
  Ticket submit(List<Continuation> continuations, Terms terms, Events events);

  /** Continuations that wait. */
  int waiting();

  /** Continuations that are being computed. */
  int running();

  /**
   * @param key the name of the API key that asks, between which the model's time is shared fairly;
   *     "" without keys
   * @param timeout how long the answer may take, waiting included; zero for as long as it takes
   * @param trace hears where its time went
   * @param target what was asked
   */
  record Terms(String key, Duration timeout, Tracing.Request trace, Target target) {}

  /**
   * What of a scheduler's model is asked.
   *
   * @param name by which it is served
   * @param adapter of the engine's; "" for the model itself
   * @param metrics that its requests count in
   * @param version that they count in as well
   */
  record Target(String name, String adapter, ServerMetrics metrics, VersionMetrics version) {}

  /** What was submitted. */
  interface Ticket {
    /**
     * Nobody wants the answers any more: what waits is dropped, what runs ends at its next token.
     */
    void cancel();
  }

  /** Those of one continuation come one by one, in their order, by any thread; must not block. */
  interface Events {
    void onPrompt(int index, List<TextEngine.TokenScore> prompt);

    void onPiece(int index, TextEngine.Piece piece);

    /** The last word of a continuation, unless {@link #onFailure} is. */
    void onFinish(int index, FinishReason reason);

    void onFailure(int index, Throwable failure);
  }
}
