package dev.slipway.platform.engine;

import dev.slipway.infer.grammar.AnswerFormat;
import dev.slipway.infer.grammar.Constraint;
import dev.slipway.platform.toolcall.ToolConvention;
import dev.slipway.tokenizer.chat.Conversation;
import org.jspecify.annotations.Nullable;

/** What a language model, or one of its adapters, makes of texts; for any thread. */
public interface TextProcessor {
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
   * @param client who asks: clients take turns where much is to be worked out
   * @throws dev.slipway.base.SlipwayException {@code constraint.…} where it can't be followed
   */
  @Nullable Constraint constraint(AnswerFormat format, String client);

  /** The text of ids, special tokens left out. */
  String text(int[] ids);

  /** How many of the ids that {@link #encode} puts before a text are special tokens. */
  int leadingSpecialTokens();
}
