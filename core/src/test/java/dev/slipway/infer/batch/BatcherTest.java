package dev.slipway.infer.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.infer.Generation;
import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.GenerationRequest.Prompt;
import dev.slipway.infer.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The batcher over a network whose logits are a hash of what its blocks hold. */
class BatcherTest {
  private static final int VOCABULARY = 23;
  private static final int CONTEXT = 160;

  private final Schedules schedules =
      new Schedules(new dev.slipway.infer.LetterTokenizer(), VOCABULARY, CONTEXT);

  /**
   * Keeps each token in the place that its block gives it, and answers with a hash of all tokens up
   * to a position as they stand there: whoever reads or writes another's place answers otherwise.
   */
  private static final class HashNetwork implements BatchNetwork {
    private final int[] places;
    private final int fixedPiece;
    private boolean broken;
    private int rows;
    private int runs;
    private int largest;

    HashNetwork(int blocks, int fixedPiece) {
      places = new int[blocks * BLOCK];
      this.fixedPiece = fixedPiece;
    }

    @Override
    public int vocabularySize() {
      return VOCABULARY;
    }

    @Override
    public int context() {
      return CONTEXT;
    }

    @Override
    public int blocks() {
      return places.length / BLOCK;
    }

    @Override
    public int fixedPiece() {
      return fixedPiece;
    }

    @Override
    public List<float[]> run(List<Piece> pieces) {
      if (broken) {
        throw new IllegalStateException("the network broke");
      }
      List<float[]> logits = new ArrayList<>();
      int all = 0;
      for (Piece piece : pieces) {
        int count = piece.ids().length;
        all += count;
        // What a fixed cut gives depends on the cut, as a real network's sums do.
        int cut = fixedPiece > 0 ? 31 * piece.start() + count : 0;
        for (int i = 0; i < count; i++) {
          places[place(piece, piece.start() + i)] = 1000 * cut + piece.ids()[i];
        }
        for (int i = count - piece.wanted(); i < count; i++) {
          int hash = 17;
          for (int at = 0; at <= piece.start() + i; at++) {
            hash = 31 * hash + places[place(piece, at)];
          }
          logits.add(logits(hash));
        }
      }
      runs++;
      rows += all;
      largest = Math.max(largest, all);
      return logits;
    }

    private static int place(Piece piece, int position) {
      return piece.blocks()[position / BLOCK] * BLOCK + position % BLOCK;
    }

    private static float[] logits(int hash) {
      SplittableRandom random = new SplittableRandom(hash);
      float[] logits = new float[VOCABULARY];
      for (int i = 0; i < VOCABULARY; i++) {
        logits[i] = (float) random.nextDouble(8);
      }
      return logits;
    }

    @Override
    public void close() {}
  }

  private List<Generation> alone(int fixedPiece, List<GenerationRequest> requests) {
    List<Generation> answers = new ArrayList<>();
    for (GenerationRequest request : requests) {
      Batcher batcher =
          new Batcher(
              new HashNetwork(CONTEXT / BatchNetwork.BLOCK, fixedPiece),
              Batcher.Settings.DEFAULT.withPrefixCache(false));
      answers.add(schedules.alone(batcher, request));
    }
    return answers;
  }

  @Test
  void answersDependOnNothingButTheRequest() {
    long preemptions = 0;
    long hits = 0;
    for (int seed = 0; seed < 500; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int fixedPiece = random.nextBoolean() ? 0 : 32;
      List<GenerationRequest> requests = schedules.requests(random, 12);
      Batcher batcher =
          new Batcher(
              new HashNetwork(CONTEXT / BatchNetwork.BLOCK + random.nextInt(20), fixedPiece),
              new Batcher.Settings(
                  1 + random.nextInt(8),
                  1 + random.nextInt(90),
                  1 + random.nextInt(40),
                  random.nextInt(4) > 0,
                  random.nextBoolean() ? Drafting.NONE : new PromptLookup(1, 2, 4)));
      schedules.compare(batcher, random, requests, alone(fixedPiece, requests));
      preemptions += batcher.facts().preemptions();
      hits += batcher.facts().prefixHits();
    }
    assertThat(preemptions).isGreaterThan(50);
    assertThat(hits).isGreaterThan(1000);
  }

  private static GenerationRequest request(int promptLength, int maxTokens) {
    return GenerationRequest.of(
            new Prompt.Ids(IntStream.range(0, promptLength).map(i -> i % 20).boxed().toList()),
            maxTokens,
            Sampling.GREEDY)
        .withEosIds(List.of());
  }

  @Test
  void aRepeatedPromptIsNotComputedAgain() {
    HashNetwork network = new HashNetwork(40, 0);
    Batcher batcher = new Batcher(network, Batcher.Settings.DEFAULT);
    Generation first = schedules.alone(batcher, request(100, 3));
    int rows = network.rows;
    assertThat(schedules.alone(batcher, request(100, 3))).isEqualTo(first);
    assertThat(rows).isEqualTo(102);
    assertThat(network.rows - rows).isEqualTo(102 - 96);
    assertThat(batcher.facts().prefixQueries()).isEqualTo(200);
    assertThat(batcher.facts().prefixHits()).isEqualTo(96);
  }

  @Test
  void aLongPromptLetsOthersAnswerBetweenItsPieces() {
    HashNetwork network = new HashNetwork(40, 0);
    Batcher batcher = new Batcher(network, Batcher.Settings.DEFAULT.withRows(64, 8));
    Schedules.Heard answering = new Schedules.Heard(-1);
    schedules.begin(batcher, request(10, 60), answering);
    batcher.step();
    network.largest = 0;
    schedules.begin(batcher, request(100, 5), new Schedules.Heard(-1));
    int steps = 0;
    while (batcher.facts().running() == 2) {
      batcher.step();
      steps++;
    }
    assertThat(network.largest).isEqualTo(8);
    assertThat(steps).isGreaterThanOrEqualTo(100 / 7 + 5);
  }

