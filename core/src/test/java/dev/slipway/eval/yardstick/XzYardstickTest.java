package dev.slipway.eval.yardstick;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class XzYardstickTest {
  @Test
  void noiseNeedsAllItsBitsAndZerosNone() {
    byte[] noise = new byte[40_000];
    new Random(1).nextBytes(noise);
    assertThat(Yardsticks.xz(List.of(noise)).bitsPerByte()).isBetween(8.0, 8.05);
    assertThat(Yardsticks.xz(List.of(new byte[40_000])).bitsPerByte()).isLessThan(0.05);
  }

  @Test
  void textSeenBeforeCostsLittleAndTheSameAsByTheDifferenceOfTwoFiles() {
    List<byte[]> training = documents(1, 60);
    List<byte[]> heldOut = documents(2, 10);
    long difference =
        XzYardstick.compressedSize(join(training, heldOut)) - XzYardstick.compressedSize(training);
    long after = XzYardstick.compressedSizeAfter(training, heldOut);
    assertThat(after).isBetween(difference - 40, difference + 40);

    Yardstick alone = Yardsticks.xz(heldOut);
    Yardstick given = Yardsticks.xzGivenTraining(training, heldOut, 1 << 20);
    assertThat(given.bitsPerByte()).isLessThan(alone.bitsPerByte());
    assertThat(Yardsticks.xzGivenTraining(heldOut, heldOut, 1 << 20).bitsPerByte())
        .isLessThan(0.1 * alone.bitsPerByte());
    assertThat(given.saw()).startsWith("all ");
  }

  @Test
  void aCapOnTheTrainingTextIsSaid() {
    List<byte[]> training = documents(1, 10);
    long lastTwo = training.get(8).length + training.get(9).length;
    assertThat(XzYardstick.tail(training, lastTwo)).isEqualTo(training.subList(8, 10));
    assertThat(XzYardstick.tail(training, 0)).isEmpty();
    assertThat(Yardsticks.xzGivenTraining(training, documents(2, 1), lastTwo).saw())
        .startsWith("the last ");
  }

  @Test
  void allOfThemTellAsTheyAreReady() {
    List<String> told = new ArrayList<>();
    List<Yardstick> all =
        Yardsticks.all(
            documents(1, 20), documents(2, 5), 1, 32 << 20, done -> told.add(done.name()));
    assertThat(all)
        .extracting(Yardstick::name)
        .containsExactly("16-gram of bytes", "xz -9e", "xz -9e after the training text");
    assertThat(told).hasSize(3).contains("16-gram of bytes");
    assertThat(all).allSatisfy(y -> assertThat(y.bitsPerByte()).isBetween(1.0, 5.0));
  }

  private static List<byte[]> join(List<byte[]> first, List<byte[]> then) {
    List<byte[]> all = new ArrayList<>(first);
    all.addAll(then);
    return all;
  }

  private static List<byte[]> documents(long seed, int count) {
    Random random = new Random(seed);
    List<byte[]> documents = new ArrayList<>();
    for (int d = 0; d < count; d++) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < 200; i++) {
        text.append("word").append(Integer.toString(random.nextInt(400), 36)).append(' ');
      }
      documents.add(text.toString().getBytes(UTF_8));
    }
    return documents;
  }
}
