package dev.slipway.platform.server;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.chat.Conversation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model whose tokens are the characters below 1000 and whose likeliest continuation is the
 * alphabet, from the letter after the prompt's last; a seed picks another when the temperature is
 * not 0. A test may make it wait before each token.
 */
public final class FakeEngine implements TextEngine {
  static final int CONTEXT = 64;
  static final String FINGERPRINT = "0123456789abcdef".repeat(4);

  /** Null lets it run; else each token takes a permit. */
  private final @Nullable Semaphore permits;

  /** What every continuation is; null for the alphabet. */
  private final @Nullable String script;

  private final Thread owner = Thread.currentThread();
  final AtomicInteger generated = new AtomicInteger();
  final AtomicReference<FinishReason> lastReason = new AtomicReference<>();
  final AtomicBoolean closed = new AtomicBoolean();

  FakeEngine() {
    this(null);
  }

  FakeEngine(@Nullable Semaphore permits) {
    this(permits, null);
  }

  public FakeEngine(@Nullable Semaphore permits, @Nullable String script) {
    this.permits = permits;
    this.script = script;
  }

  @Override
  public ModelFacts facts() {
    return new ModelFacts(
        Instant.ofEpochSecond(1_700_000_000),
        script == null ? CONTEXT : 1024,
        1000,
        FINGERPRINT,
        1_300_000,
        0.91);
  }

  @Override
  public int[] encode(String text) {
    int[] ids = new int[text.length() + 1];
    for (int i = 0; i < text.length(); i++) {
      ids[i + 1] = text.charAt(i) < 1000 ? text.charAt(i) : '?';
    }
    return ids;
  }

  /** Role and content of each message; one of the system is refused. */
  @Override
  public int[] encode(Conversation conversation) {
    StringBuilder text = new StringBuilder();
    for (ObjectNode message : conversation.messages()) {
      if (message.path("role").asString().equals("system")) {
        throw new SlipwayException(
            Exit.INPUT,
            "chat.refused",
            "the chat template refuses: no system role",
            "leave it out");
      }
      text.append(message.path("role").asString()).append(':');
      text.append(message.path("content").asString()).append('|');
    }
    text.append(conversation.tools() == null ? "" : conversation.tools().size() + "|");
    text.append(conversation.variables().path("mood").asString(""));
    return encode(text.append('a').toString());
  }

  @Override
  public String text(int[] ids) {
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      if (id != 0) {
        text.append((char) id);
      }
    }
    return text.toString();
  }

  @Override
  public int leadingSpecialTokens() {
    return 1;
  }

  @Override
  public FinishReason generate(Generation generation, Listener listener) {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException("called by a thread that does not own the model");
    }
    FinishReason reason = run(generation, listener);
    lastReason.set(reason);
    return reason;
  }

  private FinishReason run(Generation generation, Listener listener) {
    if (generation.prompt()[generation.prompt().length - 1] == '!') {
      throw new IllegalArgumentException("a fault inside the model");
    }
    if (generation.scorePrompt()) {
      List<TokenScore> scores = new ArrayList<>();
      for (int i = 0; i < generation.prompt().length; i++) {
        scores.add(score(generation.prompt()[i], i == 0 ? Double.NaN : -1.5, generation));
      }
      listener.onPrompt(scores);
    }
    String text = continuation(generation);
    FinishReason reason = FinishReason.LENGTH;
    for (String stop : generation.stop()) {
      int at = text.indexOf(stop);
      if (at >= 0) {
        text = text.substring(0, at);
        reason = FinishReason.STOP;
      }
    }
    for (char c : text.toCharArray()) {
      await(listener);
      if (!listener.wanted()) {
        return FinishReason.ABORT;
      }
      generated.incrementAndGet();
      listener.onPiece(new Piece(String.valueOf(c), List.of(score(c, -0.5, generation))));
    }
    return reason;
  }

  private void await(Listener listener) {
    try {
      while (permits != null
          && listener.wanted()
          && !permits.tryAcquire(10, java.util.concurrent.TimeUnit.MILLISECONDS)) {
        continue;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String continuation(Generation generation) {
    if (script != null) {
      return script.substring(0, Math.min(script.length(), generation.maxTokens()));
    }
    int first = generation.prompt()[generation.prompt().length - 1] + 1;
    if (generation.temperature() > 0) {
      first = Math.floorMod((int) generation.seed() * 7, 26) + 'a';
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < generation.maxTokens(); i++) {
      text.append((char) ('a' + Math.floorMod(first - 'a' + i, 26)));
    }
    return text.toString();
  }

  private static TokenScore score(int id, double logprob, Generation generation) {
    List<Alternative> top = new ArrayList<>();
    for (int i = 0; i < generation.logprobs(); i++) {
      top.add(new Alternative('0' + i, String.valueOf((char) ('0' + i)), i == 0 ? -0.1 : -1.0 / 0));
    }
    return new TokenScore(id, id == 0 ? "" : String.valueOf((char) id), logprob, top);
  }

  @Override
  public void close() {
    closed.set(true);
  }
}
