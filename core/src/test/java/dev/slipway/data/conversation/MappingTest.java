package dev.slipway.data.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.source.Derivation;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.RecordReader;
import dev.slipway.data.source.Source;
import dev.slipway.data.source.SourceRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class MappingTest {
  private static final String EXPECTED =
      "{\"messages\":[{\"role\":\"user\",\"content\":\"Add\\n\\n1 and 2\"},{\"role\":\"assistant\",\"content\":\"3\"}]}";

  @TempDir private Path temp;

  private List<SourceRecord> read(String content, Derivation derivation) throws IOException {
    return read(Files.writeString(temp.resolve("data.jsonl"), content), derivation);
  }

  private static List<SourceRecord> read(Path file, Derivation derivation) {
    List<SourceRecord> records = new ArrayList<>();
    try (RecordReader reader = new Source.Derived(new Source.Rows(file), derivation).open()) {
      for (RecordReader.PendingRecord next = reader.next(); next != null; next = reader.next()) {
        records.add(next.read());
      }
    }
    return records;
  }

  private static String text(SourceRecord record) {
    return new String(record.content(), StandardCharsets.UTF_8);
  }

  private static ConversationMapping conversations() {
    return new ConversationMapping(null, "data.source.conversations");
  }

  private static PreferenceMapping preferences() {
    return new PreferenceMapping(null, "data.source.preferences");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"messages\":[{\"role\":\"user\",\"content\":\"Add\\n\\n1 and 2\"},{\"role\":\"assistant\",\"content\":\"3\"}]}",
        "{\"conversations\":[{\"from\":\"human\",\"value\":\"Add\\n\\n1 and 2\"},{\"from\":\"gpt\",\"value\":\"3\"}]}",
        "{\"instruction\":\"Add\",\"input\":\"1 and 2\",\"output\":\"3\"}",
        "{\"prompt\":\"Add\\n\\n1 and 2\",\"completion\":\"3\"}",
        "{\"prompt\":[{\"role\":\"user\",\"content\":\"Add\\n\\n1 and 2\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"3\"}]}"
      })
  void allFormsGiveOneConversation(String row) throws IOException {
    List<SourceRecord> records = read(row + "\n", conversations());
    assertThat(records).hasSize(1);
    assertThat(text(records.getFirst())).isEqualTo(EXPECTED);
    assertThat(records.getFirst().id()).isEqualTo("line-1");
  }

  @Test
  void linesListsAndParquetGiveTheSameRows() throws IOException, SQLException {
    String rows =
        "{\"instruction\":\"Add\",\"input\":\"1 and 2\",\"output\":\"3\"}\n"
            + "{\"instruction\":\"Sag: Grüße\",\"input\":\"\",\"output\":\"Grüße 👋\"}\n";
    List<SourceRecord> lines = read(rows, conversations());
    Path list =
        Files.writeString(temp.resolve("list.json"), "\n [" + rows.replace("}\n{", "},\n{") + "]");
    Path parquet = temp.resolve("rows.parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM read_json('%s')) TO '%s' (FORMAT parquet)"
              .formatted(temp.resolve("data.jsonl"), parquet));
    }
    assertThat(lines.stream().map(MappingTest::text).toList()).hasSize(2).contains(EXPECTED);
    for (Path other : List.of(list, parquet)) {
      List<SourceRecord> records = read(other, conversations());
      assertThat(records.stream().map(MappingTest::text).toList())
          .isEqualTo(lines.stream().map(MappingTest::text).toList());
      assertThat(records.getLast().id()).isEqualTo("row-2");
    }
  }

  @Test
  void keepsToolsSystemsAndWhatTemplatesRead() throws IOException {
    String row =
        "{\"system\":\"Be brief\",\"conversations\":[{\"from\":\"human\",\"value\":\"Hi\"},"
            + "{\"from\":\"gpt\",\"value\":\"Hello\",\"reasoning_content\":\"greet\"}]}";
    assertThat(text(read(row, conversations()).getFirst()))
        .isEqualTo(
            "{\"messages\":[{\"role\":\"system\",\"content\":\"Be brief\"},{\"role\":\"user\",\"content\":\"Hi\"},"
                + "{\"role\":\"assistant\",\"content\":\"Hello\",\"reasoning_content\":\"greet\"}]}");
    String tools =
        "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"name\":\"f\"}]}],\"tools\":[{\"type\":\"function\"}]}";
    JsonNode kept = Json.parse(text(read(tools, conversations()).getFirst()), "kept");
    assertThat(kept.path("tools").size()).isEqualTo(1);
    assertThat(kept.path("messages").path(0).path("tool_calls").size()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"question\":\"a\",\"answer\":\"b\"}|data.columns|[question, answer]|`data.source.conversations.format: {prompt-completion: {prompt: question, completion: answer}}`",
        "{\"dialog\":[{\"speaker\":\"user\",\"text\":\"a\"}]}|data.columns|[dialog]|{messages: {messages: dialog, role: speaker, content: text}}",
        "{\"dialog\":[{\"from\":\"human\",\"value\":\"a\"}]}|data.columns|[dialog]|{sharegpt: {conversations: dialog}}",
        "{\"messages\":[{\"speaker\":\"user\",\"text\":\"a\"}]}|data.message-malformed|[speaker, text]|{messages: {messages: messages, role: speaker, content: text}}",
        "{\"messages\":[{\"role\":\"narrator\",\"content\":\"a\"}]}|data.message-role|\"narrator\"|rename the role",
        "{\"messages\":\"a\"}|data.column-type|\"a\"|name another column",
        "[1]|data.rows-malformed|row 1|mend or delete it",
        "3|data.rows-malformed|line 1|mend or delete it",
        "{\"prompt\":\"a\"|data.rows-malformed|expected close marker for Object, expected|mend or delete it"
      })
  void refusesWhatDoesNotFitAndSaysHowToMapIt(String row, String code, String found, String fix) {
    assertThatThrownBy(() -> read(row.replace("``", "`"), conversations()))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.getMessage()).contains(found);
              assertThat(e.fix()).contains(fix.replace("``", "`").replaceAll("^`|`$", ""));
            });
  }

  @Test
  void emptyValuesAreDroppedAndCounted() throws IOException {
    List<SourceRecord> records =
        read(
            "{\"prompt\":\"a\",\"completion\":\" \"}\n{\"prompt\":null,\"completion\":\"b\"}\n"
                + "{\"prompt\":\"a\",\"completion\":\"b\"}\n",
            conversations());
    assertThat(records).hasSize(3);
    for (SourceRecord dropped : records.subList(0, 2)) {
      assertThat(Objects.requireNonNull(dropped.problem()).reason())
          .isEqualTo(DropReason.VALUE_MISSING);
    }
    assertThat(records.getLast().problem()).isNull();
  }

  @Test
  void preferencesComeAsTextsMessagesOrWholeConversations() throws IOException {
    String pair =
        "{\"prompt\":[{\"role\":\"user\",\"content\":\"q\"}],\"chosen\":[{\"role\":\"assistant\",\"content\":\"a\"}],"
            + "\"rejected\":[{\"role\":\"assistant\",\"content\":\"b\"}]}";
    String whole =
        "{\"chosen\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"a\"}],"
            + "\"rejected\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"b\"}]";
    for (String row :
        List.of(
            "{\"prompt\":\"q\",\"chosen\":\"a\",\"rejected\":\"b\"}",
            pair,
            whole + "}",
            whole + ",\"prompt\":\"q\"}")) {
      assertThat(text(read(row, preferences()).getFirst())).isEqualTo(pair);
    }
    assertThat(
            text(
                read("{\"prompt\":\"q\",\"completion\":\"a\",\"label\":1}", preferences())
                    .getFirst()))
        .isEqualTo(
            "{\"prompt\":[{\"role\":\"user\",\"content\":\"q\"}],\"completion\":[{\"role\":\"assistant\",\"content\":\"a\"}],\"label\":true}");
    assertThatThrownBy(
            () -> read("{\"question\":\"q\",\"better\":\"a\",\"worse\":\"b\"}", preferences()))
        .hasMessageContaining("[question, better, worse]")
        .extracting("fix")
        .asString()
        .contains("{pairs: {prompt: question, chosen: better, rejected: worse}}");
    assertThatThrownBy(() -> read("{\"chosen\":\"a\",\"rejected\":\"b\"}", preferences()))
        .extracting("code")
        .isEqualTo("data.no-prompt");
  }

  @Test
  void implicitPromptsAndShareGptAreWhatTrlMakesOfThem() throws IOException {
    JsonNode trl;
    try (InputStream stream = Objects.requireNonNull(getClass().getResourceAsStream("trl.json"))) {
      trl = Json.parse(new String(stream.readAllBytes(), StandardCharsets.UTF_8), "trl.json");
    }
    assertThat(
            Json.parse(
                text(read(Json.line(trl.path("implicit")), preferences()).getFirst()), "pair"))
        .isEqualTo(trl.path("explicit"));
    assertThat(
            Json.parse(
                    text(read(Json.line(trl.path("sharegpt")), conversations()).getFirst()),
                    "conversation")
                .path("messages"))
        .isEqualTo(trl.path("chatml").path("messages"));
    int[] lengths = new int[trl.path("lengths").size()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = trl.path("lengths").path(i).asInt();
    }
    List<List<Integer>> rows = new ArrayList<>();
    for (int[] row : Packing.pack(lengths, trl.path("room").asInt())) {
      List<Integer> content = new ArrayList<>();
      for (int sequence : row) {
        content.add(lengths[sequence]);
      }
      rows.add(content.stream().sorted().toList());
    }
    List<List<Integer>> theirs = new ArrayList<>();
    for (JsonNode row : trl.path("rows")) {
      List<Integer> content = new ArrayList<>();
      row.forEach(length -> content.add(length.asInt()));
      theirs.add(content);
    }
    assertThat(rows).containsExactlyInAnyOrderElementsOf(theirs);
  }

  @Test
  void methodsOfJavaSourcesBecomeConversations() {
    String source =
        """
        package p;
        /** A class. */
        class A<T> {
          /**
           * Adds {@code a} &amp; {@link Math#abs(int) its} other, see {@link #b}. More.
           *
           * @param a first
           */
          @Deprecated
          public <U extends T> int add(int a,
              int b) throws E {
            if (a > 0) {
              return a;
            }
            return b;
          }

          /** {@return the size of it} */
          int size() { return 1; }

          /** {@inheritDoc} */
          int inherited() { return 2; }

          /** No body. */
          abstract int none();

          int silent() { return 3; }
        }
        """;
    SourceRecord record = SourceRecord.of("p/A.java", source.getBytes(StandardCharsets.UTF_8));
    List<SourceRecord> made =
        new JavadocConversations(JavadocConversations.Ask.BODY).of(record, temp);
    assertThat(made).hasSize(2);
    assertThat(made.getFirst().id()).isEqualTo("p/A.java#add-10");
    JsonNode messages = Json.parse(text(made.getFirst()), "made").path("messages");
    assertThat(messages.path(0).path("content").asString())
        .isEqualTo(
            "Write the body of this method.\n\n/** Adds a & its other, see b. */\n"
                + "public <U extends T> int add(int a, int b) throws E");
    assertThat(messages.path(1).path("content").asString())
        .isEqualTo("{\n  if (a > 0) {\n    return a;\n  }\n  return b;\n}");
    JsonNode summary =
        Json.parse(
                text(
                    new JavadocConversations(JavadocConversations.Ask.SUMMARY)
                        .of(record, temp)
                        .getLast()),
                "made")
            .path("messages");
    assertThat(summary.path(1).path("content").asString()).isEqualTo("Returns the size of it.");
    assertThat(summary.path(0).path("content").asString())
        .isEqualTo("Summarise this method.\n\nint size() { return 1; }");

    for (String nothing : List.of("class B { int x; }", "no Java {{{", "")) {
      List<SourceRecord> dropped =
          new JavadocConversations(JavadocConversations.Ask.BODY)
              .of(SourceRecord.of("B.java", nothing.getBytes(StandardCharsets.UTF_8)), temp);
      assertThat(Objects.requireNonNull(dropped.getFirst().problem()).reason())
          .isEqualTo(DropReason.NO_EXAMPLE);
    }
  }
}
