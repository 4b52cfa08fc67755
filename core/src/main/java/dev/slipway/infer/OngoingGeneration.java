package dev.slipway.infer;

import dev.slipway.infer.Generation.FinishReason;
import dev.slipway.infer.grammar.Constraint;
import dev.slipway.tokenizer.StreamingDecoder;
import dev.slipway.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The side of a generation that the network knows nothing of: logits come in, tokens are chosen by
 * them, text is told, and the end is seen. Which logits come when is the caller's matter, so that
 * an answer is the same by whatever way they were computed.
 */
public final class OngoingGeneration {
  private final GenerationRequest request;
  private final List<Integer> promptIds;
  private final Set<Integer> ends;
  private final Set<Integer> special;
  private final TokenListener listener;
  private final BooleanSupplier cancelled;
  private final int room;

  private final Sampler sampler;
  private final SamplingRoom samplingRoom;
  private final int vocabulary;
  private final StreamingDecoder text;
  private final StopStrings stops;
  private final Constraint.@Nullable Cursor form;
  private final StringBuilder answer = new StringBuilder();
  private final List<Integer> ids = new ArrayList<>();
  private final List<TokenLogprob> logprobs = new ArrayList<>();
  private FinishReason reason = FinishReason.LENGTH;
  private boolean refused;

  /**
   * @param promptIds at least one
   * @param eos ids that end the text
   * @param context the longest sequence
   * @param cancelled asked before each token
   * @param samplingRoom which it may share with others of its thread
   */
  public OngoingGeneration(
      Tokenizer tokenizer,
      GenerationRequest request,
      List<Integer> promptIds,
      List<Integer> eos,
      int context,
      TokenListener listener,
      BooleanSupplier cancelled,
      SamplingRoom samplingRoom) {
    this.request = request;
    this.samplingRoom = samplingRoom;
    this.promptIds = List.copyOf(promptIds);
    ends = new HashSet<>(eos);
    ends.addAll(request.stopIds());
    this.special = Set.copyOf(tokenizer.specialIds());
    this.listener = listener;
    this.cancelled = cancelled;
    room = Math.min(request.maxTokens(), context - promptIds.size());
    vocabulary = tokenizer.vocabularySize();
    sampler = new Sampler(request.sampling(), vocabulary, samplingRoom);
    promptIds.forEach(sampler::saw);
    text = tokenizer.streamingDecoder();
    stops = new StopStrings(request.stop());
    form = request.constraint() == null ? null : request.constraint().begin();
    if (request.echo()) {
      answer.append(tokenizer.decode(prompt(), true));
    }
  }

  /** What is continued. */
  public int[] prompt() {
    return promptIds.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Most tokens that may come. */
  public int room() {
    return room;
  }

  /** Whether the logits after each position of the prompt are needed, by {@link #promptLogits}. */
  public boolean wantsPromptLogits() {
    return request.echo() && request.logprobs() >= 0;
  }

  /**
   * The logits (V) after a position of the prompt, one after the other from 0; only where {@link
   * #wantsPromptLogits}. Those after the last one go to {@link #next} as well.
   */
  public void promptLogits(int position, float[] logits) {
    if (position == 0) {
      logprobs.add(new TokenLogprob(promptIds.getFirst(), null, List.of()));
    }
    if (position + 1 < promptIds.size()) {
      logprobs.add(
          TokenLogprob.of(promptIds.get(position + 1), logits, vocabulary, request.logprobs()));
    }
  }

  /** All of the prompt is known to the network: tells it where it is to be echoed. */
  public void begin() {
    if (request.echo() && !stopped()) {
      String echoed = answer.toString();
      answer.setLength(0);
      give(echoed, promptIds, List.copyOf(logprobs));
    }
  }

  /** Whether nobody wants more. */
  public boolean stopped() {
    return refused || cancelled.getAsBoolean();
  }

  /** Whether the first token is wanted, once the prompt is known. */
  public boolean wantsMore() {
    return ids.size() < room;
  }

  /**
   * Chooses the next token by the logits (V) after the last one.
   *
   * @return whether a further one is wanted; if so, {@link #last} is to be computed on
   */
  public boolean next(float[] logits) {
    if (!wantsMore()) {
      return false;
    }
    if (stopped()) {
      reason = FinishReason.CANCELLED;
      return false;
    }
    int id = sampler.next(eligible(logits));
    if (ends.contains(id)) {
      reason = FinishReason.STOP;
      return false;
    }
    tell(id, logits);
    if (form != null) {
      form.accept(id);
    }
    if (stops.found() || (form != null && form.isComplete())) {
      reason = FinishReason.STOP;
      return false;
    }
    return wantsMore();
  }

  /**
   * The logits of what may come. Log-probabilities are told as the model has them: only the choice
   * is held to the form, and to the least number of tokens.
   */
  private float[] eligible(float[] logits) {
    boolean early = ids.size() < request.minTokens() && !ends.isEmpty();
    if (form == null && !early) {
      return logits;
    }
    float[] allowed = samplingRoom.copy(logits);
    if (form != null) {
      form.mask(allowed, ends);
    }
    if (early && anyElse(allowed)) {
      for (int id : ends) {
        if (id < allowed.length) {
          allowed[id] = Float.NEGATIVE_INFINITY;
        }
      }
    }
    return allowed;
  }

  /** Whether anything but an end may come: a form may leave nothing else. */
  private boolean anyElse(float[] allowed) {
    for (int id = 0; id < Math.min(allowed.length, vocabulary); id++) {
      if (allowed[id] != Float.NEGATIVE_INFINITY && !ends.contains(id)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Chooses the tokens to come by another model's logits (V), as guesses, with the random numbers
   * that they will be chosen by: the more alike both models are, the more guesses are right, at any
   * temperature. To be used before {@link #next}.
   */
  public ToIntFunction<float[]> guesses() {
    return sampler.ahead()::next;
  }

  /** The token that came last. */
  public int last() {
    return ids.getLast();
  }

  /** Tells what was held back, and gives the whole. */
  public Generation end() {
    if (!stops.found()) {
      String rest = stops.next(text.finish());
      rest += stops.finish();
      if (!rest.isEmpty()) {
        give(rest, List.of(), List.of());
      }
    }
    return new Generation(
        answer.toString(),
        promptIds,
        ids,
        logprobs,
        stopped() ? FinishReason.CANCELLED : stops.found() ? FinishReason.STOP : reason);
  }

  private void tell(int id, float[] logits) {
    ids.add(id);
    List<TokenLogprob> told =
        request.logprobs() < 0
            ? List.of()
            : List.of(TokenLogprob.of(id, logits, vocabulary, request.logprobs()));
    logprobs.addAll(told);
    String piece = special.contains(id) ? "" : text.next(id);
    give(
        ids.size() > request.minTokens() ? stops.next(piece) : stops.pass(piece),
        List.of(id),
        told);
  }

  private void give(String piece, List<Integer> pieceIds, List<TokenLogprob> told) {
    answer.append(piece);
    refused |= !listener.onPiece(new TokenListener.Piece(piece, pieceIds, told));
  }
}
