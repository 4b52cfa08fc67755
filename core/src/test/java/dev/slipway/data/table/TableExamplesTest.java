package dev.slipway.data.table;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.data.SplitName;
import dev.slipway.data.archive.FileTree;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.table.TableExamples.Piece;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableExamplesTest {
  private static Table read(String text) {
    return CsvReader.read("some.csv", text.getBytes(UTF_8), CsvConfig.usual());
  }

  @Test
  void valuesFieldsAndBytesAreThoseOfTheTable() {
    try (TableExamples examples = TableExamples.of(read("age,city\n30,Ulm\n,Bonn\n7,\n"))) {
      assertThat(examples.fields())
          .containsExactly(new Field("age", Field.Kind.NUMBER), new Field("city", Field.Kind.TEXT));
      assertThat(examples.value(0, "age")).isEqualTo(new Value.Number(30));
      assertThat(examples.value(1, "age")).isSameAs(Value.Missing.INSTANCE);
      assertThat(examples.value(1, "city")).isEqualTo(new Value.Text("Bonn"));
      assertThat(examples.value(2, "city")).isSameAs(Value.Missing.INSTANCE);
      double[] ages = examples.numbers("age");
      assertThat(ages).containsExactly(30, Double.NaN, 7);
      ages[0] = 0;
      assertThat(examples.numbers("age")).startsWith(30);
      assertThat(IntStream.range(0, 3).mapToLong(examples::bytes)).containsExactly(7L, 6L, 3L);
      assertThat(examples.given(0)).isEmpty();
    }
  }

  @Test
  void severalTablesFollowOneAnother() {
    Table train = read("a,b\n1,x\n2\n3,y\n").named("train.csv");
    Table test = read("a,b\n4,y\n5,z\n").named("test.csv");
    try (TableExamples examples =
        TableExamples.of(
            List.of(
                new Piece(train, Optional.of(SplitName.TRAIN)),
                new Piece(test, Optional.of(SplitName.TEST))))) {
      assertThat(examples.numbers("a")).containsExactly(1, 3, 4, 5);
      assertThat(examples.value(2, "b")).isEqualTo(new Value.Text("y"));
      assertThat(IntStream.range(0, 4).mapToObj(examples::id))
          .containsExactly(
              "train.csv/row-1", "train.csv/row-3", "test.csv/row-1", "test.csv/row-2");
      assertThat(IntStream.range(0, 4).mapToObj(i -> examples.given(i).orElseThrow()))
          .containsExactly(SplitName.TRAIN, SplitName.TRAIN, SplitName.TEST, SplitName.TEST);
      assertThat(examples.dropped()).extracting(d -> d.id()).containsExactly("train.csv/row-2");
      assertThat(examples.warnings()).hasSize(1);
    }
    assertThatThrownBy(
            () ->
                TableExamples.of(
                    List.of(
                        new Piece(train, Optional.empty()),
                        new Piece(read("a,b\n1,2\n").named("other.csv"), Optional.empty()))))
        .hasMessageContaining("other.csv has [a (number), b (number)]");
  }

  @Test
  void aColumnMayTellTheSplits() {
    try (TableExamples examples =
        TableExamples.splitBy(read("a,part\n1,train\n2,Val\n3,test\n4,\n5,train\n"), "part")) {
      assertThat(examples.fields()).extracting(Field::name).containsExactly("a");
      assertThat(IntStream.range(0, 5).mapToObj(examples::given))
          .containsExactly(
              Optional.of(SplitName.TRAIN),
              Optional.of(SplitName.VALIDATION),
              Optional.of(SplitName.TEST),
              Optional.empty(),
              Optional.of(SplitName.TRAIN));
    }
    assertThatThrownBy(() -> TableExamples.splitBy(read("a,part\n1,some\n2,x\n"), "part"))
        .hasMessageContaining("has 'some' for a split");
  }

  @Test
  void parquetHasTheSameColumns(@TempDir Path folder) throws SQLException {
    Path file = folder.resolve("it's.parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM (VALUES (1, 2.5::DECIMAL(4,1), 'x', true, DATE '2024-01-02'), "
              + "(NULL, NULL, NULL, NULL, NULL), (3, 4, 'y', false, DATE '2024-02-03')) "
              + "t(i, d, \"c\"\"c\", b, day)) TO '"
              + file.toString().replace("'", "''")
              + "' (FORMAT parquet)");
    }
    Table table = ParquetTable.read(file, List.of());
    assertThat(table.names()).containsExactly("i", "d", "c\"c", "b", "day");
    TableExamples examples = TableExamples.of(table);
    assertThat(examples.numbers("i")).containsExactly(1, Double.NaN, 3);
    assertThat(examples.numbers("d")).containsExactly(2.5, Double.NaN, 4);
    List<Value> values = new ArrayList<>();
    for (String field : List.of("c\"c", "b", "day")) {
      values.add(examples.value(0, field));
      assertThat(examples.value(1, field)).isSameAs(Value.Missing.INSTANCE);
    }
    assertThat(values)
        .containsExactly(new Value.Text("x"), new Value.Text("true"), new Value.Text("2024-01-02"));
    assertThat(ParquetTable.read(file, List.of("i")).column("i").text(2)).isEqualTo("3");
    assertThatThrownBy(() -> ParquetTable.read(file, List.of("j"))).hasMessageContaining("'j'");
    assertThatThrownBy(() -> ParquetTable.read(folder.resolve("none"), List.of()))
        .hasMessageContaining("failed");
  }

  @Test
  void movieLensIsReadFromItsZip() {
    String set = System.getenv("SLIPWAY_DATASETS");
    assumeTrue(set != null, "SLIPWAY_DATASETS is not set");
    CsvConfig config =
        CsvConfig.usual()
            .withHeader(CsvConfig.Header.ABSENT)
            .withColumns(List.of("user", "item", "rating", "timestamp"))
            .withTypes(List.of(), List.of("user", "item"), List.of());
    try (FileTree tree = FileTree.open(Path.of(set, "ml-100k.zip"))) {
      List<Piece> pieces = new ArrayList<>();
      for (FileTree.Entry entry : tree.files(List.of("**/ua.*"), List.of())) {
        Table table = CsvReader.read(entry.name(), tree.read(entry), config);
        pieces.add(
            new Piece(
                table.named(entry.fileName()),
                Optional.of(entry.name().endsWith("test") ? SplitName.TEST : SplitName.TRAIN)));
      }
      TableExamples examples = TableExamples.of(pieces);
      assertThat(examples.size()).isEqualTo(100_000);
      assertThat(examples.id(90_570)).isEqualTo("ua.test/row-1");
      assertThat(examples.given(90_570)).contains(SplitName.TEST);
      assertThat(examples.value(90_570, "item")).isEqualTo(new Value.Text("20"));
      assertThat(examples.columns().getFirst())
          .isInstanceOfSatisfying(
              Column.Categories.class, users -> assertThat(users.levels()).hasSize(943));
    }
  }
}
