package dev.slipway.platform.engine;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One language model as the service needs it. What it has of {@link TextProcessor} may be called
 * from any thread; the rest only by the one that opened it, since a model's native state belongs to
 * a thread.
 */
public interface TextEngine extends TextProcessor, AutoCloseable {
  /** Whether a continuation may begin now, beside those that have begun. */
  boolean hasRoom(Continuation continuation);

  /**
   * Takes a continuation into the work; what comes of it is told in {@link #step}, until a limit,
   * the model's end token or a stop string is reached or the listener wants no more. Stop strings
   * never reach the listener, not even their beginning.
   */
  void begin(Continuation continuation, Listener listener);

  /**
   * As above, with an adapter.
   *
   * @param adapter that was added; "" for none
   */
  default void begin(Continuation continuation, String adapter, Listener listener) {
    if (!adapter.isEmpty()) {
      throw new IllegalArgumentException("this engine has no adapters");
    }
    begin(continuation, listener);
  }

  /**
   * Loads an adapter, which shares the model's weights.
   *
   * @param id never used before
   * @param folder in PEFT's format
   * @throws dev.slipway.base.SlipwayException {@code adapter.…} where it can't be
   */
  default TextProcessor addAdapter(String id, Path folder) {
    throw new SlipwayException(
        Exit.INPUT,
        "adapter.not-batchable",
        "this model takes no adapters beside it, expected a language model of Llama's form",
        "put it into a copy of the model with `slipway merge`, and serve that");
  }

  /** Frees an adapter once the continuations that have it are done. */
  default void removeAdapter(String id) {}

  /** Computes on what has begun, a token each as a rule, and tells the listeners what came. */
  void step();

  /**
   * Has something done that the next step need not wait for, by another thread where one is at
   * hand.
   *
   * @param work short, and waits for nothing
   */
  default void aside(Runnable work) {
    work.run();
  }

  /** How keys and values are kept, by vLLM's names of settings; for any thread. */
  default Map<String, String> cacheConfig() {
    return Map.of();
  }

  /** What the engine does now. */
  default EngineFacts engineFacts() {
    return EngineFacts.NONE;
  }

  @Override
  void close();

  /** Hears of a continuation as it goes on, in the thread that steps; must not wait. */
  interface Listener {
    /**
     * The prompt's own tokens, told once and first, when they were asked for; the first has a
     * log-probability of NaN, since nothing came before it.
     */
    void onPrompt(List<TokenScore> prompt);

    /** Whether to go on. Asked at least once a token. */
    boolean wanted();

    /** More of the continuation. */
    void onPiece(Piece piece);

    /** The last word, unless {@link #onFailure} is. */
    void onFinish(FinishReason reason);

    void onFailure(Throwable failure);
  }

  /**
   * Text that is certain to belong to the answer, and the tokens that made it; either may be empty.
   */
  record Piece(String text, List<TokenScore> tokens) {
    public Piece {
      tokens = List.copyOf(tokens);
    }
  }

  /**
   * A token and how likely it was.
   *
   * @param text the token's own text; bytes that are no whole character as {@code bytes:\xe2\x80}
   * @param added what it adds to a text, in UTF-8: nothing where it is special and left out
   * @param logprob natural logarithm of its probability under the model's own distribution, before
   *     temperature and filters
   * @param top the most likely tokens at its place, the likeliest first, as many as were asked for
   */
  record TokenScore(int id, String text, byte[] added, double logprob, List<Alternative> top) {
    public TokenScore {
      top = List.copyOf(top);
    }

    /** The same where the token adds something else to its text. */
    public TokenScore adding(byte[] bytes) {
      return new TokenScore(id, text, bytes, logprob, top);
    }
  }

  /** A token that could have come instead. */
  record Alternative(int id, String text, double logprob) {}
}
