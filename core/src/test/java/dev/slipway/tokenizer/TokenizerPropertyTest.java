package dev.slipway.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

final class TokenizerPropertyTest {
  private static final Tokenizer TOKENIZER =
      Tokenizers.of(GeneratedStrings.resource("tokenizer.json"), "tokenizer.json");
  private static final BpeConfig CONFIG = BpeConfig.ofSize(400).withMinimumFrequency(1);

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> codePoints =
        Arbitraries.integers()
            .between(0, Character.MAX_CODE_POINT)
            .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
            .map(Character::toString);
    Arbitrary<String> words = Arbitraries.of("public", " static", "\r\n", "<|endoftext|>", "'ll");
    return Arbitraries.oneOf(codePoints, words, Arbitraries.strings().ascii().ofMaxLength(8))
        .list()
        .ofMaxSize(40)
        .map(parts -> String.join("", parts));
  }

  @Property(tries = 500)
  void decodingGivesTheTextBack(@ForAll("texts") String text) {
    assertThat(TOKENIZER.decode(TOKENIZER.encode(text), false)).isEqualTo(text);
    assertThat(TOKENIZER.decode(TOKENIZER.encodeWithSpecialTokens(text), true))
        .isEqualTo(text.replace(BpeConfig.END_OF_TEXT, ""));
  }

  @Property(tries = 500)
  void anyJavaStringHasIds(@ForAll String text) {
    assertThat(TOKENIZER.decode(TOKENIZER.encode(text), false)).isEqualTo(Utf8.wellFormed(text));
  }

  @Property(tries = 500)
  void whatIsStreamedIsTheDecodedWhole(
      @ForAll @Size(max = 50) List<@IntRange(max = 1199) Integer> boxed) {
    int[] ids = boxed.stream().mapToInt(Integer::intValue).toArray();
    StreamingDecoder decoder = TOKENIZER.streamingDecoder();
    StringBuilder streamed = new StringBuilder();
    for (int id : ids) {
      streamed.append(decoder.next(id));
      assertThat(Utf8.wellFormed(streamed.toString())).isEqualTo(streamed.toString());
    }
    assertThat(streamed.append(decoder.finish()).toString()).isEqualTo(TOKENIZER.decode(ids, true));
  }

  @Property(tries = 200)
  void replacingMalformedTextAgreesWithTheStandardLibraryOnWhatIsWellFormed(
      @ForAll("texts") String text) {
    byte[] bytes = Utf8.encode(text);
    assertThat(Utf8.decode(bytes, 0, bytes.length)).isEqualTo(text);
  }

  @Property(tries = 20)
  void trainingDoesNotDependOnTheLocale(@ForAll("texts") String text) {
    Locale locale = Locale.getDefault();
    String expected = BpeTrainer.train(List.of(text).iterator(), CONFIG).json();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr-TR"));
      assertThat(BpeTrainer.train(List.of(text).iterator(), CONFIG).json()).isEqualTo(expected);
    } finally {
      Locale.setDefault(locale);
    }
  }
}
