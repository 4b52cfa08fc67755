package dev.slipway.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Files that are nearly a tokenizer.json: refused in a sentence, or they work; nothing crashes. */
final class BrokenTokenizersTest {
  private static final JsonNode FIXTURE = GeneratedStrings.json("foreign.json");
  private static final int FILES = 250;

  private static ObjectNode tokenizer(String name) {
    return (ObjectNode) FIXTURE.path(name).path("tokenizer").deepCopy();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/post_processor/special_tokens/[CLS]|null|none of its special_tokens",
        "/post_processor/special_tokens/[SEP]/ids|[]|not as many ids as tokens",
        "/post_processor/special_tokens/[SEP]/ids|[99999]|which is no token's",
        "/post_processor/special_tokens/[SEP]/id|\"[CLS]\"|by another name inside",
        "/post_processor/single|[{\"Sequence\":{\"id\":\"B\",\"type_id\":0}}]|puts in the text",
        "/post_processor/single|[{\"Word\":1}]|a piece that is unknown",
        "/model/unk_token|\"[NONE]\"|lacks the unk_token",
        "/model/vocab/[UNK]|-1|expected 0 to",
        "/model/vocab/[UNK]|4294967296|no whole number",
        "/model/vocab/[UNK]|0.5|no whole number",
        "/model/vocab|{}|no \"model\" with a \"vocab\"",
        "/added_tokens/0/content|\"\"|has no content",
        "/model/type|\"Guess\"|known are"
      })
  void whatWouldEndTheProcessIsRefused(String path, String value, String sentence) {
    ObjectNode root = tokenizer("word_piece");
    int last = path.lastIndexOf('/');
    JsonNode parent = root.at(path.substring(0, last));
    String key = path.substring(last + 1);
    if (value.equals("null")) {
      ((ObjectNode) parent).remove(key);
    } else {
      ((ObjectNode) parent).set(key, Json.parse(value, "the test"));
    }
    if (value.equals("{}")) {
      sentence = "unk_token";
    }
    assertThatThrownBy(() -> Tokenizers.of(Json.line(root), "some.json"))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("some.json")
        .hasMessageContaining(sentence);
  }

  @Test
  void damagedMapsOfCharactersAreRefused() {
    byte[] map = Base64.getDecoder().decode(GeneratedStrings.resource("charsmap.b64").strip());
    assertThat(CharsMapCheck.isSound(Base64.getEncoder().encodeToString(map))).isTrue();
    ObjectNode root = tokenizer("unigram");
    Random random = new Random(4);
    int refused = 0;
    for (int i = 0; i < 60; i++) {
      byte[] changed = map.clone();
      for (int j = 0; j <= i; j++) {
        changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      }
      String encoded = Base64.getEncoder().encodeToString(changed);
      root.putObject("normalizer").put("type", "Precompiled").put("precompiled_charsmap", encoded);
      try {
        Tokenizer tokenizer = Tokenizers.of(Json.line(root), "some.json");
        tokenizer.encode("\uFF21\uFF22 \u00BD \u2460 \u8239 e\u0301 \uFB01x \u3000 \u1E9B");
      } catch (SlipwayException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(1, 59);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"\\ud800\": true}|half a character, \\ud800",
        "[\"\\udc00\\ud83d\"]|half a character, \\udc00",
        "1e400|beyond what a double holds"
      })
  void whatTheLibraryCannotReadASecondTimeIsRefused(String value, String sentence) {
    assertDecoderIsRefused(value, sentence);
  }

  @Test
  void whatNestsTooDeepIsRefused() {
    assertDecoderIsRefused("[".repeat(100) + "]".repeat(100), "deeper than 64 levels");
  }

  private static void assertDecoderIsRefused(String value, String sentence) {
    String line =
        Json.line(tokenizer("word_piece"))
            .replaceFirst("\"decoder\":\\{", "\"decoder\":{\"more\":VALUE,")
            .replace("VALUE", value);
    assertThatThrownBy(() -> Tokenizers.of(line, "some.json"))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("some.json")
        .hasMessageContaining(sentence);
  }

  @Test
  void decodersThatStripEndsAreRefused() {
    ObjectNode root = tokenizer("byte_fallback");
    ((ObjectNode) root.at("/decoder/decoders/3")).put("stop", 1);
    assertThatThrownBy(() -> Tokenizers.of(Json.line(root), "some.json"))
        .hasMessageContaining("stop 1");
  }

  @Test
  void mergesThatLackTheirPrefixAreRefused() {
    ObjectNode root = tokenizer("byte_fallback");
    ((ObjectNode) root.path("model")).put("continuing_subword_prefix", "<unk>");
    assertThatThrownBy(() -> Tokenizers.of(Json.line(root), "some.json"))
        .hasMessageContaining("continuing_subword_prefix");
  }

  @Test
  void aModelWithoutAnUnknownTokenSaysWhatItMet() {
    ObjectNode root = tokenizer("unigram");
    ((ObjectNode) root.path("model")).remove("unk_id");
    Tokenizer tokenizer = Tokenizers.of(Json.line(root), "some.json");
    assertThatThrownBy(() -> tokenizer.encode("\u8239"))
        .isInstanceOf(SlipwayException.class)
        .satisfies(e -> assertThat(((SlipwayException) e).code()).isEqualTo("tokenizer.failed"));
  }

  @Test
  void changedFilesWorkOrAreRefused() {
    Random random = new Random(20);
    List<String> names = new ArrayList<>(FIXTURE.propertyNames());
    int working = 0;
    for (int i = 0; i < FILES; i++) {
      ObjectNode root = tokenizer(names.get(random.nextInt(names.size())));
      for (int j = random.nextInt(3); j >= 0; j--) {
        change(root, random);
      }
      String json = Json.line(root);
      if (random.nextInt(8) == 0) {
        json = json.substring(0, random.nextInt(json.length()));
      }
      try {
        Tokenizer tokenizer = Tokenizers.of(json, "file " + i);
        for (String text : List.of("Hello wörld, \u8239 [CLS] <s>", "", "  a\u0000b\uFFFD")) {
          int[] ids = tokenizer.encodeWithSpecialTokens(text);
          tokenizer.encodeOrdinary(text);
          StreamingDecoder decoder = tokenizer.streamingDecoder();
          for (int id : ids) {
            decoder.next(id);
          }
          decoder.finish();
        }
        working++;
      } catch (SlipwayException e) {
        assertThat(e.code()).matches("(tokenizer|json)\\.[a-z-]+");
        assertThat(e.getMessage()).doesNotContain("\n");
      }
    }
    assertThat(working).isBetween(FILES / 20, FILES * 19 / 20);
  }

  private static void change(JsonNode root, Random random) {
    JsonNode at = root;
    for (int depth = 0; depth < 8 && random.nextInt(3) > 0; depth++) {
      List<JsonNode> inner =
          at.valueStream().filter(node -> node.isContainer() && !node.isEmpty()).toList();
      if (!inner.isEmpty()) {
        at = inner.get(random.nextInt(inner.size()));
      }
    }
    List<Object> values =
        List.of(-1, 3, 4294967295L, 1e300, "", "x", "(((", true, List.of(), Map.of());
    JsonNode value = Json.tree(values.get(random.nextInt(values.size())));
    if (at instanceof ObjectNode object) {
      List<String> keys = new ArrayList<>(object.propertyNames());
      String key = keys.get(random.nextInt(keys.size()));
      switch (random.nextInt(3)) {
        case 0 -> object.remove(key);
        case 1 -> object.set(key, value);
        default -> object.set(key, object.get(keys.get(random.nextInt(keys.size()))));
      }
    } else if (at instanceof ArrayNode array) {
      int index = random.nextInt(array.size());
      switch (random.nextInt(3)) {
        case 0 -> array.remove(index);
        case 1 -> array.set(index, value);
        default -> array.add(array.get(index));
      }
    }
  }
}
