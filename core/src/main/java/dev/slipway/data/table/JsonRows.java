package dev.slipway.data.table;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rows of any form as objects, lists and objects within them too: JSON lines, a JSON list, CSV
 * (every value a text) and Parquet, told by what the file begins with.
 */
public final class JsonRows {
  private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);
  private static final int MOST = 5_000_000;

  private JsonRows() {}

  /**
   * @throws SlipwayException where it can't be read or has no rows
   */
  public static List<ObjectNode> read(Path file) {
    byte[] head = head(file);
    List<ObjectNode> rows;
    if (Arrays.equals(Arrays.copyOf(head, PARQUET.length), PARQUET)) {
      rows = byDuckDb(file, "read_parquet(?)");
    } else {
      rows =
          switch (firstMark(head)) {
            case '{' -> lines(file);
            case '[' -> objects(Json.read(file), file);
            // No text is read as missing: an empty value stays one.
            default ->
                byDuckDb(file, "read_csv(?, all_varchar=true, header=true, nullstr='\u0001')");
          };
    }
    if (rows.isEmpty()) {
      throw TableProblems.noRows(file.toString());
    }
    return rows;
  }

  private static byte[] head(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(4096);
    } catch (NoSuchFileException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.source-missing",
          "there is no file " + file + ", expected JSON lines, CSV or Parquet",
          "check the path",
          e);
    } catch (IOException e) {
      throw TableProblems.failed(file.toString(), e);
    }
  }

  private static char firstMark(byte[] head) {
    for (byte each : head) {
      if (!Character.isWhitespace(each)
          && each != (byte) 0xEF
          && each != (byte) 0xBB
          && each != (byte) 0xBF) {
        return (char) (each & 0xFF);
      }
    }
    return ' ';
  }

  private static List<ObjectNode> lines(Path file) {
    List<ObjectNode> rows = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      int number = 0;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        number++;
        if (!line.isBlank()) {
          rows.add(object(Json.parse(line, file + ", line " + number), file, number));
          checkCount(file, rows.size());
        }
      }
    } catch (CharacterCodingException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "file.not-utf8",
          file + " is not UTF-8 text",
          "convert it, for example with iconv -t UTF-8",
          e);
    } catch (IOException e) {
      throw TableProblems.failed(file.toString(), e);
    }
    return rows;
  }

  private static List<ObjectNode> objects(JsonNode list, Path file) {
    List<ObjectNode> rows = new ArrayList<>();
    for (JsonNode each : list) {
      rows.add(object(each, file, rows.size() + 1));
    }
    return rows;
  }

  private static ObjectNode object(JsonNode node, Path file, int number) {
    if (node instanceof ObjectNode object) {
      return object;
    }
    throw new SlipwayException(
        Exit.INPUT,
        "data.rows-no-object",
        "row " + number + " of " + file + " is no JSON object",
        "write {\"field\": value, …} in each row");
  }

  private static void checkCount(Path file, int rows) {
    if (rows > MOST) {
      throw TableProblems.tooLarge(file.toString(), rows);
    }
  }

  private static List<ObjectNode> byDuckDb(Path file, String reader) {
    Properties properties = new Properties();
    properties.setProperty("jdbc_stream_results", "true");
    properties.setProperty("threads", "2");
    properties.setProperty("memory_limit", "512MB");
    String from = reader.replace("?", "'" + file.toString().replace("'", "''") + "'");
    List<ObjectNode> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:", properties);
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("SELECT to_json(t) FROM " + from + " t")) {
      while (found.next()) {
        rows.add(object(Json.parse(found.getString(1), file.toString()), file, rows.size() + 1));
        checkCount(file, rows.size());
      }
    } catch (SQLException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.rows-malformed",
          file
              + " could not be read as rows: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
          "give JSON lines, CSV with a header, or Parquet",
          e);
    }
    return rows;
  }
}
