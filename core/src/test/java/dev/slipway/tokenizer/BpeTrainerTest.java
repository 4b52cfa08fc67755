package dev.slipway.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Exit;
import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

final class BpeTrainerTest {
  private static final List<String> LINES =
      List.of(GeneratedStrings.resource("training.txt").split("(?<=\n)"));
  private static final List<String> GENERATED = new GeneratedStrings(7).next(5000);

  static Stream<JsonNode> trainings() {
    return GeneratedStrings.json("expected.json").path("trained").valueStream();
  }

  @ParameterizedTest
  @MethodSource("trainings")
  void learnsWhatHuggingFaceLearns(JsonNode expected) {
    List<String> specials = new ArrayList<>();
    expected.path("special_tokens").forEach(special -> specials.add(special.asString()));
    BpeConfig config =
        new BpeConfig(
            expected.path("vocabulary_size").asInt(),
            expected.path("minimum_frequency").asLong(),
            specials);
    List<String> corpus = expected.path("corpus").asString().equals("lines") ? LINES : GENERATED;

    BpeTokenizer tokenizer = BpeTrainer.train(corpus.iterator(), config);

    assertThat(Hashing.sha256(learnt(tokenizer))).isEqualTo(expected.path("sha256").asString());
  }

  @Test
  void readsTheSameTokenizerThatItLearns() {
    List<String> corpus = new ArrayList<>(LINES);
    corpus.addAll(GENERATED);
    BpeTokenizer trained = BpeTrainer.train(corpus.iterator(), BpeConfig.ofSize(1200));
    Tokenizer read = Tokenizers.of(GeneratedStrings.resource("tokenizer.json"), "the fixture");
    assertThat(trained.json()).isEqualTo(read.json());
    assertThat(trained.fingerprint()).isEqualTo(read.fingerprint());
    assertThat(trained.id(BpeConfig.END_OF_TEXT)).isZero();
  }

  @Test
  void dependsNeitherOnOrderNorOnThreads() {
    BpeConfig config = BpeConfig.ofSize(900);
    String expected = BpeTrainer.train(GENERATED.iterator(), config).json();
    List<String> shuffled = new ArrayList<>(GENERATED);
    for (int threads = 1; threads <= 4; threads++) {
      Collections.shuffle(shuffled, new Random(threads));
      BpeTokenizer tokenizer =
          BpeTrainer.train(shuffled.iterator(), config, threads, BpeTrainingListener.NONE);
      assertThat(tokenizer.json()).isEqualTo(expected);
    }
  }

  @Test
  void endsEarlyWhenNothingIsLeftToMerge() {
    BpeTokenizer tokenizer = BpeTrainer.train(List.of("ab ab").iterator(), BpeConfig.ofSize(5000));
    assertThat(tokenizer.vocabularySize()).isEqualTo(258);
    assertThat(tokenizer.token(257)).isEqualTo("ab");
    BpeTokenizer empty = BpeTrainer.train(Collections.emptyIterator(), BpeConfig.ofSize(5000));
    assertThat(empty.vocabularySize()).isEqualTo(257);
  }

  @Test
  void tellsHowFarItIs() {
    List<String> heard = new ArrayList<>();
    BpeTrainingListener listener =
        new BpeTrainingListener() {
          @Override
          public void counting(long documents, long characters) {
            heard.add(documents + " documents, " + characters + " characters");
          }

          @Override
          public void merging(int tokens, int vocabularySize) {
            heard.add(tokens + " of " + vocabularySize);
          }
        };
    BpeTrainer.train(List.of("abc abc", "x").iterator(), BpeConfig.ofSize(259), 1, listener);
    assertThat(heard).containsExactly("2 documents, 8 characters", "258 of 259", "259 of 259");
  }

  @Test
  void aFailureOfTheSourceIsNotSwallowed() {
    Iterator<String> broken =
        Stream.of("a")
            .map(
                text -> {
                  if (text.equals("a")) {
                    throw new IllegalStateException("the source broke");
                  }
                  return text;
                })
            .iterator();
    assertThatThrownBy(() -> BpeTrainer.train(broken, BpeConfig.ofSize(300)))
        .hasMessage("the source broke");
  }

  @Test
  void stopsWhenInterrupted() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> BpeTrainer.train(LINES.iterator(), BpeConfig.ofSize(300)))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.exit()).isEqualTo(Exit.INTERRUPTED));
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void refusesImpossibleSettings() {
    assertThatThrownBy(() -> BpeConfig.ofSize(256))
        .isInstanceOf(SlipwayException.class)
        .hasMessage(
            "the vocabulary is to have 256 tokens; choose a number from 257 (256 bytes and 1"
                + " special tokens) to 4194304");
    assertThatThrownBy(() -> BpeConfig.ofSize(300).withMinimumFrequency(-1))
        .hasMessageContaining("minimum frequency of a pair is -1");
    assertThatThrownBy(() -> BpeConfig.ofSize(300).withSpecialTokens(List.of("a", "a")))
        .hasMessageContaining("one twice");
  }

  private static String learnt(BpeTokenizer tokenizer) {
    String tokens =
        IntStream.range(0, tokenizer.vocabularySize())
            .mapToObj(tokenizer::token)
            .collect(Collectors.joining("\n"));
    JsonNode merges = Json.parse(tokenizer.json(), "json").path("model").path("merges");
    return tokens
        + "\n\n"
        + merges
            .valueStream()
            .map(merge -> merge.get(0).asString() + " " + merge.get(1).asString())
            .collect(Collectors.joining("\n"));
  }
}
