package dev.slipway.data.table;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import java.util.List;

/** How a file of rows is read; what isn't said is found out. */
public record CsvConfig(
    @Doc("What stands between values, one character or tab; auto finds out") @Default("auto")
        Auto<String> delimiter,
    @Doc("Whether the first line has the names of the columns") @Default("auto") Header header,
    @Doc("The columns' names in order, in place of the header's") @Default("[]")
        List<String> columns,
    @Doc("Columns that are numbers, whatever they look like") @Default("[]") List<String> numbers,
    @Doc("Columns that are categories, whatever they look like") @Default("[]")
        List<String> categories,
    @Doc("Columns that are texts, whatever they look like") @Default("[]") List<String> texts,
    @Doc("What stands for a missing value; an empty one always is")
        @Default(
            "['#N/A', '#NA', '-NaN', '-nan', '<NA>', 'N/A', 'NA', 'NULL', 'NaN', 'None', 'n/a', 'nan',"
                + " 'null']")
        List<String> missing,
    @Doc("What begins a number's fraction") @Default("point") Decimal decimal,
    @Doc("What is done with a row of too few or too many values") @Default("drop") Ragged ragged) {
  /** As pandas has them, without those of old Windows runtimes. */
  private static final List<String> MISSING =
      List.of(
          "#N/A", "#NA", "-NaN", "-nan", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan",
          "null");

  /** Whether there is a header. */
  public enum Header {
    @Doc("Told by the first line: its words don't come again below, or stand above numbers")
    AUTO,
    @Doc("There is one")
    PRESENT,
    @Doc("There is none; columns that are not named are column-1, column-2, …")
    ABSENT
  }

  /** What begins a fraction. */
  public enum Decimal {
    POINT('.'),
    COMMA(',');

    private final byte sign;

    Decimal(char sign) {
      this.sign = (byte) sign;
    }

    byte sign() {
      return sign;
    }
  }

  /** What is done with a row that has not as many values as there are columns. */
  public enum Ragged {
    @Doc("It is left out, with a row in the ledger and a warning")
    DROP,
    @Doc("The file is refused")
    REFUSE
  }

  public CsvConfig {
    columns = List.copyOf(columns);
    numbers = List.copyOf(numbers);
    categories = List.copyOf(categories);
    texts = List.copyOf(texts);
    missing = List.copyOf(missing);
    if (!delimiter.isAuto()
        && !(delimiter.value().equals("tab")
            || delimiter.value().length() == 1
                && delimiter.value().charAt(0) < 128
                && "\"\r\n".indexOf(delimiter.value().charAt(0)) < 0)) {
      throw new IllegalArgumentException(
          "the delimiter is one ASCII character or tab, and '" + delimiter.value() + "' came");
    }
  }

  /** Everything found out. */
  public static CsvConfig usual() {
    return new CsvConfig(
        Auto.auto(),
        Header.AUTO,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        MISSING,
        Decimal.POINT,
        Ragged.DROP);
  }

  public CsvConfig withDelimiter(char value) {
    return new CsvConfig(
        Auto.of(String.valueOf(value)),
        header,
        columns,
        numbers,
        categories,
        texts,
        missing,
        decimal,
        ragged);
  }

  public CsvConfig withHeader(Header value) {
    return new CsvConfig(
        delimiter, value, columns, numbers, categories, texts, missing, decimal, ragged);
  }

  /** Without a header, these are the names. */
  public CsvConfig withColumns(List<String> value) {
    return new CsvConfig(
        delimiter, header, value, numbers, categories, texts, missing, decimal, ragged);
  }

  public CsvConfig withTypes(
      List<String> asNumbers, List<String> asCategories, List<String> asTexts) {
    return new CsvConfig(
        delimiter, header, columns, asNumbers, asCategories, asTexts, missing, decimal, ragged);
  }

  public CsvConfig withMissing(List<String> value) {
    return new CsvConfig(
        delimiter, header, columns, numbers, categories, texts, value, decimal, ragged);
  }

  public CsvConfig withDecimal(Decimal value) {
    return new CsvConfig(
        delimiter, header, columns, numbers, categories, texts, missing, value, ragged);
  }

  public CsvConfig withRagged(Ragged value) {
    return new CsvConfig(
        delimiter, header, columns, numbers, categories, texts, missing, decimal, value);
  }
}
