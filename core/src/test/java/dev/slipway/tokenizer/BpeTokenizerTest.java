package dev.slipway.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Hashing;
import dev.slipway.base.SlipwayException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

final class BpeTokenizerTest {
  private static final Tokenizer TOKENIZER =
      Tokenizers.of(GeneratedStrings.resource("tokenizer.json"), "tokenizer.json");
  private static final JsonNode EXPECTED = GeneratedStrings.json("expected.json");

  @Test
  void idsEqualHuggingFaceOnGeneratedStrings() {
    assertThat(TOKENIZER).isInstanceOf(BpeTokenizer.class);
    GeneratedStrings strings = new GeneratedStrings(1);
    JsonNode shown = EXPECTED.path("ids");
    JsonNode blocks = EXPECTED.path("blocks");
    assertThat(blocks.size()).isGreaterThanOrEqualTo(100);
    for (int block = 0; block < blocks.size(); block++) {
      List<String> texts = strings.next(1000);
      List<int[]> encoded = new ArrayList<>();
      for (String text : texts) {
        encoded.add(TOKENIZER.encode(text));
      }
      for (int i = 0; block == 0 && i < shown.size(); i++) {
        int[] expected = shown.get(i).valueStream().mapToInt(JsonNode::asInt).toArray();
        assertThat(encoded.get(i)).as(texts.get(i)).containsExactly(expected);
      }
      assertThat(digest(encoded)).as("block %d", block).startsWith(blocks.get(block).asString());
      for (int i = 0; i < texts.size(); i++) {
        assertThat(TOKENIZER.decode(encoded.get(i), false)).isEqualTo(texts.get(i));
      }
    }
  }

  static Stream<JsonNode> longTexts() {
    return EXPECTED.path("long").valueStream();
  }

  @ParameterizedTest
  @MethodSource("longTexts")
  void idsEqualHuggingFaceOnAMegabyteOfOneCharacter(JsonNode expected) {
    String unit = expected.path("unit").asString();
    String text = unit.repeat(1_000_000 / unit.getBytes(StandardCharsets.UTF_8).length);
    int[] ids = TOKENIZER.encode(text);
    assertThat(digest(List.of(ids))).isEqualTo(expected.path("sha256").asString());
    assertThat(TOKENIZER.decode(ids, true)).isEqualTo(text);
  }

