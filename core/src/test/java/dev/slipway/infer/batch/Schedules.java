package dev.slipway.infer.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.infer.Generation;
import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.GenerationRequest.Prompt;
import dev.slipway.infer.OngoingGeneration;
import dev.slipway.infer.Sampling;
import dev.slipway.infer.SamplingRoom;
import dev.slipway.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Random requests, answered one by one and in random company. */
final class Schedules {
  private final Tokenizer tokenizer;
  private final int vocabulary;
  private final int context;

  Schedules(Tokenizer tokenizer, int vocabulary, int context) {
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    this.context = context;
  }

  /** Hears one generation. */
  static final class Heard implements BatchListener {
    private final int cancelAfter;
    private int pieces;
    @Nullable Generation generation;
    @Nullable Throwable failure;

    /**
     * @param cancelAfter pieces after which nothing more is wanted; negative for never
     */
    Heard(int cancelAfter) {
      this.cancelAfter = cancelAfter;
    }

    @Override
    public boolean onPiece(Piece piece) {
      return cancelAfter < 0 || ++pieces < cancelAfter;
    }

    @Override
    public void onEnd(Generation ended) {
      assertThat(generation).isNull();
      generation = ended;
    }

    @Override
    public void onFailure(Throwable problem) {
      failure = problem;
    }
  }

  /** Requests whose prompts often begin alike; many more begin together than have room. */
  List<GenerationRequest> requests(SplittableRandom random, int count) {
    int[] common = random.ints(context, 1, vocabulary).toArray();
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = 1 + random.nextInt(context * 3 / 4);
      int alike = random.nextInt(3) == 0 ? 0 : random.nextInt(length + 1);
      int[] prompt = Arrays.copyOf(common, length);
      for (int at = alike; at < length; at++) {
        prompt[at] = 1 + random.nextInt(vocabulary - 1);
      }
      Sampling sampling =
          random.nextBoolean()
              ? Sampling.GREEDY
              : Sampling.GREEDY
                  .withTemperature(1)
                  .withTopK(random.nextInt(8))
                  .withSeed(random.nextLong())
                  .withRepetitionPenalty(random.nextBoolean() ? 1 : 1.2)
                  .withFrequencyPenalty(i % 3 == 0 ? 0.4 : 0);
      int most = random.nextInt(context / 2);
      requests.add(
          GenerationRequest.of(
                  new Prompt.Ids(Arrays.stream(prompt).boxed().toList()), most, sampling)
              .withLogprobs(random.nextInt(4) - 1)
              .withEcho(random.nextInt(5) == 0)
              .withEosIds(random.nextBoolean() ? List.of() : List.of(3))
              .withStopIds(i % 4 == 0 ? List.of(5, 9) : List.of())
              .withMinTokens(i % 5 == 0 ? Math.min(most, 4) : 0));
    }
    return requests;
  }

  void begin(Batcher batcher, GenerationRequest request, Heard heard) {
    begin(batcher, request, "", heard);
  }

  void begin(Batcher batcher, GenerationRequest request, String adapter, Heard heard) {
    Prompt.Ids prompt = (Prompt.Ids) request.prompt();
    List<Integer> eos = request.eosIds();
    batcher.begin(
        new OngoingGeneration(
            tokenizer,
            request,
            prompt.ids(),
            eos == null ? List.of() : eos,
            context,
            heard,
            () -> false,
            new SamplingRoom()),
        heard,
        adapter);
  }

  /** The answer of a batcher that has nothing else to do. */
  Generation alone(Batcher batcher, GenerationRequest request) {
    return alone(batcher, request, "");
  }

  Generation alone(Batcher batcher, GenerationRequest request, String adapter) {
    Heard heard = new Heard(-1);
    begin(batcher, request, adapter, heard);
    while (!batcher.isIdle()) {
      batcher.step();
    }
    if (heard.generation == null) {
      throw new AssertionError("no answer", heard.failure);
    }
    return heard.generation;
  }

  /**
   * Lets requests arrive at random, some of which are given up on the way, and compares all answers
   * with those that came alone, log-probabilities to the last bit.
   */
  void compare(
      Batcher batcher,
      SplittableRandom random,
      List<GenerationRequest> requests,
      List<Generation> expected) {
    compare(batcher, random, requests, Collections.nCopies(requests.size(), ""), expected);
  }

  /**
   * As above, each request with an adapter.
   *
   * @param adapters "" for none
   */
  void compare(
      Batcher batcher,
      SplittableRandom random,
      List<GenerationRequest> requests,
      List<String> adapters,
      List<Generation> expected) {
    List<Heard> all = new ArrayList<>();
    int next = 0;
    for (int step = 0; next < requests.size() || !batcher.isIdle(); step++) {
      assertThat(step).as("steps without an end").isLessThan(20_000);
      while (next < requests.size()
          && random.nextInt(3) > 0
          && batcher.hasRoom(((Prompt.Ids) requests.get(next).prompt()).ids().size())) {
        Heard heard = new Heard(random.nextInt(6) == 0 ? 1 + random.nextInt(5) : -1);
        begin(batcher, requests.get(next), adapters.get(next), heard);
        next++;
        all.add(heard);
      }
      batcher.step();
    }
    for (int i = 0; i < all.size(); i++) {
      Heard heard = all.get(i);
      if (heard.generation == null) {
        throw new AssertionError("request " + i + " has no answer", heard.failure);
      }
      Generation generation = heard.generation;
      if (generation.finishReason() == Generation.FinishReason.CANCELLED) {
        int came = generation.ids().size();
        assertThat(generation.ids()).isEqualTo(expected.get(i).ids().subList(0, came));
      } else {
        assertThat(generation).as("request " + i).isEqualTo(expected.get(i));
      }
    }
    assertThat(batcher.facts().cacheUse()).as("blocks that nobody gave back").isZero();
  }
}
