package dev.slipway.eval.yardstick;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class NgramModelTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 7, 12})
  void equalsTheFormulaWrittenDownNaively(int order) throws IOException {
    JsonNode fixture = fixture();
    NgramModel model = NgramModel.train(documents(fixture.get("training")), order);
    List<byte[]> heldOut = documents(fixture.get("heldOut"));
    JsonNode expected = fixture.get("orders").get(Integer.toString(order));
    for (int i = 0; i < heldOut.size(); i++) {
      assertThat(model.nats(heldOut.get(i))).isCloseTo(expected.get(i).asDouble(), within(1e-4));
    }
  }

  @Property(tries = 60)
  void probabilitiesSumToOne(
      @ForAll @Size(max = 6) List<@Size(max = 40) List<@IntRange(max = 3) Integer>> training,
      @ForAll @Size(max = 12) List<@IntRange(max = 4) Integer> beginning,
      @ForAll @IntRange(min = 1, max = 20) int order) {
    List<byte[]> documents = training.stream().map(NgramModelTest::bytes).toList();
    double[] p = NgramModel.train(documents, order).probabilities(bytes(beginning));
    assertThat(Arrays.stream(p).sum()).isCloseTo(1.0, within(1e-6));
    assertThat(Arrays.stream(p).min().orElseThrow()).isPositive();
  }

  @Test
  void sumsToOneAfterFrequentContextsToo() throws IOException {
    NgramModel model = NgramModel.train(documents(fixture().get("training")), 6);
    for (String beginning : List.of("", "t", "the", "the sh", "zzz", "ship sails the ")) {
      double[] p = model.probabilities(beginning.getBytes(UTF_8));
      assertThat(Arrays.stream(p).sum()).isCloseTo(1.0, within(1e-6));
    }
  }

  @Test
  void contextHelps() throws IOException {
    List<byte[]> training = documents(fixture().get("training"));
    List<byte[]> heldOut = documents(fixture().get("heldOut")).subList(0, 1);
    double order1 = Yardsticks.ngram(training, heldOut, 1, 1).bitsPerByte();
    double order4 = Yardsticks.ngram(training, heldOut, 4, 1).bitsPerByte();
    assertThat(order1).isBetween(3.5, 5.0);
    assertThat(order4).isLessThan(0.6 * order1);
  }

  @Test
  void orderOneWithoutTextIsUniform() {
    NgramModel model = NgramModel.train(List.of(), 1);
    assertThat(model.nats(new byte[] {1, 2, 3})).isCloseTo(4 * Math.log(256), within(1e-12));
    assertThatThrownBy(() -> NgramModel.train(List.of(), 0)).hasMessageContaining("order is 0");
  }

  @Test
  void documentsDoNotSeeEachOther() {
    NgramModel model =
        NgramModel.train(List.of("abcabcabc".getBytes(UTF_8), "xyzxyz".getBytes(UTF_8)), 8);
    double alone = model.nats("abc".getBytes(UTF_8));
    model.nats("xyzabc".getBytes(UTF_8));
    assertThat(model.nats("abc".getBytes(UTF_8))).isEqualTo(alone);
  }

  private static byte[] bytes(List<Integer> values) {
    byte[] bytes = new byte[values.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) ('a' + values.get(i));
    }
    return bytes;
  }

  private static List<byte[]> documents(JsonNode texts) {
    List<byte[]> documents = new ArrayList<>();
    for (JsonNode text : texts) {
      documents.add(text.asString().getBytes(UTF_8));
    }
    return documents;
  }

  private static JsonNode fixture() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            NgramModelTest.class.getResourceAsStream("/dev/slipway/eval/ngram.json"))) {
      return Json.MAPPER.readTree(in.readAllBytes());
    }
  }
}
