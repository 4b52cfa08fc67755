package dev.slipway.platform.server;

import dev.slipway.infer.grammar.AnswerFormat;
import dev.slipway.infer.grammar.Constraint;
import dev.slipway.platform.toolcall.ToolConvention;
import dev.slipway.tokenizer.chat.Conversation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One language model as the service needs it. {@link #encode}, {@link #text} and {@link #facts} may
 * be called from any thread; the rest only by the one that opened it, since a model's native state
 * belongs to a thread.
 */
public interface TextEngine extends AutoCloseable {
  ModelFacts facts();

  /** Its tokens, for any thread. */
  Tokens tokens();

  /** Ids of a prompt, led by the start token where the model has one. */
  int[] encode(String text);

  /**
   * Ids of a conversation, by the model's template; no special tokens but the template's own.
   *
   * @throws dev.slipway.base.SlipwayException {@code chat.…} where the model has no template, or
   *     its template refuses the conversation
   */
  int[] encode(Conversation conversation);

  /** Whether it has a template of conversations. */
  boolean hasChatTemplate();

  /** How the model writes calls of tools; null where it has no template, or one without tools. */
  @Nullable ToolConvention toolConvention();

  /**
   * What holds an answer to a format; null where any text will do.
   *
   * @throws dev.slipway.base.SlipwayException {@code constraint.…} where it can't be followed
   */
  @Nullable Constraint constraint(AnswerFormat format);

  /** The text of ids, special tokens left out. */
  String text(int[] ids);

  /** How many of the ids that {@link #encode} puts before a text are special tokens. */
  int leadingSpecialTokens();

  /** Whether a continuation may begin now, beside those that have begun. */
  boolean hasRoom(Generation generation);

  /**
   * Takes a continuation into the work; what comes of it is told in {@link #step}, until a limit,
   * the model's end token or a stop string is reached or the listener wants no more. Stop strings
   * never reach the listener, not even their beginning.
   */
  void begin(Generation generation, Listener listener);

  /** Computes on what has begun, a token each as a rule, and tells the listeners what came. */
  void step();

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
   * @param logprob natural logarithm of its probability under the model's own distribution, before
   *     temperature and filters
   * @param top the most likely tokens at its place, the likeliest first, as many as were asked for
   */
  record TokenScore(int id, String text, double logprob, List<Alternative> top) {
    public TokenScore {
      top = List.copyOf(top);
    }
  }

  /** A token that could have come instead. */
  record Alternative(int id, String text, double logprob) {}
}
