package dev.slipway.tokenizer.chat;

import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.TokenSpans;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.jinja.Rendered;
import java.time.LocalDateTime;
import java.util.List;

/** Conversations to token ids: a tokenizer with the templates of its model. */
public record ChatTokenizer(Tokenizer tokenizer, ChatTemplates templates) {
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
    return tokens(rendered.text(), rendered.generated(), template.marksGeneration());
  }

  /**
   * As {@link #encode(Conversation, LocalDateTime)}, with the mask also where the template has no
   * {@code generation} blocks: the conversation's beginnings are rendered turn by turn.
   *
   * @throws SlipwayException {@code chat.mask-unclear} where these don't begin the whole text
   */
  public ChatTokens encodeTurns(Conversation conversation, LocalDateTime now) {
    ChatTemplate template = templates.of(conversation);
    Rendered rendered = template.render(conversation, now);
    return tokens(rendered.text(), AssistantSpans.of(template, conversation, rendered, now), true);
  }

  /**
   * As {@link #encode(Conversation, LocalDateTime)}, with the mask over all that stands behind the
   * first messages and the generation prompt.
   *
   * @param prompt how many messages are the prompt
   * @throws SlipwayException {@code chat.mask-unclear} where the prompt's text doesn't begin the
   *     whole
   */
  public ChatTokens encodeAnswer(Conversation conversation, int prompt, LocalDateTime now) {
    ChatTemplate template = templates.of(conversation);
    String text = template.render(conversation, now).text();
    int start =
        AssistantSpans.beginning(template, conversation.upTo(prompt, true), text, prompt, now);
    return tokens(text, List.of(new Rendered.Span(start, text.length())), true);
  }

  private ChatTokens tokens(String text, List<Rendered.Span> written, boolean marked) {
    if (written.isEmpty()) {
      int[] ids = tokenizer.encode(text);
      return new ChatTokens(text, ids, new boolean[ids.length], marked);
    }
    TokenSpans spans = tokenizer.encodeWithSpans(text);
    boolean[] assistant = new boolean[spans.ids().length];
    for (Rendered.Span span : written) {
      for (int i = 0; i < assistant.length; i++) {
        assistant[i] |= spans.starts()[i] < span.end() && spans.ends()[i] > span.start();
      }
    }
    return new ChatTokens(text, spans.ids(), assistant, marked);
  }
}
