package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.platform.engine.TokenBytes;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextOffsetsTest {
  /** Of tokens as a service shows them. */
  private static List<Integer> places(String... tokens) {
    TextOffsets offsets = new TextOffsets();
    List<Integer> places = new ArrayList<>();
    for (String token : tokens) {
      places.add(offsets.next(TokenBytes.of(token)));
    }
    return places;
  }

  @Test
  void charactersAreCountedAsPythonCountsThem() {
    assertThat(places("a", " ship", "ß", "😀", "!")).containsExactly(0, 1, 6, 7, 8);
  }

  /** € is three bytes, of which a token has one, another two. */
  @Test
  void tokensWithinACharacterBeginWhereItDoes() {
    assertThat(places("a", "bytes:\\xe2", "bytes:\\x82\\xac", "b")).containsExactly(0, 1, 1, 2);
    assertThat(places("bytes:\\xe2\\x82", "bytes:\\xac\\x21", "b")).containsExactly(0, 0, 2);
  }

  /** As decoding has it: each beginning of a character that comes to nothing is one U+FFFD. */
  @Test
  void bytesThatAreNoCharacterCountAsWhatStandsForThem() {
    assertThat(places("bytes:\\xe2", "b", "bytes:\\xff", "c")).containsExactly(0, 0, 2, 3);
  }

  @Test
  void bytesOfSentencePieceAreShownAsBytes() {
    assertThat(TokenBytes.escaped("<0xE2>")).isEqualTo("bytes:\\xe2");
    assertThat(TokenBytes.of("bytes: 3")).hasSize(8);
  }
}
