package dev.slipway.base.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BindingTest {
  record Doc(
      @Default("a") String text,
      @Default("0") int whole,
      @Default("0") double decimal,
      @Default("false") boolean flag,
      @Default("[]") List<String> list) {}

  private static final Shape.Group SHAPE = new Shapes(List.of()).document(Doc.class);

  private static Binder.Bound<Doc> bind(String yaml) {
    return Binder.bind(YamlReader.parse(yaml, "doc"), SHAPE, Doc.class, _ -> null);
  }

  @Property
  void sizesReadAsTheyAreWritten(@ForAll @LongRange(min = 0) long bytes) {
    assertThat(ByteSize.parse(new ByteSize(bytes).toString()).bytes()).isEqualTo(bytes);
  }

  @Property
  void timeSpansReadAsTheyAreWritten(@ForAll @LongRange(min = 1, max = 1L << 45) long millis) {
    Duration span = Duration.ofMillis(millis);
    assertThat(Durations.parse(Durations.format(span))).isEqualTo(span);
  }

  @Property
  void fractionsReadAsTheyAreWritten(@ForAll @DoubleRange(min = 0, max = 1) double value) {
    assertThat(Fraction.parse(new Fraction(value).toString()).value()).isEqualTo(value);
  }

  @Test
  void quantitiesByExample() {
    assertThat(ByteSize.parse("1.5KiB").bytes()).isEqualTo(1536);
    assertThat(new ByteSize(4L << 20)).hasToString("4MiB");
    assertThat(Durations.parse("1h30m")).isEqualTo(Duration.ofMinutes(90));
    assertThat(Durations.format(Duration.ofSeconds(480))).isEqualTo("8m");
    assertThat(Fraction.parse("1%").value()).isEqualTo(0.01);
    for (String bad : List.of("12", "1.5B", "-1KiB", "99999999999TiB", "1 kib")) {
      assertThatThrownBy(() -> ByteSize.parse(bad)).isInstanceOf(IllegalArgumentException.class);
    }
    for (String bad : List.of("8", "0s", "m", "8 minutes")) {
      assertThatThrownBy(() -> Durations.parse(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Property(tries = 300)
  void everyRecordReadsAsItIsWritten(
      @ForAll String text,
      @ForAll int whole,
      @ForAll double decimal,
      @ForAll boolean flag,
      @ForAll List<String> list) {
    Doc doc =
        new Doc(utf8(text), whole, decimal, flag, list.stream().map(BindingTest::utf8).toList());
    Binder.Bound<Doc> bound = bind(YamlWriter.write(doc, SHAPE));
    assertThat(bound.problems()).isEmpty();
    assertThat(bound.value()).isEqualTo(doc);
  }

  /** Without halves of surrogate pairs, which no file holds. */
  private static String utf8(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  @Test
  void aTurkishMachineReadsTheSame() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr"));
      assertThat(Shapes.kebab("MinimumInterval")).isEqualTo("minimum-interval");
      assertThat(bind("whole: 3").value()).isEqualTo(new Doc("a", 3, 0, false, List.of()));
    } finally {
      Locale.setDefault(before);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '^',
      value = {
        "whole: 1.5 ~ whole",
        "whole: '3' ~ whole",
        "whole: 99999999999 ~ whole",
        "flag: yes ~ flag",
        "decimal: .nan ~ decimal",
        "text: 3 ~ text",
        "text: ~ text",
        "list: a ~ list",
        "list: {a: b} ~ list",
        "- a ~ ^^",
        "text: ${no.such} ~ text",
        "text: ${open ~ text"
      })
  void mistakesAreToldByTheirKey(String yaml, String path) {
    assertThat(bind(yaml).problems()).extracting(Problem::path).containsExactly(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"whole: 1\nwhole: 2", "? [a]\n: b", "flag: !!java.net.URL [x]"})
  void whatIsNoPlainDocumentIsTold(String yaml) {
    assertThat(bind(yaml).problems()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# only a comment", "a: [", "a: b: c", "a: *x", "a\n---\nb", "\t- x"})
  void malformedDocumentsSayWhere(String yaml) {
    assertThatThrownBy(() -> bind(yaml))
        .isInstanceOf(SlipwayException.class)
        .hasMessageContaining("doc:");
  }

  @Test
  void aBillionLaughsAreNotLaughed() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      String before = "*a" + (i - 1);
      bomb.append(
          "a%d: &a%d [%s]\n"
              .formatted(
                  i,
                  i,
                  String.join(
                      ", ",
                      List.of(
                          before, before, before, before, before, before, before, before,
                          before))));
    }
    assertThatThrownBy(() -> bind(bomb.toString())).hasMessageContaining("aliases written out");
    assertThatThrownBy(() -> bind("[".repeat(10_000))).hasMessageContaining("levels");
    assertThatThrownBy(() -> bind("a: &a [*a]")).hasMessageContaining("alias");
  }

  @Test
  void filesThatCantBeRead(@TempDir Path folder) throws IOException {
    Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', (byte) 0xe9});
    Path huge = Files.write(folder.resolve("huge.yaml"), new byte[(1 << 20) + 1]);
    for (Path file : List.of(latin, huge, folder, folder.resolve("none.yaml"))) {
      SlipwayException refused =
          catchThrowableOfType(SlipwayException.class, () -> YamlReader.read(file));
      assertThat(refused).hasMessageContaining(file.toString());
    }
  }

  @Test
  void theNearestWord() {
    List<String> known = List.of("optimizer", "strip-header", "seed");
    assertThat(Nearest.of("optimiser", known)).contains("optimizer");
    assertThat(Nearest.of("strip", known)).contains("strip-header");
    assertThat(Nearest.of("seda", known)).isEmpty();
    assertThat(Nearest.of("sede", known)).contains("seed");
    assertThat(Nearest.of("x".repeat(100_000), known)).isEmpty();
  }
}
