package dev.slipway.platform.server;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.grammar.AnswerFormat;
import dev.slipway.infer.grammar.Constraint;
import dev.slipway.platform.engine.Continuation;
import dev.slipway.platform.engine.FinishReason;
import dev.slipway.platform.engine.ModelFacts;
import dev.slipway.platform.engine.TextEngine;
import dev.slipway.platform.engine.Tokens;
import dev.slipway.platform.toolcall.ToolConvention;
import dev.slipway.tokenizer.chat.Conversation;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

  /** Its characters, the start token spelt {@code <s>}. */
  static final Tokens TOKENS =
      new Tokens() {
        @Override
        public int[] encode(String text, boolean specialTokens) {
          return specialTokens
              ? IntStream.concat(IntStream.of(0), text.chars()).toArray()
              : text.chars().toArray();
        }

        @Override
        public String decode(int[] ids) {
          return Arrays.stream(ids).mapToObj(this::token).collect(Collectors.joining());
        }

        @Override
        public String token(int id) {
          return id == 0 ? "<s>" : String.valueOf((char) id);
        }

        @Override
        public int vocabularySize() {
          return 1000;
        }

        @Override
        public int contextLength() {
          return CONTEXT;
        }
      };

  /** Null lets it run; else each token takes a permit. */
  private final @Nullable Semaphore permits;

  /** What every continuation is; null for the alphabet. */
  private final @Nullable String script;

  private @Nullable Current current;
  private final Thread owner = Thread.currentThread();
  final AtomicInteger generated = new AtomicInteger();

  /** The last character of each prompt that was begun. */
  final List<String> begun = new CopyOnWriteArrayList<>();

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
        FINGERPRINT.substring(0, 12),
        Instant.ofEpochSecond(1_700_000_000),
        script == null ? CONTEXT : 1024,
        1000,
        FINGERPRINT,
        "fedcba9876543210".repeat(4),
        1_300_000,
        0.91);
  }

  @Override
  public Tokens tokens() {
    return TOKENS;
  }

  @Override
  public int[] encode(String text) {
    int[] ids = new int[text.length() + 1];
    for (int i = 0; i < text.length(); i++) {
      ids[i + 1] = text.charAt(i) < 1000 ? text.charAt(i) : '?';
    }
    return ids;
  }

  @Override
  public boolean hasChatTemplate() {
    return true;
  }

  @Override
  public @Nullable ToolConvention toolConvention() {
    return ToolConvention.HERMES;
  }

  /** What it says is settled: no format is held to. */
  @Override
  public @Nullable Constraint constraint(AnswerFormat format, String client) {
    return null;
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
  public boolean hasRoom(Continuation continuation) {
    return current == null;
  }

  @Override
  public void begin(Continuation continuation, Listener listener) {
    requireOwner();
    if (continuation.prompt()[continuation.prompt().length - 1] == '!') {
      throw new IllegalArgumentException("a fault inside the model");
    }
    if (continuation.prompt()[continuation.prompt().length - 1] == '~') {
      long[][] all = new long[1 << 16][]; // more than any heap of a test
      for (int i = 0; i < all.length; i++) {
        all[i] = new long[1 << 24];
      }
      throw new IllegalStateException("there was memory for " + all.length + " arrays");
    }
    begun.add(String.valueOf((char) continuation.prompt()[continuation.prompt().length - 1]));
    current = new Current(continuation, listener, continuation(continuation));
  }

  @Override
  public void step() {
    requireOwner();
    Current now = current;
    if (now == null) {
      return;
    }
    if (now.at < 0) {
      now.at = 0;
      if (now.continuation.scorePrompt()) {
        List<TokenScore> scores = new ArrayList<>();
        int[] prompt = now.continuation.prompt();
        for (int i = 0; i < prompt.length; i++) {
          scores.add(score(prompt[i], i == 0 ? Double.NaN : -1.5, now.continuation));
        }
        now.listener.onPrompt(scores);
      }
    }
    if (now.at == now.text.length()) {
      finish(now, now.stopped ? FinishReason.STOP : FinishReason.LENGTH);
      return;
    }
    await(now.listener);
    if (!now.listener.wanted()) {
      finish(now, FinishReason.ABORT);
      return;
    }
    generated.incrementAndGet();
    char c = now.text.charAt(now.at++);
    now.listener.onPiece(new Piece(String.valueOf(c), List.of(score(c, -0.5, now.continuation))));
  }

  private void requireOwner() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException("called by a thread that does not own the model");
    }
  }

  private void finish(Current now, FinishReason reason) {
    current = null;
    lastReason.set(reason);
    now.listener.onFinish(reason);
  }

  /** The one continuation that it has room for. */
  private static final class Current {
    private final Continuation continuation;
    private final Listener listener;
    private final String text;
    private final boolean stopped;
    private int at = -1;

    Current(Continuation continuation, Listener listener, String text) {
      this.continuation = continuation;
      this.listener = listener;
      String cut = text;
      for (String stop : continuation.ending().stop()) {
        int found = cut.indexOf(stop);
        cut = found >= 0 ? cut.substring(0, found) : cut;
      }
      this.text = cut;
      stopped = cut.length() < text.length();
    }
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

  private String continuation(Continuation continuation) {
    if (script != null) {
      return script.substring(0, Math.min(script.length(), continuation.maxTokens()));
    }
    int first = continuation.prompt()[continuation.prompt().length - 1] + 1;
    if (continuation.sampling().temperature() > 0) {
      first = Math.floorMod((int) continuation.sampling().seed() * 7, 26) + 'a';
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < continuation.maxTokens(); i++) {
      text.append((char) ('a' + Math.floorMod(first - 'a' + i, 26)));
    }
    return text.toString();
  }

  private static TokenScore score(int id, double logprob, Continuation continuation) {
    List<Alternative> top = new ArrayList<>();
    for (int i = 0; i < continuation.logprobs(); i++) {
      top.add(new Alternative('0' + i, String.valueOf((char) ('0' + i)), i == 0 ? -0.1 : -1.0 / 0));
    }
    String text = id == 0 ? "" : String.valueOf((char) id);
    return new TokenScore(id, text, text.getBytes(StandardCharsets.UTF_8), logprob, top);
  }

  @Override
  public void close() {
    closed.set(true);
  }
}
