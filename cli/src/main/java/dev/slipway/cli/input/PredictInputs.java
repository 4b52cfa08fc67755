package dev.slipway.cli.input;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.table.CsvConfig;
import dev.slipway.data.table.CsvReader;
import dev.slipway.data.table.ParquetTable;
import dev.slipway.data.table.Table;
import dev.slipway.data.table.TableExamples;
import dev.slipway.task.Predictor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code predict} is asked: files, tables, JSON objects or a text as it is. */
public final class PredictInputs {
  private PredictInputs() {}

  /**
   * One input, or the rows of a table.
   *
   * @param answers by how many classes or items they list at most
   */
  public record Asked(List<String> names, IntFunction<List<ObjectNode>> answers) {
    static Asked one(String name, Predictor.Request request) {
      return new Asked(List.of(name), top -> List.of(request.answer(top)));
    }
  }

  /** What {@code --input} names, read by a model's features. */
  public static List<Asked> read(Predictor predictor, String input) {
    if (input.stripLeading().startsWith("{")) {
      return List.of(Asked.one("input", predictor.read(Json.parse(input, "--input"))));
    }
    if (takesText(predictor) && isNoPath(input)) {
      return List.of(Asked.one("input", predictor.read(input.getBytes(StandardCharsets.UTF_8))));
    }
    Path file = Path.of(input);
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".csv") || name.endsWith(".tsv") || name.endsWith(".parquet")) {
      return List.of(rows(predictor, file, name.endsWith(".parquet")));
    }
    byte[] bytes = bytes(file);
    if (name.endsWith(".jsonl")) {
      List<Asked> asked = new ArrayList<>();
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      for (int i = 0; i < lines.size(); i++) {
        if (!lines.get(i).isBlank()) {
          String place = file + ":" + (i + 1);
          asked.add(Asked.one(place, predictor.read(Json.parse(lines.get(i), place))));
        }
      }
      return asked;
    }
    if (name.endsWith(".json")) {
      JsonNode json = Json.parse(new String(bytes, StandardCharsets.UTF_8), input);
      return List.of(Asked.one(input, predictor.read(json)));
    }
    return List.of(Asked.one(input, predictor.read(bytes)));
  }

  private static boolean takesText(Predictor predictor) {
    return predictor.fields().size() == 1
        && predictor.fields().getFirst().kind() == Field.Kind.TEXT;
  }

  /** Whether an argument is a text: no file has this name, and a path would not look like it. */
  private static boolean isNoPath(String input) {
    Path path;
    try {
      path = Path.of(input);
    } catch (InvalidPathException e) {
      return true;
    }
    return !Files.exists(path) && input.strip().contains(" ");
  }

  /** Every row, as the recipe's table was read: extra columns don't matter. */
  private static Asked rows(Predictor predictor, Path file, boolean parquet) {
    List<String> numbers = names(predictor, Field.Kind.NUMBER);
    List<String> texts = names(predictor, Field.Kind.TEXT);
    Table table =
        parquet ? ParquetTable.read(file, texts) : CsvReader.read(file, CsvConfig.usual());
    for (Field field : predictor.fields()) {
      if (!table.names().contains(field.name())) {
        throw new SlipwayException(
            Exit.INPUT,
            "predict.field-missing",
            file + " has no column " + field.name() + ", expected " + names(predictor, null),
            "add it, with empty values where they are missing");
      }
    }
    ExampleSet rows =
        TableExamples.of(
            parquet
                ? table
                : CsvReader.read(
                    file,
                    CsvConfig.usual()
                        .withRagged(CsvConfig.Ragged.REFUSE)
                        .withTypes(numbers, texts, List.of())));
    return new Asked(
        IntStream.range(0, rows.size()).mapToObj(row -> file + ":" + rows.id(row)).toList(),
        top -> predictor.json(rows, top));
  }

  private static List<String> names(Predictor predictor, Field.@Nullable Kind kind) {
    return predictor.fields().stream()
        .filter(field -> kind == null || field.kind() == kind)
        .map(Field::name)
        .toList();
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "predict.input-unreadable",
          file
              + " can't be read ("
              + e.getClass().getSimpleName()
              + "), expected a file, a JSON object or a text with blanks",
          "check the path",
          e);
    }
  }
}
