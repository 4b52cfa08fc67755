package dev.slipway.data.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.augment.TextStep;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.Values;
import dev.slipway.data.table.Column;
import dev.slipway.data.table.Table;
import dev.slipway.data.table.TableExamples;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BagFeatureTest {
  private static final String[] CLASSES = {"bad", "good", "bad"};

  /** Of the fourth text nothing is learnt. */
  private static final TableExamples TEXTS =
      TableExamples.of(
          new Table(
              "",
              List.of(
                  new Column.Texts(
                      "text",
                      new String[] {"not good", "Good, good film", "not bad", "film plot"})),
              new int[4],
              List.of(),
              List.of()));

  private static final int[] TRAINING = {0, 1, 2};

  @Test
  void termsAreWordsAndRunsOfWordsOfTheTrainingTexts() {
    BagFeature feature = fit(100, 2, TermWeights.COUNT, false);
    assertThat(feature.terms())
        .containsExactly(
            "good", "not", "bad", "film", "good film", "good good", "not bad", "not good");
    assertThat(row(feature.encode(TEXTS), 1)).containsExactly(2, 0, 0, 1, 1, 1, 0, 0);
    assertThat(row(feature.encode(TEXTS), 3)).containsExactly(0, 0, 0, 1, 0, 0, 0, 0);
    assertThat(row(fit(2, 2, TermWeights.BINARY, false).encode(TEXTS), 1)).containsExactly(1, 0);
    assertThat(fit(100, 1, TermWeights.BINARY, false).shape().sizes()).containsExactly(4L);
  }

  /** By scikit-learn 1.9.1: TfidfVectorizer() of the three texts. */
  @Test
  void tfIdfIsThatOfScikitLearn() {
    float[] row = row(fit(100, 1, TermWeights.TF_IDF, true).encode(TEXTS), 1);
    double good = 2 * (Math.log(4.0 / 3) + 1);
    double film = Math.log(2) + 1;
    double length = Math.hypot(good, film);
    assertThat((double) row[0]).isCloseTo(good / length, within(1e-6));
    assertThat((double) row[3]).isCloseTo(film / length, within(1e-6));
    assertThat(Math.hypot(row[0], row[3])).isCloseTo(1, within(1e-6));
  }

  @Test
  void ratiosAreThoseOfTheTwoClasses() {
    float[] row = row(fit(100, 1, TermWeights.LOG_COUNT_RATIO, false).encode(TEXTS), 0);
    // good, not, bad, film: one and the texts of a class with them, over their sums 2+1+1+2 and
    // 2+3+2+1.
    assertThat((double) row[0]).isCloseTo(Math.log(2.0 / 6 / (2.0 / 8)), within(1e-6));
    assertThat((double) row[1]).isCloseTo(Math.log(1.0 / 6 / (3.0 / 8)), within(1e-6));
    assertThat(row[2]).isZero();
    SlipwayException problem =
        catchThrowableOfType(
            SlipwayException.class,
            () ->
                config(9, 1, TermWeights.LOG_COUNT_RATIO, false)
                    .fit(TEXTS, TRAINING, () -> i -> "class " + i));
    assertThat(problem.line()).contains("data.term-weights", "came one of 3", "tf-idf");
  }

  @Test
  void aTextOfNothingKnownIsZeros() {
    for (TermWeights weights : TermWeights.values()) {
      assertThat(row(fit(1, 1, weights, true).encode(TEXTS), 3)).containsExactly(0);
    }
  }

  @Test
  void comesBackFromItsFile() {
    BagFeature feature = fit(100, 2, TermWeights.LOG_COUNT_RATIO, true);
    assertThat(Json.parse(Json.write(feature), "own", Feature.class)).isEqualTo(feature);
    Encoded encoded = feature.encode(TEXTS);
    Draw[] draws = {new Draw(1, 0, 1)};
    assertThat(((Values.Floats) encoded.gather(new int[] {1}, draws)).values())
        .isEqualTo(row(encoded, 1));
  }

  @Test
  void textsAreChangedWhileTheyAreLearnt() {
    Encoded encoded =
        fit(100, 1, TermWeights.BINARY, false)
            .encode(TEXTS, new Augmented(List.of(new TextStep.WordDrop(0.9)), 0));
    assertThat(row(encoded, 1)).containsExactly(1, 0, 0, 1);
    int kept = 0;
    for (int epoch = 0; epoch < 20; epoch++) {
      Values drawn = encoded.gather(new int[] {1}, new Draw[] {new Draw(1, epoch, 1)});
      for (float value : ((Values.Floats) drawn).values()) {
        kept += (int) value;
      }
    }
    assertThat(kept).isBetween(1, 30);
  }

  private static FeatureConfig.BagOfWords config(
      int size, int ngrams, TermWeights weights, boolean unitLength) {
    return new FeatureConfig.BagOfWords(
        size, ngrams, weights, unitLength, Words.LETTERS, 1, Optional.empty(), "text");
  }

  private static BagFeature fit(int size, int ngrams, TermWeights weights, boolean unitLength) {
    return (BagFeature)
        config(size, ngrams, weights, unitLength).fit(TEXTS, TRAINING, () -> i -> CLASSES[i]);
  }

  private static float[] row(Encoded encoded, int example) {
    return ((Values.Floats) encoded.gather(new int[] {example}, null)).values();
  }
}
