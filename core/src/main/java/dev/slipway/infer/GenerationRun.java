package dev.slipway.infer;

import dev.slipway.infer.Generation.FinishReason;
import dev.slipway.tokenizer.StreamingDecoder;
import dev.slipway.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** One generation from prompt to end, on the model's thread. */
final class GenerationRun {
  private final Decoder decoder;
  private final GenerationRequest request;
  private final List<Integer> promptIds;
  private final Set<Integer> eos;
  private final Set<Integer> special;
  private final TokenListener listener;
  private final BooleanSupplier cancelled;

  private final Sampler sampler;
  private final StreamingDecoder text;
  private final StopStrings stops;
  private final StringBuilder answer = new StringBuilder();
  private final List<Integer> ids = new ArrayList<>();
  private final List<TokenLogprob> logprobs = new ArrayList<>();
  private boolean refused;

  GenerationRun(
      Decoder decoder,
      Tokenizer tokenizer,
      GenerationRequest request,
      List<Integer> promptIds,
      List<Integer> eos,
      TokenListener listener,
      BooleanSupplier cancelled) {
    this.decoder = decoder;
    this.request = request;
    this.promptIds = promptIds;
    this.eos = new HashSet<>(eos);
    this.special = new HashSet<>(tokenizer.specialIds());
    this.listener = listener;
    this.cancelled = cancelled;
    sampler = new Sampler(request.sampling());
    text = tokenizer.streamingDecoder();
    stops = new StopStrings(request.stop());
    if (request.echo()) {
      String prompt =
          tokenizer.decode(promptIds.stream().mapToInt(Integer::intValue).toArray(), true);
      answer.append(prompt);
    }
  }

  Generation run() {
    int room = Math.min(request.maxTokens(), decoder.context() - promptIds.size());
    int[] prompt = promptIds.stream().mapToInt(Integer::intValue).toArray();
    try (Decoder.Session session = decoder.open(prompt.length + room)) {
      float[] logits = prefill(session, prompt);
      FinishReason reason = FinishReason.LENGTH;
      while (ids.size() < room) {
        if (stopped()) {
          reason = FinishReason.CANCELLED;
          break;
        }
        int id = sampler.next(logits);
        if (eos.contains(id)) {
          reason = FinishReason.STOP;
          break;
        }
        tell(id, logits);
        if (stops.found()) {
          reason = FinishReason.STOP;
          break;
        }
        if (ids.size() < room) {
          logits = session.extend(id);
        }
      }
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
  }

  private boolean stopped() {
    return refused || cancelled.getAsBoolean();
  }

  private float[] prefill(Decoder.Session session, int[] prompt) {
    for (int id : prompt) {
      sampler.saw(id);
    }
    float[] logits;
    if (request.echo() && request.logprobs() >= 0) {
      float[][] all = session.extendAll(prompt);
      logprobs.add(new TokenLogprob(prompt[0], null, List.of()));
      for (int i = 1; i < prompt.length; i++) {
        logprobs.add(TokenLogprob.of(prompt[i], all[i - 1], request.logprobs()));
      }
      logits = all[prompt.length - 1];
    } else {
      logits = session.extend(prompt);
    }
    if (request.echo() && !stopped()) {
      String echoed = answer.toString();
      answer.setLength(0);
      give(echoed, promptIds, logprobs);
    }
    return logits;
  }

  private void tell(int id, float[] logits) {
    ids.add(id);
    List<TokenLogprob> told =
        request.logprobs() < 0
            ? List.of()
            : List.of(TokenLogprob.of(id, logits, request.logprobs()));
    logprobs.addAll(told);
    give(stops.next(special.contains(id) ? "" : text.next(id)), List.of(id), told);
  }

  private void give(String piece, List<Integer> pieceIds, List<TokenLogprob> told) {
    answer.append(piece);
    refused |= !listener.onPiece(new TokenListener.Piece(piece, pieceIds, told));
  }
}
