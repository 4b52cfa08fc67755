package dev.slipway.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Each kind of tokenizer.json with added tokens of every setting, against Hugging Face's: fixtures
 * by {@code reference/foreign_tokenizers.py}.
 */
final class AddedTokensOfKindsTest {
  private static final JsonNode FIXTURE = fixture();

  private static JsonNode fixture() {
    try (InputStream packed =
            Objects.requireNonNull(
                AddedTokensOfKindsTest.class.getResourceAsStream("added.json.gz"));
        InputStream content = new GZIPInputStream(packed)) {
      return Json.parse(
          new String(content.readAllBytes(), StandardCharsets.UTF_8), "added.json.gz");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Stream<String> kinds() {
    return FIXTURE.path("kinds").propertyNames().stream();
  }

  private static Tokenizer open(String kind) {
    return Tokenizers.of(Json.line(FIXTURE.path("kinds").path(kind).path("tokenizer")), kind);
  }

  private static int[] ints(JsonNode array) {
    return array.valueStream().mapToInt(JsonNode::asInt).toArray();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void idsAndTextsEqualHuggingFaces(String kind) {
    JsonNode expected = FIXTURE.path("kinds").path(kind);
    Tokenizer tokenizer = open(kind);
    assertThat(tokenizer.vocabularySize()).isEqualTo(expected.path("vocabulary_size").asInt());
    List<String> texts = FIXTURE.path("texts").valueStream().map(JsonNode::stringValue).toList();
    List<int[]> batch = tokenizer.encodeBatch(texts, true);
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      int[] ids = ints(expected.path("ids").get(i));
      assertThat(tokenizer.encodeWithSpecialTokens(text)).as(text).containsExactly(ids);
      assertThat(batch.get(i)).as(text).containsExactly(ids);
      assertThat(tokenizer.encode(text))
          .as(text)
          .containsExactly(ints(expected.path("bare").get(i)));
      assertThat(tokenizer.decode(ids, true)).isEqualTo(expected.path("decoded").get(i).asString());
      assertThat(tokenizer.decode(ids, false)).isEqualTo(expected.path("whole").get(i).asString());
      streamsAsItDecodes(tokenizer, ids);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void pairsHaveTheirTypes(String kind) {
    JsonNode expected = FIXTURE.path("kinds").path(kind);
    Tokenizer tokenizer = open(kind);
    for (int i = 0; i < expected.path("pairs").size(); i++) {
      EncodedPair pair =
          tokenizer.encodePair(
              FIXTURE.path("texts").get(i).stringValue(),
              FIXTURE.path("texts").get(i + 1).stringValue());
      assertThat(pair.ids()).containsExactly(ints(expected.path("pairs").get(i)));
      assertThat(pair.typeIds()).containsExactly(ints(expected.path("types").get(i)));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void aLimitLeavesOutTheTextsLastIds(String kind) {
    Tokenizer tokenizer = open(kind);
    for (JsonNode node : FIXTURE.path("texts")) {
      String text = node.stringValue();
      int[] whole = tokenizer.encodeWithSpecialTokens(text);
      int[] bare = tokenizer.encode(text);
      for (int longest = whole.length - bare.length; longest <= whole.length; longest++) {
        int kept = longest - (whole.length - bare.length);
        int[] cut = tokenizer.encodeWithSpecialTokens(text, longest);
        assertThat(cut).hasSize(longest);
        int before = cutBegin(whole, bare);
        assertThat(Arrays.copyOfRange(cut, before, before + kept))
            .containsExactly(Arrays.copyOf(bare, kept));
        assertThat(Arrays.copyOfRange(cut, before + kept, longest))
            .containsExactly(Arrays.copyOfRange(whole, before + bare.length, whole.length));
      }
    }
  }

  private static int cutBegin(int[] whole, int[] bare) {
    return IntStream.rangeClosed(0, whole.length - bare.length)
        .filter(at -> Arrays.equals(whole, at, at + bare.length, bare, 0, bare.length))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void madeUpIdsDecodeAsHuggingFacesAndLoseNothingStreamed(String kind) {
    JsonNode expected = FIXTURE.path("kinds").path(kind);
    Tokenizer tokenizer = open(kind);
    for (int i = 0; i < expected.path("made_up").size(); i++) {
      int[] ids = ints(expected.path("made_up").get(i));
      String text = tokenizer.decode(ids, true);
      assertThat(text).isEqualTo(expected.path("made_up_decoded").get(i).asString());
      if (!text.contains("\uFFFD")) {
        streamsAsItDecodes(tokenizer, ids);
      }
    }
  }

  private static void streamsAsItDecodes(Tokenizer tokenizer, int[] ids) {
    StreamingDecoder decoder = tokenizer.streamingDecoder();
    StringBuilder streamed = new StringBuilder();
    for (int id : ids) {
      String piece = decoder.next(id);
      assertThat(Utf8.wellFormed(piece)).isEqualTo(piece);
      streamed.append(piece);
    }
    streamed.append(decoder.finish());
    assertThat(streamed.toString()).isEqualTo(tokenizer.decode(ids, true));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void rubbishBytesHoldNoLaterTextBack(String kind) {
    Tokenizer tokenizer = open(kind);
    int[] sails = tokenizer.encode("sails 船");
    Random random = new Random(3);
    int[] bytes =
        IntStream.range(0, tokenizer.vocabularySize())
            .filter(id -> tokenizer.decode(new int[] {id}, true).equals("\uFFFD"))
            .toArray();
    if (bytes.length == 0) {
      bytes = sails;
    }
    for (int length : new int[] {1, 3, 5, 70, 300}) {
      StreamingDecoder decoder = tokenizer.streamingDecoder();
      StringBuilder streamed = new StringBuilder();
      for (int id : sails) {
        streamed.append(decoder.next(id));
      }
      for (int i = 0; i < length; i++) {
        streamed.append(decoder.next(bytes[random.nextInt(bytes.length)]));
      }
      int given = streamed.length();
      for (int id : sails) {
        streamed.append(decoder.next(id));
      }
      streamed.append(decoder.finish());
      assertThat(streamed.substring(given)).endsWith(tokenizer.decode(sails, true).strip());
      assertThat(Utf8.wellFormed(streamed.toString())).isEqualTo(streamed.toString());
    }
  }
}
