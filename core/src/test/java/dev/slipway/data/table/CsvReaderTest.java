package dev.slipway.data.table;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.table.CsvConfig.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvReaderTest {
  private static Table read(String text) {
    return read(text, CsvConfig.usual());
  }

  private static Table read(String text, CsvConfig config) {
    return CsvReader.read("some.csv", text.getBytes(UTF_8), config);
  }

  private static List<@Nullable String> texts(Column column) {
    List<@Nullable String> texts = new ArrayList<>();
    for (int i = 0; i < column.size(); i++) {
      texts.add(column.text(i));
    }
    return texts;
  }

  private static double[] numbers(Table table, String column) {
    return table.column(column) instanceof Column.Numbers numbers
        ? numbers.values()
        : new double[0];
  }

  private static void assertRefused(Runnable reading, String code) {
    assertThatThrownBy(reading::run)
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).as(e.line()).isEqualTo(code));
  }

  @Test
  void typesHeaderAndDelimiterAreFoundOut() {
    for (String delimiter : List.of(",", ";", "\t", "|", " ")) {
      for (String end : List.of("\n", "\r\n", "\r")) {
        Table table =
            read(
                "age,city,note\n30,Ulm,x\n4.5,Bonn,\nNA,Ulm,y\n"
                    .replace(",", delimiter)
                    .replace("\n", end));
        assertThat(table.names()).containsExactly("age", "city", "note");
        assertThat(numbers(table, "age")).containsExactly(30, 4.5, Double.NaN);
        assertThat(table.column("city")).isInstanceOf(Column.Categories.class);
        assertThat(texts(table.column("city"))).containsExactly("Ulm", "Bonn", "Ulm");
        assertThat(texts(table.column("note"))).containsExactly("x", null, "y");
        assertThat(table.column("note").missing()).isEqualTo(1);
        assertThat(table.left()).isEmpty();
        assertThat(table.warnings()).isEmpty();
      }
    }
  }

  @Test
  void withoutAHeaderColumnsAreNumberedOrNamed() {
    Table numbered = read("1\t2\t3\n4\t5\t6\n");
    assertThat(numbered.names()).containsExactly("column-1", "column-2", "column-3");
    assertThat(numbered.rows()).isEqualTo(2);
    Table named = read("1\t2\t3\n4\t5\t6\n", CsvConfig.usual().withColumns(List.of("a", "b", "c")));
    assertThat(numbers(named, "c")).containsExactly(3, 6);
    assertThat(read("a,b\nb,a\na,a\n").rows()).isEqualTo(3); // words that come again: no header
    assertThat(read("x,y\nb,a\na,c\n").names()).containsExactly("x", "y");
    assertThat(read("a,b\nb,a\n", CsvConfig.usual().withHeader(Header.PRESENT)).names())
        .containsExactly("a", "b");
    assertThat(read("x,y\nb,a\n", CsvConfig.usual().withHeader(Header.ABSENT)).rows()).isEqualTo(2);
  }

  @Test
  void quotesHoldDelimitersLineEndsAndQuotes() {
    Table table =
        read(
            "\uFEFF\"na\"\"me\",\"b\"\n\"a,b\",\"1\"\n\"two\r\nlines\",\"2\"\n\"say \"\"hi\"\"\",3\n"
                + "5\" pipe,4\n  spaced , 5 \n\" kept \",6\n\"odd\"tail,7\n\"\",8");
    assertThat(table.names()).containsExactly("na\"me", "b");
    assertThat(texts(table.column("na\"me")))
        .containsExactly(
            "a,b", "two\r\nlines", "say \"hi\"", "5\" pipe", "spaced", " kept ", "oddtail", null);
    assertThat(numbers(table, "b")).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void raggedRowsAreLeftOutAndNamed() {
    Table table = read("a,b\n1,2\n3\n4,5,6\n\n7,8\n9,10\n11,12\n");
    assertThat(numbers(table, "a")).containsExactly(1, 7, 9, 11);
    assertThat(table.left())
        .extracting(left -> left.record() + " " + left.bytes() + " " + left.why().detail())
        .containsExactly(
            "2 2 line 3: 1 values for 2 columns", "3 6 line 4: 3 values for 2 columns");
    assertThat(table.left()).allMatch(left -> left.why().reason() == DropReason.RAGGED);
    assertThat(table.warnings())
        .containsExactly(
            "2 of 6 rows of some.csv were left out (ragged row): line 3: 1 values for 2 columns,"
                + " line 4: 3 values for 2 columns");
    assertRefused(
        () -> read("a,b\n1,2\n3\n4,5\n", CsvConfig.usual().withRagged(CsvConfig.Ragged.REFUSE)),
        "data.csv-ragged");
    assertRefused(() -> read("a,b\n1,2\n3\n4\n5\n"), "data.csv-ragged");
    TableExamples examples = TableExamples.of(table);
    assertThat(examples.id(0)).isEqualTo("row-1");
    assertThat(examples.id(1)).isEqualTo("row-4");
    assertThat(examples.id(3)).isEqualTo("row-6");
    assertThat(examples.dropped())
        .extracting(dropped -> dropped.id() + " " + dropped.bytes())
        .containsExactly("row-2 2", "row-3 6");
  }

  @Test
  void rowsThatAreNotUtf8AreLeftOut() {
    byte[] bytes = "a,b\nx,é\ny,z\nz,ok\n".getBytes(ISO_8859_1);
    Table table = CsvReader.read("some.csv", bytes, CsvConfig.usual());
    assertThat(texts(table.column("b"))).containsExactly("z", "ok");
    assertThat(table.left().getFirst().why().reason()).isEqualTo(DropReason.NOT_UTF8);
    assertThat(table.left().getFirst().why().detail()).startsWith("line 2: invalid byte at 2");
    assertRefused(
        () -> CsvReader.read("x", "\uFEFFa,b\n1,2\n".getBytes(UTF_16LE), CsvConfig.usual()),
        "data.csv-encoding");
  }

  @Test
  void mistakesAreNamedWithTheirPlace() {
    assertRefused(() -> read(""), "data.table-empty");
    assertRefused(() -> read("a,b\n"), "data.table-empty");
    assertRefused(() -> read("a,b\n1,2\n3,\"4\n5,6\n"), "data.csv-quote");
    assertThatThrownBy(() -> read("a,b\n1,2\n3,\"4\n5,6\n")).hasMessageContaining("line 3");
    assertRefused(
        () -> read("a,a\n1,2\n", CsvConfig.usual().withHeader(Header.PRESENT)), "data.csv-columns");
    assertRefused(
        () -> read("1,2\n", CsvConfig.usual().withColumns(List.of("a", "b", "c"))),
        "data.csv-columns");
    CsvConfig declared = CsvConfig.usual().withTypes(List.of("a"), List.of(), List.of());
    assertThatThrownBy(() -> read("a,b\n1,2\nfour,5\n", declared))
        .hasMessageContaining("'four' in line 3 of some.csv is no number")
        .hasMessageContaining("'a'");
    assertThatThrownBy(
            () -> read("age,b\n1,2\n", declared.withTypes(List.of("agee"), List.of(), List.of())))
        .hasMessageContaining("no column 'agee'")
        .hasMessageContaining("write age if you meant that");
  }

  @Test
  void declaredTypesAndMissingWordsAreTaken() {
    Table table =
        read(
            "id,zip,size\n1,01067,?\n2,80331,1.234,5\n3,50667,7\n".replace("1.234,5", "\"12,5\""),
            CsvConfig.usual()
                .withTypes(List.of(), List.of("zip"), List.of("id"))
                .withMissing(List.of("?"))
                .withDecimal(CsvConfig.Decimal.COMMA));
    assertThat(table.column("id")).isInstanceOf(Column.Texts.class);
    assertThat(texts(table.column("zip"))).containsExactly("01067", "80331", "50667");
    assertThat(numbers(table, "size")).containsExactly(Double.NaN, 12.5, 7);
  }

  @Test
  void aColumnThatOnlyLooksLikeNumbersBecomesCategories() {
    StringBuilder text = new StringBuilder("a,b\n");
    for (int i = 0; i < 3000; i++) {
      text.append(i % 7).append(',').append(i == 2500 ? "x" : "" + i % 5).append('\n');
    }
    Table table = read(text.toString());
    assertThat(table.column("a")).isInstanceOf(Column.Numbers.class);
    assertThat(table.column("b")).isInstanceOf(Column.Categories.class);
    assertThat(table.column("b").text(2500)).isEqualTo("x");
    assertThat(table.column("b").text(1)).isEqualTo("1");
  }

  @Test
  void aColumnAllMissingIsOneOfNumbersWithoutAny() {
    Table table = read("a,b\n,1\nNA,2\n");
    assertThat(numbers(table, "a")).containsExactly(Double.NaN, Double.NaN);
    assertThat(table.column("a").missing()).isEqualTo(2);
  }

  @Test
  void aTextOfTenMegabytesIsOneValue() {
    String large = "word, \"\"quoted\"\"\n".repeat(640_000);
    Table table = read("id,text\n1,short\n2,\"" + large + "\"\n3,after\n");
    assertThat(table.rows()).isEqualTo(3);
    assertThat(table.column("text").text(1)).hasSize(large.length() - 2 * 640_000);
    assertThat(table.column("text").text(2)).isEqualTo("after");
  }

  @Test
  void numbersAreTheNearestDoubles() {
    Random random = new Random(3);
    List<String> texts =
        new ArrayList<>(
            List.of(
                "0",
                "-0.0",
                "+1",
                ".5",
                "5.",
                "1e3",
                "1E-3",
                "-2.5e+10",
                "123456789012345678901234",
                "0.000000000000000000000000000001",
                "9007199254740993",
                "1e400",
                "-1e-400",
                "179769313486231570000e289",
                "2.2250738585072011e-308",
                "4.35",
                "0.1",
                "1e22",
                "1e23",
                "00012.50"));
    for (int i = 0; i < 20_000; i++) {
      texts.add(
          switch (i % 4) {
            case 0 -> Double.toString(Double.longBitsToDouble(random.nextLong()));
            case 1 -> String.valueOf(random.nextLong());
            case 2 -> random.nextInt(100_000) + "." + random.nextInt(100_000);
            default -> random.nextInt() + "e" + (random.nextInt(60) - 30);
          });
    }
    for (String text : texts) {
      byte[] bytes = ("x" + text + "y").getBytes(UTF_8);
      double parsed = DecimalText.parse(bytes, 1, bytes.length - 1, (byte) '.');
      if (!text.equals("NaN")) {
        assertThat(parsed).as(text).isEqualTo(Double.parseDouble(text));
        assertThat(Math.copySign(1, parsed)).isEqualTo(Math.copySign(1, Double.parseDouble(text)));
      }
    }
    for (String none :
        List.of("", "-", ".", "1f", "0x10", "1e", "1 2", "NaN", "1_000", "e5", "١")) {
      byte[] bytes = none.getBytes(UTF_8);
      assertThat(DecimalText.isNoNumber(DecimalText.parse(bytes, 0, bytes.length, (byte) '.')))
          .as(none)
          .isTrue();
    }
    byte[] infinite = "-inf".getBytes(UTF_8);
    assertThat(DecimalText.parse(infinite, 0, 4, (byte) '.')).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Provide
  Arbitrary<List<List<String>>> cells() {
    Arbitrary<String> cell =
        Arbitraries.strings()
            .withChars("ab\",\n\r ;é猫12")
            .ofMaxLength(6)
            .map(s -> "v" + s); // so that no line is blank and none looks like a header's number
    return cell.list().ofSize(3).list().ofMinSize(1).ofMaxSize(40);
  }

  /** Whatever is written by the rules comes back, wherever the file is cut for the threads. */
  @Property(tries = 300)
  void whatIsWrittenComesBackHoweverItIsCut(
      @ForAll("cells") List<List<String>> rows, @ForAll @IntRange(min = 1, max = 60) int chunk) {
    StringBuilder text = new StringBuilder("c1,c2,c3\n");
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        text.append(i > 0 ? "," : "")
            .append('"')
            .append(row.get(i).replace("\"", "\"\""))
            .append('"');
      }
      text.append('\n');
    }
    CsvConfig config = CsvConfig.usual().withHeader(Header.PRESENT).withDelimiter(',');
    Table table = CsvReader.read("x", text.toString().getBytes(UTF_8), config, chunk);
    assertThat(table.rows()).isEqualTo(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      for (int j = 0; j < 3; j++) {
        assertThat(table.columns().get(j).text(i)).isEqualTo(rows.get(i).get(j));
      }
    }
    assertThat(table.bytes()).hasSize(rows.size());
    long bytes = Arrays.stream(table.bytes()).sum();
    assertThat(bytes).isEqualTo(text.toString().getBytes(UTF_8).length - 9);
  }

  @Property(tries = 100)
  void theCutsChangeNothing(
      @ForAll @IntRange(min = 1, max = 400) int chunk, @ForAll Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      text.append(random.nextInt(5)).append(',').append((char) ('a' + random.nextInt(20)));
      text.append(random.nextInt(12) == 0 ? ",extra\n" : "\n");
    }
    CsvConfig config = CsvConfig.usual().withHeader(Header.ABSENT).withColumns(List.of("n", "c"));
    byte[] bytes = ("9,z\n" + text).getBytes(UTF_8);
    Table whole = CsvReader.read("x", bytes, config, 1 << 20);
    Table cut = CsvReader.read("x", bytes, config, chunk);
    assertThat(cut.left()).isEqualTo(whole.left());
    assertThat(cut.warnings()).isEqualTo(whole.warnings());
    assertThat(cut.bytes()).isEqualTo(whole.bytes());
    assertThat(numbers(cut, "n")).isEqualTo(numbers(whole, "n"));
    assertThat(cut.column("c"))
        .usingRecursiveComparison()
        .isEqualTo(whole.column("c")); // the levels' order, too
  }

  @Test
  void gzippedFilesAndTheRealOnesAreRead(@TempDir Path folder) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write("a,b\n1,x\n2,y\n".getBytes(UTF_8));
    }
    Path file = Files.write(folder.resolve("some.csv.gz"), packed.toByteArray());
    assertThat(numbers(CsvReader.read(file, CsvConfig.usual()), "a")).containsExactly(1, 2);
    assertRefused(
        () -> CsvReader.read(folder.resolve("none.csv"), CsvConfig.usual()), "data.table-failed");
  }

  @Test
  void germanCreditIsReadAsItStands() {
    String set = System.getenv("SLIPWAY_DATASETS");
    assumeTrue(set != null, "SLIPWAY_DATASETS is not set");
    Table table = CsvReader.read(Path.of(set, "german.csv"), CsvConfig.usual());
    assertThat(table.rows()).isEqualTo(1000);
    assertThat(table.columns()).hasSize(21);
    assertThat(table.columns().stream().filter(c -> c instanceof Column.Numbers)).hasSize(8);
    assertThat(table.column("column-1").text(0)).isEqualTo("A11");
    assertThat(numbers(table, "column-2")).startsWith(6, 48, 12);
  }
}
