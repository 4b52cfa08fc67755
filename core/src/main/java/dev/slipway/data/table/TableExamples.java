package dev.slipway.data.table;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one or more tables. Ids are {@code row-N}, the row's number among the records of its
 * file from 1, behind the table's name where it has one. Columns of categories are texts.
 */
public final class TableExamples implements ExampleSet {
  private final List<Piece> pieces;
  private final int[] starts;
  private final List<Column> columns;
  private final Map<String, Integer> places;
  private final @Nullable SplitName @Nullable [] ofLevel;
  private final Column.@Nullable Categories splitColumn;

  /**
   * A table, and the split that its rows are given.
   *
   * @param given none where the source puts them in none
   */
  public record Piece(Table table, Optional<SplitName> given) {}

  private TableExamples(List<Piece> pieces, List<Column> columns, @Nullable String splitColumn) {
    this.pieces = List.copyOf(pieces);
    this.starts = new int[pieces.size() + 1];
    for (int i = 0; i < pieces.size(); i++) {
      starts[i + 1] = starts[i] + pieces.get(i).table().rows();
    }
    Column.Categories splits = null;
    @Nullable SplitName[] levels = null;
    List<Column> kept = new ArrayList<>();
    for (Column column : columns) {
      if (column.name().equals(splitColumn)) {
        splits = splits(column);
        levels = new SplitName[splits.levels().size()];
        for (int i = 0; i < levels.length; i++) {
          levels[i] = split(column.name(), splits.levels().get(i));
        }
      } else {
        kept.add(column);
      }
    }
    this.splitColumn = splits;
    this.ofLevel = levels;
    this.columns = List.copyOf(kept);
    this.places = new HashMap<>();
    for (int i = 0; i < kept.size(); i++) {
      places.put(kept.get(i).name(), i);
    }
  }

  /** The rows of a table that puts them in no split. */
  public static TableExamples of(Table table) {
    return of(List.of(new Piece(table, Optional.empty())));
  }

  /**
   * The rows of several tables with the same columns, one table after the other.
   *
   * @throws SlipwayException if their columns differ in name or type
   */
  public static TableExamples of(List<Piece> pieces) {
    return new TableExamples(pieces, joined(pieces), null);
  }

  /**
   * The rows of a table with a column that tells the split of each: {@code train}, {@code
   * validation} (also {@code val}, {@code valid}, {@code dev}) or {@code test}.
   *
   * @throws SlipwayException if there is no such column, or it has other values
   */
  public static TableExamples splitBy(Table table, String column) {
    table.column(column);
    return new TableExamples(List.of(new Piece(table, Optional.empty())), table.columns(), column);
  }

  private static Column.Categories splits(Column column) {
    if (column instanceof Column.Categories categories) {
      return categories;
    }
    throw new SlipwayException(
        Exit.INPUT,
        "data.table-split",
        "the column '" + column.name() + "' tells no splits",
        "name a column that has train, validation and test");
  }

  private static SplitName split(String column, String word) {
    return SplitName.named(word)
        .orElseThrow(
            () ->
                new SlipwayException(
                    Exit.INPUT,
                    "data.table-split",
                    "the column '%s' has '%s' for a split".formatted(column, word),
                    "write train, validation or test there"));
  }

  private static List<Column> joined(List<Piece> pieces) {
    if (pieces.isEmpty()) {
      throw new IllegalArgumentException("no table");
    }
    Table first = pieces.getFirst().table();
    if (pieces.size() == 1) {
      return first.columns();
    }
    for (Piece piece : pieces) {
      Table other = piece.table();
      boolean same = other.names().equals(first.names());
      for (int i = 0; same && i < first.columns().size(); i++) {
        same = other.columns().get(i).getClass() == first.columns().get(i).getClass();
      }
      if (!same) {
        throw new SlipwayException(
            Exit.INPUT,
            "data.tables-differ",
            "%s has the columns %s, %s has %s"
                .formatted(first.name(), described(first), other.name(), described(other)),
            "give files with the same columns, or declare their types");
      }
    }
    List<Column> joined = new ArrayList<>();
    for (int i = 0; i < first.columns().size(); i++) {
      int column = i;
      joined.add(join(pieces.stream().map(p -> p.table().columns().get(column)).toList()));
    }
    return joined;
  }

  private static List<String> described(Table table) {
    return table.columns().stream()
        .map(
            column ->
                column.name()
                    + switch (column) {
                      case Column.Numbers _ -> " (number)";
                      case Column.Categories _ -> " (category)";
                      case Column.Texts _ -> " (text)";
                    })
        .toList();
  }

