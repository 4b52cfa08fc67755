package dev.slipway.data.conversation;

import dev.slipway.base.Json;
import dev.slipway.data.Document;
import dev.slipway.data.Ledger;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import dev.slipway.tokenizer.chat.ChatTokens;
import dev.slipway.tokenizer.chat.Conversation;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Prepared conversations and preferences to tokens with their mask, by the model's own template.
 * May be used by several threads at once.
 */
public final class SequenceEncoder {
  private final ChatTokenizer chat;
  private final Settings settings;
  private final LocalDateTime now;

  /**
   * How it is done.
   *
   * @param longest tokens that a sequence may have
   * @param allTokens whether every token is learnt, not the assistant's alone
   * @param endIds tokens that end what the assistant says
   */
  public record Settings(int longest, OverLong overLong, boolean allTokens, List<Integer> endIds) {
    public Settings {
      endIds = List.copyOf(endIds);
    }
  }

  /**
   * @param now what a template is told where it asks for the time
   */
  public SequenceEncoder(ChatTokenizer chat, Settings settings, LocalDateTime now) {
    this.chat = chat;
    this.settings = settings;
    this.now = now;
  }

  Tokenizer tokenizer() {
    return chat.tokenizer();
  }

  /**
   * What a record comes to.
   *
   * @param sequences 0 where it is dropped
   * @param tokens of all
   * @param longest tokens of the longest
   * @param learnt tokens that are learnt, of all
   */
  public record Count(int sequences, long tokens, int longest, long learnt) {}

  /** What a conversation comes to. */
  public Count countConversation(Document document) {
    return count(conversation(document).sequences());
  }

  /** What a pair or a rated answer comes to. */
  public Count countPreference(Document document) {
    return count(preference(document).sequences());
  }

  private static Count count(List<Sequence> sequences) {
    long tokens = 0;
    long learnt = 0;
    int longest = 0;
    for (Sequence each : sequences) {
      tokens += each.ids().length;
      learnt += each.targets();
      longest = Math.max(longest, each.ids().length);
    }
    return new Count(sequences.size(), tokens, longest, learnt);
  }

  /** A conversation as {@link ConversationMapping} or {@link JavadocConversations} makes it. */
  Encoded conversation(Document document) {
    JsonNode json = Json.parse(document.text(), document.id());
    Conversation whole = Conversation.of(json, document.id());
    boolean answered =
        whole.messages().stream().anyMatch(m -> m.path("role").asString("").equals("assistant"));
    if (!answered && !settings.allTokens) {
      return dropped(document, DropReason.NOTHING_TO_LEARN, "the assistant says nothing");
    }
    Sequence sequence = sequence(whole);
    int length = sequence.ids().length;
    if (length > settings.longest) {
      switch (settings.overLong) {
        case DROP -> {
          return tooLong(document, length);
        }
        case TRUNCATE_RIGHT -> sequence = sequence.part(0, settings.longest);
        case TRUNCATE_LEFT -> sequence = sequence.part(length - settings.longest, length);
        case CUT_TURNS -> {
          int turns = whole.messages().size();
          while (sequence.ids().length > settings.longest) {
            if (--turns == 0) {
              return tooLong(document, length);
            }
            sequence = sequence(whole.upTo(turns, false));
          }
        }
      }
    }
    if (sequence.targets() == 0) {
      return dropped(document, DropReason.NOTHING_TO_LEARN, "no token of the assistant's is left");
    }
    return new Encoded(
        document.id(),
        List.of(sequence),
        new Ledger.Fate(null, length, length - sequence.ids().length));
  }

  private Sequence sequence(Conversation conversation) {
    ChatTokens tokens =
        settings.allTokens ? chat.encode(conversation, now) : chat.encodeTurns(conversation, now);
    boolean[] learnt = tokens.assistant();
    if (settings.allTokens) {
      Arrays.fill(learnt, true);
    } else {
      leaveBlanks(tokens.ids(), learnt);
    }
    return new Sequence(tokens.ids(), learnt, 0);
  }

  /**
   * Behind the token that ends the assistant's turn, templates put line ends, which no model is
   * asked to write.
   */
  private void leaveBlanks(int[] ids, boolean[] learnt) {
    for (int i = 0; i < ids.length; i++) {
      if (learnt[i] && settings.endIds.contains(ids[i])) {
        for (int next = i + 1; next < ids.length && learnt[next] && isBlank(ids[next]); next++) {
          learnt[next] = false;
        }
      }
    }
  }

  private boolean isBlank(int id) {
    return chat.tokenizer().decode(new int[] {id}, false).isBlank();
  }

  /** A pair or a rated answer as {@link PreferenceMapping} makes it. */
  Encoded preference(Document document) {
    JsonNode json = Json.parse(document.text(), document.id());
    List<Sequence> sequences = new ArrayList<>();
    if (json.has("label")) {
      int label = json.path("label").asBoolean(false) ? 1 : 0;
      sequences.add(answer(json, "completion", label));
    } else {
      sequences.add(answer(json, "chosen", 1));
      sequences.add(answer(json, "rejected", 0));
    }
    int length = 0;
    int longest = 0;
    for (Sequence each : sequences) {
      length += each.ids().length;
      longest = Math.max(longest, each.ids().length);
    }
    if (longest > settings.longest) {
      if (settings.overLong == OverLong.DROP || settings.overLong == OverLong.CUT_TURNS) {
        return tooLong(document, longest);
      }
      sequences.replaceAll(this::cut);
    }
    int kept = 0;
    for (Sequence each : sequences) {
      if (each.targets() == 0) {
        return dropped(document, DropReason.NOTHING_TO_LEARN, "no token of an answer is left");
      }
      kept += each.ids().length;
    }
    return new Encoded(document.id(), sequences, new Ledger.Fate(null, length, length - kept));
  }

  private Sequence cut(Sequence sequence) {
    int length = sequence.ids().length;
    int kept = Math.min(length, settings.longest);
    return settings.overLong == OverLong.TRUNCATE_LEFT
        ? sequence.part(length - kept, length)
        : sequence.part(0, kept);
  }

  private Sequence answer(JsonNode json, String key, int label) {
    List<ObjectNode> messages = new ArrayList<>();
    for (JsonNode each : json.path("prompt")) {
      messages.add((ObjectNode) each);
    }
    int prompt = messages.size();
    for (JsonNode each : json.path(key)) {
      messages.add((ObjectNode) each);
    }
    ChatTokens tokens = chat.encodeAnswer(Conversation.of(messages, false), prompt, now);
    boolean[] learnt = tokens.assistant();
    leaveBlanks(tokens.ids(), learnt);
    return new Sequence(tokens.ids(), learnt, label);
  }

  private Encoded tooLong(Document document, int length) {
    return dropped(
        document,
        DropReason.TOO_LONG,
        String.format(Locale.ROOT, "%,d tokens, and %,d fit", length, settings.longest));
  }

  private static Encoded dropped(Document document, DropReason reason, String detail) {
    return new Encoded(
        document.id(), List.of(), new Ledger.Fate(new Dropped(reason, detail), 0, 0));
  }
}