  @Test
  void whatBreaksIsToldAndLeavesNothingBehind() {
    HashNetwork network = new HashNetwork(40, 0);
    Batcher batcher = new Batcher(network, Batcher.Settings.DEFAULT);
    Schedules.Heard heard = new Schedules.Heard(-1);
    schedules.begin(batcher, request(10, 60), heard);
    batcher.step();
    network.broken = true;
    batcher.step();
    assertThat(heard.failure).hasMessage("the network broke");
    assertThat(batcher.isIdle()).isTrue();
    assertThat(batcher.facts().cacheUse()).isZero();
    network.broken = false;
    assertThat(schedules.alone(batcher, request(10, 60)).ids()).hasSize(60);
  }

  @Test
  void whatFitsNowhereIsRefused() {
    Batcher batcher = new Batcher(new HashNetwork(4, 0), Batcher.Settings.DEFAULT);
    assertThat(batcher.context()).isEqualTo(64);
    assertThatThrownBy(() -> schedules.begin(batcher, request(50, 60), new Schedules.Heard(-1)))
        .hasMessageContaining("110 tokens can't be, expected at most 64");
  }

  /** A model that guesses for itself is always right, since it draws by the same numbers. */
  @Test
  void guessesForManyStreamsComeOfOnePassATokenAndAreDrawnAsTheAnswersAre() {
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      requests.add(
          GenerationRequest.of(
                  new Prompt.Ids(List.of(i + 1, 2 * i + 1, 7)),
                  60,
                  Sampling.GREEDY
                      .withTemperature(1.3)
                      .withTopP(0.95)
                      .withSeed(i)
                      .withRepetitionPenalty(1.2)
                      .withFrequencyPenalty(0.3))
              .withEosIds(List.of()));
    }
    HashNetwork network = new HashNetwork(60, 0);
    HashNetwork draft = new HashNetwork(60, 0);
    Batcher batcher =
        new Batcher(network, Batcher.Settings.DEFAULT.withDrafting(new ModelDrafting(draft, 3)));
    List<Schedules.Heard> heard = new ArrayList<>();
    for (GenerationRequest request : requests) {
      heard.add(new Schedules.Heard(-1));
      schedules.begin(batcher, request, heard.getLast());
    }
    while (!batcher.isIdle()) {
      batcher.step();
    }
    assertThat(heard).extracting(each -> each.generation).isEqualTo(alone(0, requests));
    // The guess that an answer ends with is not followed by another token.
    assertThat(batcher.facts().accepted())
        .isGreaterThanOrEqualTo(batcher.facts().drafted() - requests.size());
    assertThat(network.runs).isBetween(60 / 4, 60 / 4 + 10);
    assertThat(draft.runs).isLessThanOrEqualTo(3 * network.runs);
  }

  @Test
  void aModelOfFewBlocksGuessesForThoseThatItHasRoomFor() {
    List<GenerationRequest> requests =
        IntStream.range(10, 20).mapToObj(i -> request(i, 50)).toList();
    HashNetwork draft = new HashNetwork(11, 0);
    Batcher batcher =
        new Batcher(
            new HashNetwork(80, 0),
            Batcher.Settings.DEFAULT.withDrafting(new ModelDrafting(draft, 3)));
    List<Schedules.Heard> heard = new ArrayList<>();
    for (GenerationRequest request : requests) {
      heard.add(new Schedules.Heard(-1));
      schedules.begin(batcher, request, heard.getLast());
    }
    while (!batcher.isIdle()) {
      batcher.step();
    }
    assertThat(heard).extracting(each -> each.generation).isEqualTo(alone(0, requests));
    assertThat(batcher.facts().drafted()).isBetween(100L, 480L);
    assertThat(batcher.facts().accepted())
        .isGreaterThanOrEqualTo(batcher.facts().drafted() - requests.size());
  }

  /** What is new to the smaller model is read 256 tokens a pass; guesses come once all is read. */
  @Test
  void promptsThatTheSmallerModelReadsHoldNobodyUp() {
    HashNetwork network = new HashNetwork(60, 0);
    ModelDrafting drafting = new ModelDrafting(network, 2);
    List<Drafting.Beginning> three = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int first = i;
      int[] tokens = IntStream.range(0, 140).map(at -> (first + at) % 20).toArray();
      three.add(new Drafting.Beginning(tokens, 140, 4, () -> logits -> 1));
    }
    assertThat(drafting.draft(three))
        .extracting(guesses -> guesses.length)
        .containsExactly(2, 0, 0);
    assertThat(network.largest).isEqualTo(256);
    assertThat(drafting.draft(three))
        .extracting(guesses -> guesses.length)
        .containsExactly(2, 2, 2);
    assertThat(network.largest).isEqualTo(256);
  }

  @Test
  void wordsOfThePromptAreGuessedFromIt() {
    PromptLookup lookup = new PromptLookup(1, 3, 4);
    int[] tokens = {1, 2, 3, 9, 8, 7, 5, 2, 3, 9};
    assertThat(lookup.draft(tokens, 6, 4)).isEmpty();
    assertThat(lookup.draft(tokens, 9, 4)).containsExactly(9, 8, 7, 5);
    assertThat(lookup.draft(tokens, 9, 2)).containsExactly(9, 8);
    assertThat(lookup.draft(tokens, 10, 9)).containsExactly(8, 7, 5, 2);
    assertThat(lookup.draft(Arrays.copyOf(tokens, 1), 1, 4)).isEmpty();
  }
}