  @Test
  void aBatchIsWhatItsTextsAre() {
    List<String> texts = new GeneratedStrings(3).next(5000);
    List<int[]> batch = TOKENIZER.encodeBatch(texts, true);
    assertThat(batch).hasSameSizeAs(texts);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(batch.get(i)).containsExactly(TOKENIZER.encodeWithSpecialTokens(texts.get(i)));
      assertThat(batch.get(i)[0]).isZero();
    }
  }

  @Test
  void specialTokensInATextAreTheirIdsAndCanBeLeftOutOfADecodedOne() {
    int[] ids = TOKENIZER.encode("a<|endoftext|>b");
    assertThat(ids).containsExactly(TOKENIZER.id("a"), 0, TOKENIZER.id("b"));
    assertThat(TOKENIZER.decode(ids, true)).isEqualTo("ab");
    assertThat(TOKENIZER.decode(ids, false)).isEqualTo("a<|endoftext|>b");
    assertThat(TOKENIZER.specialIds()).containsExactly(0);
    assertThat(TOKENIZER.encodeWithSpecialTokens("")).containsExactly(0);
    assertThat(TOKENIZER.encode("")).isEmpty();
  }

  @Test
  void whatSpellsASpecialTokenCanBeTakenForTextAsHuggingFaceDoes() {
    assertThat(EXPECTED.path("ordinary").size()).isGreaterThanOrEqualTo(5);
    List<String> texts = new ArrayList<>();
    for (JsonNode expected : EXPECTED.path("ordinary")) {
      String text = expected.path("text").asString();
      int[] ids = expected.path("ids").valueStream().mapToInt(JsonNode::asInt).toArray();
      assertThat(TOKENIZER.encodeOrdinary(text)).as(text).containsExactly(ids).doesNotContain(0);
      assertThat(TOKENIZER.decode(ids, true)).isEqualTo(text);
      texts.add(text);
    }
    for (String text : new GeneratedStrings(4).next(5000)) {
      texts.add(text + "<|endoftext|>" + text);
    }
    List<int[]> batch = TOKENIZER.encodeOrdinaryBatch(texts);
    assertThat(batch).hasSameSizeAs(texts);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(batch.get(i))
          .containsExactly(TOKENIZER.encodeOrdinary(texts.get(i)))
          .doesNotContain(0);
      assertThat(TOKENIZER.decode(batch.get(i), true)).isEqualTo(texts.get(i));
    }
  }

  @Test
  void anUnpairedSurrogateIsTakenForTheReplacementCharacter() {
    for (String text : List.of("\uD800", "a\uDC00b", "\uDC00\uD800", "?\uD83D?", "é\uD83D")) {
      String expected = text.replaceAll("[\uD800-\uDFFF]", "\uFFFD");
      assertThat(TOKENIZER.encode(text)).containsExactly(TOKENIZER.encode(expected));
      assertThat(TOKENIZER.decode(TOKENIZER.encode(text), true)).isEqualTo(expected);
    }
  }

  @Test
  void streamingNeverSplitsACodePoint() {
    String text = "né 👨‍👩‍👧‍👦 你好 \uD842\uDFB7<|endoftext|> end";
    int[] bytes = bytesAsIds(text.replace("<|endoftext|>", ""));
    StreamingDecoder decoder = TOKENIZER.streamingDecoder();
    StringBuilder decoded = new StringBuilder();
    for (int id : bytes) {
      String piece = decoder.next(id);
      assertThat(Utf8.wellFormed(piece)).isEqualTo(piece).doesNotContain("\uFFFD");
      decoded.append(piece);
    }
    assertThat(decoded.append(decoder.finish()).toString())
        .isEqualTo(text.replace("<|endoftext|>", ""));
  }

  @Test
  void whatIsNoUtf8BecomesReplacementCharacters() {
    // The examples of Unicode 16.0, section 3.9, tables 3-8 to 3-11.
    assertThat(decoded(0xC0, 0xAF, 0xE0, 0x80, 0xBF, 0xF0, 0x81, 0x82, 0x41))
        .isEqualTo("\uFFFD".repeat(8) + "A");
    assertThat(decoded(0xED, 0xA0, 0x80, 0xED, 0xBF, 0xBF, 0xED, 0xAF, 0x41))
        .isEqualTo("\uFFFD".repeat(8) + "A");
    assertThat(decoded(0xF4, 0x91, 0x92, 0x93, 0xFF, 0x41, 0x80, 0xBF, 0x42))
        .isEqualTo("\uFFFD".repeat(5) + "A\uFFFD\uFFFDB");
    assertThat(decoded(0xE1, 0x80, 0xE2, 0xF0, 0x91, 0x92, 0xF1, 0xBF, 0x41))
        .isEqualTo("\uFFFD".repeat(4) + "A");
    assertThat(decoded(0xF0, 0x9F, 0x98)).isEqualTo("\uFFFD");
  }

  @Test
  void anIdThatIsNoneOfItsTokensIsRefused() {
    assertThatThrownBy(() -> TOKENIZER.decode(new int[] {5, 1200}, true))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("the id 1200 is none of the tokenizer's 1200 tokens");
    assertThatThrownBy(() -> TOKENIZER.token(-1)).isInstanceOf(SlipwayException.class);
    assertThat(TOKENIZER.id("no such token")).isEqualTo(-1);
  }

  private static String decoded(int... bytes) {
    int[] ids = IntStream.of(bytes).map(b -> TOKENIZER.id(ByteAlphabet.spell(b))).toArray();
    StreamingDecoder decoder = TOKENIZER.streamingDecoder();
    StringBuilder streamed = new StringBuilder();
    for (int id : ids) {
      streamed.append(decoder.next(id));
    }
    streamed.append(decoder.finish());
    assertThat(streamed.toString()).isEqualTo(TOKENIZER.decode(ids, true));
    return streamed.toString();
  }

  private static int[] bytesAsIds(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return IntStream.range(0, bytes.length)
        .map(i -> TOKENIZER.id(ByteAlphabet.spell(bytes[i] & 0xFF)))
        .toArray();
  }

  private static String digest(List<int[]> idLists) {
    MessageDigest digest = Hashing.digest();
    for (int[] ids : idLists) {
      ByteBuffer buffer = ByteBuffer.allocate(4 * ids.length + 4).putInt(ids.length);
      IntStream.of(ids).forEach(buffer::putInt);
      digest.update(buffer.array());
    }
    return Hashing.hex(digest.digest());
  }
}
