package dev.slipway.tokenizer.chat;

import dev.slipway.tokenizer.TokenSpans;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import dev.slipway.tokenizer.jinja.Rendered;
import java.nio.file.Path;
import java.time.LocalDateTime;

/** Conversations to token ids: a tokenizer with the templates of its model. */
public record ChatTokenizer(Tokenizer tokenizer, ChatTemplates templates) {
  /** Of a model's folder. */
  public static ChatTokenizer open(Path folder) {
    return new ChatTokenizer(Tokenizers.open(folder), ChatTemplates.open(folder));
  }

  /** {@link #encode(Conversation, LocalDateTime)} at this moment. */
  public ChatTokens encode(Conversation conversation) {
    return encode(conversation, LocalDateTime.now());
  }

  /**
   * The text, ids and mask of a conversation.
   *
   * @param now what the template is told where it asks for the time
   */
  public ChatTokens encode(Conversation conversation, LocalDateTime now) {
    ChatTemplate template = templates.of(conversation);
    Rendered rendered = template.render(conversation, now);
    boolean marked = template.marksGeneration();
    if (rendered.generated().isEmpty()) {
      int[] ids = tokenizer.encode(rendered.text());
      return new ChatTokens(rendered.text(), ids, new boolean[ids.length], marked);
    }
    TokenSpans spans = tokenizer.encodeWithSpans(rendered.text());
    boolean[] assistant = new boolean[spans.ids().length];
    for (Rendered.Span span : rendered.generated()) {
      for (int i = 0; i < assistant.length; i++) {
        assistant[i] |= spans.starts()[i] < span.end() && spans.ends()[i] > span.start();
      }
    }
    return new ChatTokens(rendered.text(), spans.ids(), assistant, marked);
  }
}