  private static Column join(List<Column> parts) {
    String name = parts.getFirst().name();
    int rows = parts.stream().mapToInt(Column::size).sum();
    int at = 0;
    return switch (parts.getFirst()) {
      case Column.Numbers _ -> {
        double[] values = new double[rows];
        for (Column part : parts) {
          if (part instanceof Column.Numbers(String _, double[] own)) {
            System.arraycopy(own, 0, values, at, own.length);
            at += own.length;
          }
        }
        yield new Column.Numbers(name, values);
      }
      case Column.Categories _ -> {
        int[] codes = new int[rows];
        Map<String, Integer> known = new HashMap<>();
        List<String> levels = new ArrayList<>();
        for (Column part : parts) {
          for (int i = 0; i < part.size(); i++) {
            String word = part.text(i);
            Integer there = word == null ? null : known.putIfAbsent(word, levels.size());
            codes[at++] =
                word == null ? Column.Categories.MISSING : there == null ? levels.size() : there;
            if (word != null && there == null) {
              levels.add(word);
            }
          }
        }
        yield new Column.Categories(name, codes, levels);
      }
      case Column.Texts _ -> {
        @Nullable String[] values = new String[rows];
        for (Column part : parts) {
          for (int i = 0; i < part.size(); i++) {
            values[at++] = part.text(i);
          }
        }
        yield new Column.Texts(name, values);
      }
    };
  }

  /** What a person should know of the files, a sentence each. */
  public List<String> warnings() {
    return pieces.stream().flatMap(piece -> piece.table().warnings().stream()).toList();
  }

  public List<Column> columns() {
    return columns;
  }

  private int piece(int example) {
    int found = Arrays.binarySearch(starts, example);
    int piece = found >= 0 ? found : -found - 2;
    while (pieces.get(piece).table().rows() == 0) {
      piece++;
    }
    return piece;
  }

  @Override
  public int size() {
    return starts[pieces.size()];
  }

  @Override
  public String id(int example) {
    int piece = piece(example);
    Table table = pieces.get(piece).table();
    long record = example - starts[piece] + 1L;
    // Records that were left out before it count, too.
    List<Table.LeftOut> left = table.left();
    int low = 0;
    int high = left.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (left.get(middle).record() - middle <= record) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return id(table, record + low);
  }

  private static String id(Table table, long record) {
    return table.name().isEmpty() ? "row-" + record : table.name() + "/row-" + record;
  }

  @Override
  public long bytes(int example) {
    int piece = piece(example);
    return pieces.get(piece).table().bytes()[example - starts[piece]];
  }

  @Override
  public List<Field> fields() {
    return columns.stream()
        .map(
            column ->
                new Field(
                    column.name(),
                    column instanceof Column.Numbers ? Field.Kind.NUMBER : Field.Kind.TEXT))
        .toList();
  }

  private Column column(String field) {
    Integer place = places.get(field);
    if (place == null) {
      throw new IllegalArgumentException("no column is called " + field);
    }
    return columns.get(place);
  }

  @Override
  public Value value(int example, String field) {
    Column column = column(field);
    if (column instanceof Column.Numbers(String _, double[] values)) {
      double value = values[example];
      return Double.isNaN(value) ? Value.Missing.INSTANCE : new Value.Number(value);
    }
    String text = column.text(example);
    return text == null ? Value.Missing.INSTANCE : new Value.Text(text);
  }

  @Override
  public double[] numbers(String field) {
    if (column(field) instanceof Column.Numbers(String _, double[] values)) {
      return values.clone();
    }
    double[] none = new double[size()];
    Arrays.fill(none, Double.NaN);
    return none;
  }

  @Override
  public Optional<CodedTexts> coded(String field) {
    return column(field) instanceof Column.Categories(String _, int[] codes, List<String> levels)
        ? Optional.of(new CodedTexts(codes, levels))
        : Optional.empty();
  }

  @Override
  public Optional<SplitName> given(int example) {
    if (splitColumn != null && ofLevel != null) {
      int code = splitColumn.codes()[example];
      return code < 0 ? Optional.empty() : Optional.ofNullable(ofLevel[code]);
    }
    return pieces.get(piece(example)).given();
  }

  @Override
  public List<DroppedExample> dropped() {
    return pieces.stream()
        .map(Piece::table)
        .flatMap(
            table ->
                table.left().stream()
                    .map(
                        left ->
                            new DroppedExample(id(table, left.record()), left.bytes(), left.why())))
        .toList();
  }

  @Override
  public void close() {}
}
