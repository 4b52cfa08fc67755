package dev.slipway.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.Sources;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.assertj.core.api.ThrowableAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTest {
  private static final ReadLimits SMALL = new ReadLimits(100, 2000, 10);

  @TempDir Path folder;

  private static List<SourceRecord> read(Source source) {
    return read(source, ReadLimits.DEFAULT);
  }

  private static List<SourceRecord> read(Source source, ReadLimits limits) {
    List<SourceRecord> records = new ArrayList<>();
    try (RecordReader reader = source.open(limits)) {
      for (RecordReader.PendingRecord next = reader.next(); next != null; next = reader.next()) {
        records.add(next.read());
      }
    }
    return records;
  }

  private static @Nullable DropReason reason(SourceRecord record) {
    Dropped problem = record.problem();
    return problem == null ? null : problem.reason();
  }

  private static List<String> ids(List<SourceRecord> records) {
    return records.stream().map(SourceRecord::id).toList();
  }

  private static List<String> texts(List<SourceRecord> records) {
    return records.stream().map(r -> new String(r.content(), StandardCharsets.UTF_8)).toList();
  }

  private static void refused(Source source, String code, String... saying) {
    refused(() -> read(source, SMALL), code, saying);
  }

  private static void refused(
      ThrowableAssert.ThrowingCallable work, String code, String... saying) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              for (String part : saying) {
                assertThat(e.line()).contains(part);
              }
              assertThat(e.line()).doesNotContain("\n");
            });
  }

  @Test
  void folderAndZipOfTheSameFilesAreTheSameRecords() throws IOException {
    Map<String, String> files = new TreeMap<>();
    files.put("b/x/B.java", "class B {}");
    files.put("a.java", "class A {}");
    files.put("b/notes.md", "notes");
    files.put("b/x/Skip.java", "class Skip {}");
    Path zip = Sources.zip(folder.resolve("s.zip"), files);
    Sources.folder(folder.resolve("s"), files);
    List<String> include = List.of("**/*.java");
    List<String> exclude = List.of("**/Skip.*");
    List<SourceRecord> ofZip = read(new Source.Zip(zip, include, exclude));
    List<SourceRecord> ofFolder = read(new Source.Folder(folder.resolve("s"), include, exclude));
    assertThat(ids(ofZip)).containsExactly("a.java", "b/x/B.java").isEqualTo(ids(ofFolder));
    assertThat(texts(ofZip)).containsExactly("class A {}", "class B {}").isEqualTo(texts(ofFolder));
  }

  @Test
  void globsAreThoseOfShells() {
    assertThat(Glob.of("java.base/**/*.java").matches("java.base/module-info.java")).isTrue();
    assertThat(Glob.of("java.base/**/*.java").matches("java.base/a/b/C.java")).isTrue();
    assertThat(Glob.of("java.base/**/*.java").matches("java.basement/C.java")).isFalse();
    assertThat(Glob.of("*.java").matches("a/C.java")).isFalse();
    assertThat(Glob.of("**").matches("a/b.c")).isTrue();
    assertThat(Glob.of("a/*.{md,txt}").matches("a/x.txt")).isTrue();
    assertThat(Glob.of("a?[0-9][!x].c").matches("ab1y.c")).isTrue();
    assertThat(Glob.of("a?[0-9][!x].c").matches("ab1x.c")).isFalse();
    assertThat(Glob.of("a\\*+(1).c").matches("a*+(1).c")).isTrue();
    assertThat(Glob.of("[a&&b].c").matches("&.c")).isTrue();
    assertThatThrownBy(() -> new Source.Zip(folder, List.of("a/{b"), List.of()))
        .hasMessageContaining("'a/{b' is never closed");
  }

  @Test
  void jsonlGivesTextsAndIds() {
    Path file =
        Sources.write(
            folder.resolve("a.jsonl"),
            "{\"text\": \"one\\n\", \"id\": 7}\n\n{\"id\": \"x\", \"text\": \"zwei ü\"}");
    List<SourceRecord> records = read(new Source.Jsonl(file, "text", null));
    assertThat(ids(records)).containsExactly("line-1", "line-3");
    assertThat(texts(records)).containsExactly("one\n", "zwei ü");
    assertThat(ids(read(new Source.Jsonl(file, "text", "id")))).containsExactly("7", "x");
  }

  @Test
  void jsonlProblemsNameTheLine() {
    Path broken = Sources.write(folder.resolve("a.jsonl"), "{\"text\": \"one\"}\n{\"text\": \n");
    refused(new Source.Jsonl(broken, "text", null), "data.jsonl-malformed", "line 2 of");
    Path array = Sources.write(folder.resolve("b.jsonl"), "[1]\n");
    refused(new Source.Jsonl(array, "text", null), "data.jsonl-malformed", "not a JSON object");
    Path other = Sources.write(folder.resolve("c.jsonl"), "{\"body\": \"x\", \"n\": 1}\n");
    refused(
        new Source.Jsonl(other, "text", null), "data.jsonl-no-text", "line 1", "'text'", "[body]");
    refused(new Source.Jsonl(other, "body", "id"), "data.jsonl-malformed", "'id'");
  }

  @Test
  void jsonlLinesThatAreNoTextAreDroppedOneByOne() throws IOException {
    Path file = folder.resolve("a.jsonl");
    Files.write(file, "{\"text\": \"gr\u00fc\u00df\"}\n".getBytes(StandardCharsets.ISO_8859_1));
    Files.writeString(
        file,
        "{\"text\": \"\\ud800\"}\n{\"text\": \"" + "x".repeat(200) + "\"}\n{\"text\": \"ok\"}",
        StandardOpenOption.APPEND);
    List<SourceRecord> records = read(new Source.Jsonl(file, "text", null), SMALL);
    assertThat(records)
        .extracting(SourceTest::reason)
        .containsExactly(DropReason.NOT_UTF8, DropReason.NOT_UTF8, DropReason.TOO_LARGE, null);
  }

  @Test
  void textIsCutAtBlankLinesAndNothingIsLost() throws IOException {
    StringBuilder text = new StringBuilder("\n\n");
    for (int i = 0; i < 300; i++) {
      text.append("Paragraph ")
          .append(i)
          .append(" ü\nsecond line\n")
          .append(i % 3 == 0 ? "\n \n" : "");
    }
    Path file = Sources.write(folder.resolve("a.txt"), text.toString());
    List<SourceRecord> sections = read(new Source.Text(file, TextUnit.BLANK_LINES));
    assertThat(String.join("", texts(sections))).isEqualTo(text.toString());
    assertThat(sections.size()).isBetween(3, 5);
    assertThat(sections.getFirst().id()).isEqualTo("line-1");
    assertThat(sections.get(1).content()).startsWith("Paragraph ".getBytes(StandardCharsets.UTF_8));
    List<SourceRecord> whole = read(new Source.Text(file, TextUnit.WHOLE));
    assertThat(texts(whole)).containsExactly(text.toString());
  }

  @Test
  void parquetGivesRows() throws SQLException {
    Path file = folder.resolve("it's a.parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT 'text ' || i AS content, i * 10 AS key FROM range(3000) t(i)) TO '"
              + file.toString().replace("'", "''")
              + "' (FORMAT parquet)");
    }
    List<SourceRecord> records = read(new Source.Parquet(file, "content", null));
    assertThat(records).hasSize(3000);
    assertThat(records.get(2999).id()).isEqualTo("row-3000");
    assertThat(texts(records).get(2999)).isEqualTo("text 2999");
    assertThat(read(new Source.Parquet(file, "content", "key")).get(2).id()).isEqualTo("20");
    refused(
        new Source.Parquet(file, "text", null),
        "data.parquet-no-column",
        "no column 'text'",
        "[content, key]");
    Path broken = Sources.write(folder.resolve("b.parquet"), "PAR1 and nothing more");
    refused(new Source.Parquet(broken, "text", null), "data.parquet-malformed", "b.parquet");
  }

  @Test
  void missingSourcesAreSaid() {
    Path missing = folder.resolve("missing");
    List<String> none = List.of();
    refused(new Source.Zip(missing, none, none), "data.source-missing", "there is no");
    refused(new Source.Folder(missing, none, none), "data.source-missing");
    refused(new Source.Jsonl(missing, "text", null), "data.source-missing");
    refused(new Source.Text(missing, TextUnit.WHOLE), "data.source-missing");
    refused(new Source.Parquet(missing, "text", null), "data.source-missing");
    refused(() -> Source.detect(missing), "data.source-missing");
  }

  @Test
  void aJdkWithoutSourcesSaysWhatToInstall() {
    refused(
        new Source.Zip(folder.resolve("lib/src.zip"), List.of(), List.of()),
        "data.no-java-sources",
        "this JDK came without its sources",
        "--source PATH");
    assertThat(SourceProblems.sourcesPackage(25, "ID=ubuntu\nID_LIKE=debian\n"))
        .contains("openjdk-25-source");
    assertThat(SourceProblems.sourcesPackage(25, "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"))
        .contains("java-25-openjdk-src");
    assertThat(SourceProblems.sourcesPackage(25, "")).contains("full JDK 25");
  }

  @Test
  void emptySourcesAreSaid() throws IOException {
    Path empty = Sources.write(folder.resolve("empty"), "");
    refused(new Source.Text(empty, TextUnit.WHOLE), "data.source-empty", "no bytes");
    refused(new Source.Zip(empty, List.of(), List.of()), "data.source-empty");
    Path none = Files.createDirectory(folder.resolve("none"));
    refused(new Source.Folder(none, List.of(), List.of()), "data.source-empty", "no files");
    Path zip = Sources.zip(folder.resolve("e.zip"), Map.of());
    refused(new Source.Zip(zip, List.of(), List.of()), "data.source-empty", "no files");
  }

  @Test
  void includesThatMatchNothingSayWhatIsThere() throws IOException {
    Map<String, String> files = Map.of("src/a.py", "a", "src/b.py", "b", "doc/c.md", "c");
    Path zip = Sources.zip(folder.resolve("s.zip"), files);
    String[] saying = {"none of the 3 files", "[**/*.java]", ".py (2)", "src/ (2), doc/ (1)"};
    refused(new Source.Zip(zip, List.of("**/*.java"), List.of()), "data.nothing-included", saying);
    Path root = Sources.folder(folder.resolve("s"), files).path();
    refused(
        new Source.Folder(root, List.of("**/*.java"), List.of()), "data.nothing-included", saying);
  }

  @Test
  void filesAndFoldersAreNotMistaken() {
    Path file = Sources.write(folder.resolve("a.txt"), "text");
    refused(new Source.Folder(file, List.of(), List.of()), "data.source-not-a-folder");
    refused(new Source.Text(folder, TextUnit.WHOLE), "data.source-not-a-file");
  }

  @Test
  void corruptZipsAreRefused() throws IOException {
    Path noZip = Sources.write(folder.resolve("a.zip"), "PK\u0003\u0004 and no more");
    refused(new Source.Zip(noZip, List.of(), List.of()), "data.zip-corrupt");
    Path zip = Sources.zip(folder.resolve("b.zip"), Map.of("a.txt", "a text, that is stored here"));
    byte[] bytes = Files.readAllBytes(zip);
    bytes[45] ^= 0x10; // in the packed text
    Sources.write(zip, bytes);
    refused(new Source.Zip(zip, List.of(), List.of()), "data.zip-corrupt", "a.txt");
    Sources.write(zip, Arrays.copyOf(bytes, bytes.length / 2));
    refused(new Source.Zip(zip, List.of(), List.of()), "data.zip-corrupt");
  }

  @Test
  void zipBombsAreRefusedBeforeTheyGoOff() throws IOException {
    Map<String, String> files = new TreeMap<>();
    for (int i = 0; i < 5; i++) {
      files.put("f" + i, "a".repeat(90_000));
    }
    Path zip = Sources.zip(folder.resolve("bomb.zip"), files);
    refused(new Source.Zip(zip, List.of(), List.of()), "data.zip-bomb", "450,000");
  }

  @Test
  void hugeFilesAreDroppedUnread() throws IOException {
    Path sparse = folder.resolve("s/huge.txt");
    Sources.write(folder.resolve("s/a.txt"), "text");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.setLength(20L << 30);
    }
    List<SourceRecord> records = read(new Source.Folder(folder.resolve("s"), List.of(), List.of()));
    assertThat(records).hasSize(2);
    SourceRecord huge = records.get(1);
    assertThat(huge.bytes()).isEqualTo(20L << 30);
    assertThat(reason(huge)).isEqualTo(DropReason.TOO_LARGE);
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.setLength(100L << 20);
    }
    List<SourceRecord> text = read(new Source.Text(sparse, TextUnit.BLANK_LINES));
    assertThat(text).hasSize(1);
    assertThat(text.getFirst().bytes()).isEqualTo(100L << 20);
    assertThat(text.getFirst().problem()).isNotNull();
  }

  @Test
  void unreadableFilesAreDroppedAndUnreadableSourcesRefused() throws IOException {
    Path file = Sources.write(folder.resolve("s/a.txt"), "text");
    assertThat(file.toFile().setReadable(false)).isTrue();
    assumeTrue(!Files.isReadable(file), "skipped: this user may read everything");
    SourceRecord record =
        read(new Source.Folder(folder.resolve("s"), List.of(), List.of())).getFirst();
    assertThat(reason(record)).isEqualTo(DropReason.UNREADABLE);
    refused(new Source.Text(file, TextUnit.WHOLE), "data.source-unreadable", "no permission");
    assertThat(folder.resolve("s").toFile().setReadable(false)).isTrue();
    refused(new Source.Folder(folder.resolve("s"), List.of(), List.of()), "data.source-unreadable");
  }

  @Test
  void linksAreFollowedButNotInCircles() throws IOException {
    Path root = Sources.folder(folder.resolve("s"), Map.of("a.txt", "text")).path();
    Path elsewhere = Sources.write(folder.resolve("elsewhere.txt"), "linked");
    Files.createSymbolicLink(root.resolve("b.txt"), elsewhere);
    Files.createSymbolicLink(root.resolve("circle"), root);
    Files.createSymbolicLink(root.resolve("dangling"), folder.resolve("nowhere"));
    assertThat(ids(read(new Source.Folder(root, List.of(), List.of()))))
        .containsExactly("a.txt", "b.txt");
  }

  @Test
  void detectsWhatAPathIs() throws IOException {
    assertThat(Source.detect(folder))
        .isEqualTo(new Source.Folder(folder, List.of(), Source.HIDDEN));
    Path zip = Sources.zip(folder.resolve("named.txt"), Map.of("a", "b"));
    assertThat(Source.detect(zip)).isInstanceOf(Source.Zip.class);
    Path jsonl = Sources.write(folder.resolve("a"), "\n{\"n\": 1, \"content\": \"x\"}\n");
    assertThat(Source.detect(jsonl)).isEqualTo(new Source.Jsonl(jsonl, "content", null));
    Path text = Sources.write(folder.resolve("b"), "{ is how this text begins\n");
    assertThat(Source.detect(text)).isEqualTo(new Source.Text(text, TextUnit.BLANK_LINES));
    Path parquet = Sources.write(folder.resolve("c"), "PAR1");
    assertThat(Source.detect(parquet)).isInstanceOf(Source.Parquet.class);
    Path binary = Sources.write(folder.resolve("d"), new byte[] {1, 2, 0, 4});
    refused(() -> Source.detect(binary), "data.source-not-text", "binary");
    Path gzip = Sources.write(folder.resolve("e"), new byte[] {0x1f, (byte) 0x8b, 8});
    refused(() -> Source.detect(gzip), "data.source-compressed", "unpack");
    Sources.write(folder.resolve("f/.git/config"), "hidden");
    Sources.write(folder.resolve("f/.hidden"), "hidden");
    Sources.write(folder.resolve("f/a/b.txt"), "seen");
    assertThat(ids(read(Source.detect(folder.resolve("f"))))).containsExactly("a/b.txt");
  }
}
