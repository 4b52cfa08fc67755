package dev.slipway.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.base.Json;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

final class ForeignTokenizerTest {
  private static final JsonNode FIXTURE = GeneratedStrings.json("foreign.json");
  private static final List<URI> CALLS = new ArrayList<>();
  private static ProxySelector selector = ProxySelector.getDefault();

  @BeforeAll
  static void listenToTheNetwork() {
    selector = ProxySelector.getDefault();
    ProxySelector.setDefault(
        new ProxySelector() {
          @Override
          public List<Proxy> select(URI uri) {
            CALLS.add(uri);
            return List.of(Proxy.NO_PROXY);
          }

          @Override
          public void connectFailed(URI uri, SocketAddress address, IOException e) {}
        });
  }

  @AfterAll
  static void letTheNetworkBe() {
    ProxySelector.setDefault(selector);
    assertThat(CALLS).isEmpty();
  }

  static Stream<String> names() {
    return FIXTURE.propertyNames().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void idsAndTextEqualHuggingFace(String name) {
    JsonNode expected = FIXTURE.path(name);
    Tokenizer tokenizer = Tokenizers.of(Json.line(expected.path("tokenizer")), name);
    assertThat(tokenizer).isInstanceOf(ForeignTokenizer.class);
    assertThat(tokenizer.vocabularySize()).isEqualTo(expected.path("vocabulary_size").asInt());
    GeneratedStrings strings = new GeneratedStrings(11);
    for (int i = 0; i < expected.path("ids").size(); i++) {
      String text = strings.next();
      int[] ids = expected.path("ids").get(i).valueStream().mapToInt(JsonNode::asInt).toArray();
      assertThat(tokenizer.encodeWithSpecialTokens(text)).as(text).containsExactly(ids);
      assertThat(tokenizer.decode(ids, true)).isEqualTo(expected.path("decoded").get(i).asString());
      StreamingDecoder decoder = tokenizer.streamingDecoder();
      StringBuilder streamed = new StringBuilder();
      for (int id : ids) {
        assertThat(tokenizer.id(tokenizer.token(id))).isEqualTo(id);
        String piece = decoder.next(id);
        assertThat(Utf8.wellFormed(piece)).isEqualTo(piece);
        streamed.append(piece);
      }
      streamed.append(decoder.finish());
      assertThat(streamed.toString()).isEqualTo(tokenizer.decode(ids, true));
      int special = tokenizer.specialIds().getFirst();
      assertThat(Arrays.stream(tokenizer.encode(text)).filter(id -> id == special).count())
          .isLessThanOrEqualTo(Arrays.stream(ids).filter(id -> id == special).count());
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void whatSpellsASpecialTokenCanBeTakenForText(String name) {
    Tokenizer tokenizer = Tokenizers.of(Json.line(FIXTURE.path(name).path("tokenizer")), name);
    for (int special : tokenizer.specialIds()) {
      String text = "int x " + tokenizer.token(special) + " y";
      assertThat(tokenizer.encode(text)).as(text).contains(special);
      if (!comesUnspelt(tokenizer.token(special))) {
        assertThat(tokenizer.encodeOrdinary(text)).as(text).doesNotContain(special);
      }
    }
    GeneratedStrings strings = new GeneratedStrings(12);
    for (int i = 0; i < 300; i++) {
      String text = strings.next();
      if (tokenizer.specialIds().stream().noneMatch(id -> text.contains(tokenizer.token(id)))) {
        assertThat(tokenizer.encodeOrdinary(text)).as(text).containsExactly(tokenizer.encode(text));
      }
    }
  }

  /** The unknown token and the bytes of unknown characters, which a text need not spell. */
  private static boolean comesUnspelt(String token) {
    return token.equals("[UNK]") || token.equals("<unk>") || token.startsWith("<0x");
  }

  @Test
  void givesTheIdsOfOurOwnEncoder() {
    String json = GeneratedStrings.resource("tokenizer.json");
    Tokenizer own = Tokenizers.of(json, "tokenizer.json");
    ForeignTokenizer library =
        ForeignTokenizer.of(json, Json.parse(json, "tokenizer.json"), "tokenizer.json");
    ForeignTokenizer rewritten =
        ForeignTokenizer.of(own.json(), Json.parse(own.json(), "own"), "own");
    assertThat(own).isInstanceOf(BpeTokenizer.class);
    GeneratedStrings strings = new GeneratedStrings(5);
    for (int i = 0; i < 2000; i++) {
      String text = strings.next() + (i % 7 == 0 ? "\uD83D" : "");
      int[] ids = own.encodeWithSpecialTokens(text);
      assertThat(library.encodeWithSpecialTokens(text)).containsExactly(ids);
      assertThat(rewritten.encodeWithSpecialTokens(text)).containsExactly(ids);
      assertThat(library.decode(ids, true)).isEqualTo(own.decode(ids, true));
      String spelt = text + "<|endoftext|>" + text;
      assertThat(library.encodeOrdinary(spelt)).containsExactly(own.encodeOrdinary(spelt));
    }
  }

  @Test
  void aMadeUpIdSequenceDecodesTheSameInOneGoAndStreamed() {
    String json = GeneratedStrings.resource("tokenizer.json");
    Tokenizer own = Tokenizers.of(json, "tokenizer.json");
    ForeignTokenizer library =
        ForeignTokenizer.of(json, Json.parse(json, "tokenizer.json"), "tokenizer.json");
    Random random = new Random(2);
    for (int i = 0; i < 2000; i++) {
      int[] ids = random.ints(1 + random.nextInt(20), 0, i % 2 == 0 ? 257 : 1200).toArray();
      assertThat(own.decode(ids, true)).isEqualTo(library.decode(ids, true));
      assertThat(own.decode(ids, false)).isEqualTo(library.decode(ids, false));
    }
  }
}
