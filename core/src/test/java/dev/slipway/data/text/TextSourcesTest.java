package dev.slipway.data.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import dev.slipway.data.archive.ArchiveLimits;
import dev.slipway.data.archive.CacheFolder;
import dev.slipway.data.archive.FileTree;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.source.DropReason;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextSourcesTest {
  private static final List<String> TXT = List.of("**/*.txt");

  @TempDir Path folder;

  private void file(String name, String text) throws IOException {
    Path path = folder.resolve(name);
    Files.createDirectories(Objects.requireNonNull(path.getParent()));
    Files.writeString(path, text);
  }

  private static List<String> described(ExampleSet set) {
    return IntStream.range(0, set.size())
        .mapToObj(
            i ->
                set.id(i)
                    + " "
                    + (set.value(i, "label") instanceof Value.Text(String label) ? label : "?")
                    + " "
                    + set.given(i).map(SplitName::label).orElse("-"))
        .toList();
  }

  private static void assertRefused(Runnable opening, String code) {
    assertThatThrownBy(opening::run)
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).as(e.line()).isEqualTo(code));
  }

  @Test
  void foldersTellLabelAndSplit() throws IOException {
    file("reviews/train/pos/1.txt", "good");
    file("reviews/train/neg/2.txt", "bad");
    file("reviews/test/pos/3.txt", "fine");
    file("reviews/test/neg/deeper/4.txt", "poor");
    file("reviews/train/unsup/5.txt", "unknown");
    file("reviews/README.txt", "about");
    try (TextFolderExamples set =
        TextFolderExamples.open(FileTree.open(folder), TXT, List.of("**/unsup/**"))) {
      assertThat(described(set))
          .containsExactly(
              "reviews/test/neg/deeper/4.txt neg test",
              "reviews/test/pos/3.txt pos test",
              "reviews/train/neg/2.txt neg train",
              "reviews/train/pos/1.txt pos train");
      assertThat(set.labels()).containsExactly("neg", "pos");
      assertThat(set.value(3, "text")).isEqualTo(new Value.Text("good"));
      assertThat(set.warnings())
          .singleElement()
          .asString()
          .contains("1 files are in no folder of a label and left out: reviews/README.txt");
      assertThat(set.bytes(3)).isEqualTo(4);
      assertThat(set.fields()).extracting(Field::kind).containsOnly(Field.Kind.TEXT);
    }
  }

  @Test
  void anArchiveIsClosedAsSoonAsItsTextsAreHeld() throws IOException {
    file("pos/1.txt", "good");
    file("neg/2.txt", "bad");
    AtomicInteger closed = new AtomicInteger();
    FileTree tree = FileTree.open(folder);
    FileTree counted =
        new FileTree() {
          @Override
          public Path origin() {
            return tree.origin();
          }

          @Override
          public List<Entry> files() {
            return tree.files();
          }

          @Override
          public List<String> emptyFolders() {
            return tree.emptyFolders();
          }

          @Override
          public byte[] read(Entry entry) {
            assertThat(closed).hasValue(0);
            return tree.read(entry);
          }

          @Override
          public InputStream open(Entry entry) {
            return tree.open(entry);
          }

          @Override
          public void close() {
            closed.incrementAndGet();
          }
        };
    try (TextFolderExamples set = TextFolderExamples.open(counted, TXT, List.of())) {
      assertThat(closed).hasValue(1);
      assertThat(set.value(0, "text")).isEqualTo(new Value.Text("bad"));
    }
    assertThat(closed).hasValue(1);
  }

  @Test
  void withoutSplitsAndInAZipItIsTheSame() throws IOException {
    Path zip = folder.resolve("some.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (String name : List.of("a/pos/1.txt", "a/neg/2.txt", "a/neutral/")) {
        out.putNextEntry(new ZipEntry(name));
        if (!name.endsWith("/")) {
          out.write("text".getBytes(UTF_8));
        }
      }
    }
    try (TextFolderExamples set = TextFolderExamples.open(FileTree.open(zip), TXT, List.of())) {
      assertThat(described(set)).containsExactly("a/neg/2.txt neg -", "a/pos/1.txt pos -");
      assertThat(set.warnings())
          .singleElement()
          .asString()
          .contains("no file in the folder of a label: a/neutral");
    }
  }

  @Test
  void anEmptyClassFolderIsToldAndOneClassAloneRefused() throws IOException {
    file("train/pos/1.txt", "good");
    file("train/neg/2.txt", "bad");
    file("test/pos/3.txt", "fine");
    Files.createDirectories(folder.resolve("test/neg"));
    try (TextFolderExamples set = TextFolderExamples.open(FileTree.open(folder), TXT, List.of())) {
      assertThat(set.warnings()).singleElement().asString().contains("label: test/neg");
    }
    Files.delete(folder.resolve("train/neg/2.txt"));
    assertRefused(
        () -> TextFolderExamples.open(FileTree.open(folder), TXT, List.of()), "data.one-label");
    assertThatThrownBy(() -> TextFolderExamples.open(FileTree.open(folder), TXT, List.of()))
        .hasMessageContaining("the label 'pos' alone; there is no file in test/neg, train/neg");
    assertRefused(
        () -> TextFolderExamples.open(FileTree.open(folder), List.of("*.md"), List.of()),
        "data.one-label");
  }

  @Test
  void textsThatCantBeTakenAreInTheLedger() throws IOException {
    file("pos/ok.txt", "good");
    file("neg/ok.txt", "bad");
    file("neg/empty.txt", " \n");
    file("neg/large.txt", "x".repeat(10_000_000));
    Files.write(folder.resolve("pos/latin.txt"), "é".getBytes(ISO_8859_1));
    try (TextFolderExamples set = TextFolderExamples.open(FileTree.open(folder), TXT, List.of())) {
      assertThat(set.size()).isEqualTo(2);
      assertThat(set.dropped())
          .extracting(d -> d.id() + " " + d.problem().reason())
          .containsExactly(
              "neg/empty.txt " + DropReason.EMPTY,
              "neg/large.txt " + DropReason.TOO_LARGE,
              "pos/latin.txt " + DropReason.NOT_UTF8);
      assertThat(set.warnings())
          .singleElement()
          .asString()
          .contains("3 of 5 files were left out")
          .contains("neg/large.txt (too large to hold)");
      long bytes =
          IntStream.range(0, 2).mapToLong(set::bytes).sum()
              + set.dropped().stream().mapToLong(ExampleSet.DroppedExample::bytes).sum();
      assertThat(bytes).isEqualTo(4 + 3 + 2 + 10_000_000 + 1);
    }
  }

  @Test
  void linesOfTwoFilesBelongTogether() throws IOException {
    file("train.en", "\uFEFFa dog\ntwo cats\r\n\nlast");
    Path german = folder.resolve("train.de.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(german))) {
      out.write("ein Hund\nzwei Katzen\nleer\nletzte\n".getBytes(UTF_8));
    }
    ParallelTextExamples.Pair pair =
        new ParallelTextExamples.Pair(
            folder.resolve("train.en"), german, Optional.of(SplitName.TRAIN));
    try (ParallelTextExamples set = ParallelTextExamples.open(List.of(pair))) {
      assertThat(set.size()).isEqualTo(3);
      assertThat(set.value(0, "source")).isEqualTo(new Value.Text("a dog"));
      assertThat(set.value(1, "source")).isEqualTo(new Value.Text("two cats"));
      assertThat(set.value(2, "target")).isEqualTo(new Value.Text("letzte"));
      assertThat(set.id(2)).isEqualTo("train.en:4");
      assertThat(set.given(2)).contains(SplitName.TRAIN);
      assertThat(set.dropped())
          .extracting(d -> d.id() + " " + d.problem())
          .containsExactly("train.en:3 Dropped[reason=EMPTY, detail=source]");
    }
    file("short.de", "one\n");
    assertRefused(
        () ->
            ParallelTextExamples.open(
                List.of(
                    new ParallelTextExamples.Pair(
                        folder.resolve("train.en"), folder.resolve("short.de"), Optional.empty()))),
        "data.parallel-lengths");
  }

  @Test
  void jsonLinesHaveFieldsOfTheirKinds() throws IOException {
    file(
        "some.jsonl",
        """
        {"text": "a", "score": 1.5, "tags": ["x", "y"], "ok": true, "mixed": 1, "part": "train"}

        {"text": "b", "score": null, "extra": "late", "mixed": "two", "deep": {"a": 1}, "part": "test"}
        """);
    try (JsonlExamples set =
        JsonlExamples.open(folder.resolve("some.jsonl"), Optional.of("part"))) {
      assertThat(set.fields())
          .containsExactly(
              new Field("text", Field.Kind.TEXT),
              new Field("score", Field.Kind.NUMBER),
              new Field("tags", Field.Kind.LABELS),
              new Field("ok", Field.Kind.TEXT),
              new Field("mixed", Field.Kind.TEXT),
              new Field("extra", Field.Kind.TEXT));
      assertThat(set.numbers("score")).containsExactly(1.5, Double.NaN);
      assertThat(set.value(0, "tags")).isEqualTo(new Value.Labels(List.of("x", "y")));
      assertThat(set.value(0, "mixed")).isEqualTo(new Value.Text("1"));
      assertThat(set.value(0, "ok")).isEqualTo(new Value.Text("true"));
      assertThat(set.value(0, "extra")).isSameAs(Value.Missing.INSTANCE);
      assertThat(set.id(1)).isEqualTo("line-3");
      assertThat(set.given(1)).contains(SplitName.TEST);
      assertThat(set.warnings())
          .containsExactly("the field 'deep' holds objects, which are left out, first in line 3");
    }
    file("bad.jsonl", "{\"a\": 1}\n[1]\n");
    assertRefused(
        () -> JsonlExamples.open(folder.resolve("bad.jsonl"), Optional.empty()),
        "data.jsonl-malformed");
    file("empty.jsonl", "\n");
    assertRefused(
        () -> JsonlExamples.open(folder.resolve("empty.jsonl"), Optional.empty()),
        "data.no-examples");
  }

  @Test
  void imdbIsReadFromItsArchive() {
    String set = System.getenv("SLIPWAY_DATASETS");
    assumeTrue(set != null, "SLIPWAY_DATASETS is not set");
    FileTree tree =
        FileTree.open(
            Path.of(set, "aclImdb_v1.tar.gz"), new CacheFolder(folder), ArchiveLimits.DEFAULT);
    try (TextFolderExamples imdb = TextFolderExamples.open(tree, TXT, List.of("**/unsup/**"))) {
      assertThat(imdb.size()).isEqualTo(50_000);
      assertThat(imdb.labels()).containsExactly("neg", "pos");
      assertThat(
              IntStream.range(0, 50_000)
                  .filter(i -> imdb.given(i).equals(Optional.of(SplitName.TEST))))
          .hasSize(25_000);
      assertThat(imdb.id(0)).isEqualTo("aclImdb/test/neg/0_2.txt");
    }
  }

  @Test
  void multi30kIsReadFromItsFiles() {
    String set = System.getenv("SLIPWAY_DATASETS");
    assumeTrue(set != null, "SLIPWAY_DATASETS is not set");
    Path files = Path.of(set, "multi30k");
    try (ParallelTextExamples pairs =
        ParallelTextExamples.open(
            List.of(
                new ParallelTextExamples.Pair(
                    files.resolve("train.en.gz"),
                    files.resolve("train.de.gz"),
                    Optional.of(SplitName.TRAIN))))) {
      assertThat(pairs.size()).isEqualTo(29_000);
    }
  }
}
