package dev.slipway.tokenizer.chat;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.jinja.Rendered;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * Where in a conversation's text the assistant's words are. A template with {@code {% generation
 * %}} says it itself. For any other the conversation's beginnings are rendered turn by turn: what
 * the assistant says reaches from the text up to its turn with the generation prompt to the text
 * with its turn, and both must be beginnings of the whole.
 */
final class AssistantSpans {
  private static final int SHOWN = 40;

  private AssistantSpans() {}

  static List<Rendered.Span> of(
      ChatTemplate template, Conversation conversation, Rendered whole, LocalDateTime now) {
    if (template.marksGeneration()) {
      return whole.generated();
    }
    List<Rendered.Span> spans = new ArrayList<>();
    List<ObjectNode> messages = conversation.messages();
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i).path("role").asString("").equals("assistant")) {
        int start =
            i == 0 ? 0 : beginning(template, conversation.upTo(i, true), whole.text(), i, now);
        int end =
            i + 1 == messages.size()
                ? whole.text().length()
                : beginning(template, conversation.upTo(i + 1, false), whole.text(), i, now);
        spans.add(new Rendered.Span(start, Math.max(start, end)));
      }
    }
    return spans;
  }

  /** Length of a beginning's text, which must begin the whole one. */
  static int beginning(
      ChatTemplate template, Conversation part, String whole, int turn, LocalDateTime now) {
    String text = template.render(part, now).text();
    if (!whole.startsWith(text)) {
      int at = 0;
      while (at < Math.min(text.length(), whole.length()) && text.charAt(at) == whole.charAt(at)) {
        at++;
      }
      throw new SlipwayException(
          Exit.INPUT,
          "chat.mask-unclear",
          "the chat template does not say what the assistant writes: up to turn %d it makes \"…%s\", and of the whole conversation \"…%s\""
              .formatted(turn + 1, shown(text, at), shown(whole, at)),
          "mark the assistant's words in the template by {% generation %} … {% endgeneration %}, or learn all tokens");
    }
    return text.length();
  }

  private static String shown(String text, int at) {
    return text.substring(Math.max(0, at - SHOWN / 2), Math.min(text.length(), at + SHOWN / 2))
        .replace("\n", "\\n");
  }
}
