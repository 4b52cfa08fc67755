package dev.slipway.data.media;

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
import dev.slipway.data.picture.PictureFixtures;
import dev.slipway.data.source.DropReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MediaFolderTest {
  private static final byte[] PICTURE = PictureFixtures.file("jpeg/37x29-420.jpeg");

  @TempDir Path folder;

  private void write(String name, byte[] content) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private ExampleSet pictures(GivenSplits splits) {
    return MediaFolder.pictures(FileTree.open(folder), List.of(), List.of(), splits);
  }

  private static List<String> ids(ExampleSet set) {
    return IntStream.range(0, set.size()).mapToObj(set::id).toList();
  }

  @Test
  void aFolderAClass() throws IOException {
    write("pets/cats/1.jpg", PICTURE);
    write("pets/cats/young/2.JPEG", PICTURE);
    write("pets/dogs/1.png", PictureFixtures.file("png/rgb.png"));
    try (ExampleSet set = pictures(GivenSplits.BY_FOLDER)) {
      assertThat(ids(set))
          .containsExactly("pets/cats/1.jpg", "pets/cats/young/2.JPEG", "pets/dogs/1.png");
      assertThat(set.fields())
          .containsExactly(
              new Field("picture", Field.Kind.PICTURE), new Field("label", Field.Kind.TEXT));
      assertThat(set.value(1, "label")).isEqualTo(new Value.Text("cats"));
      assertThat(set.value(2, "label")).isEqualTo(new Value.Text("dogs"));
      assertThat(((Value.Content) set.value(0, "picture")).bytes()).isEqualTo(PICTURE);
      assertThat(set.bytes(0)).isEqualTo(PICTURE.length);
      assertThat(set.given(0)).isEmpty();
      assertThat(set.dropped()).isEmpty();
    }
  }

  @Test
  void splitsAreFoldersAboveTheClassesOrPatterns() throws IOException {
    for (String split : List.of("train", "validation", "test")) {
      write("set/" + split + "/cats/1.jpg", PICTURE);
      write("set/" + split + "/dogs/1.jpg", PICTURE);
    }
    try (ExampleSet set = pictures(GivenSplits.BY_FOLDER)) {
      assertThat(ids(set).getFirst()).isEqualTo("set/test/cats/1.jpg");
      assertThat(set.given(0)).contains(SplitName.TEST);
      assertThat(set.given(2)).contains(SplitName.TRAIN);
      assertThat(set.given(5)).contains(SplitName.VALIDATION);
      assertThat(set.value(5, "label")).isEqualTo(new Value.Text("dogs"));
    }
    GivenSplits patterns = GivenSplits.of(List.of(), List.of("**/dogs/*"));
    try (ExampleSet set = pictures(patterns)) {
      assertThat(set.given(0)).contains(SplitName.TRAIN);
      assertThat(set.given(1)).contains(SplitName.TEST);
    }
  }

  @Test
  void brokenEmptyAndOtherFilesAreNamedAndSkipped() throws IOException {
    for (int i = 0; i < 300; i++) {
      write("cats/%03d.jpg".formatted(i), PICTURE);
      write("dogs/%03d.jpg".formatted(i), PICTURE);
    }
    write("cats/217.jpg", Arrays.copyOf(PICTURE, PICTURE.length / 2));
    write("dogs/5.jpg", new byte[0]);
    write("dogs/page.jpg", "<html>not found</html>".getBytes(StandardCharsets.UTF_8));
    write("dogs/notes.txt", "good boys".getBytes(StandardCharsets.UTF_8));
    write("loose.jpg", PICTURE);
    write("birds/1.jpg", "no bird".getBytes(StandardCharsets.UTF_8));
    Files.createDirectories(folder.resolve("fish"));
    long all;
    try (var files = Files.walk(folder)) {
      all = files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
    try (ExampleSet set = pictures(GivenSplits.BY_FOLDER)) {
      assertThat(set.size()).isEqualTo(599);
      assertThat(set.dropped())
          .extracting(d -> d.id() + ": " + d.problem().reason().label())
          .containsExactly(
              "birds/: empty",
              "birds/1.jpg: broken",
              "cats/217.jpg: broken",
              "dogs/5.jpg: empty",
              "dogs/notes.txt: another kind of file",
              "dogs/page.jpg: broken",
              "fish/: empty",
              "loose.jpg: target missing");
      assertThat(set.dropped().get(2).problem().detail()).isEqualTo("it ends too early");
      long accounted = 0;
      for (int i = 0; i < set.size(); i++) {
        accounted += set.bytes(i);
      }
      for (ExampleSet.DroppedExample dropped : set.dropped()) {
        accounted += dropped.bytes();
      }
      assertThat(accounted).isEqualTo(all);
    }
  }

  @Test
  void aFolderWithoutPicturesSaysWhatToDo() throws IOException {
    write("notes/1.txt", new byte[] {65});
    assertThatThrownBy(() -> pictures(GivenSplits.BY_FOLDER))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("data.no-pictures"))
        .hasMessageContaining("notes/1.txt");
  }

  @Test
  void anArchiveIsReadInPlace() throws IOException {
    Path zip = folder.resolve("pets.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (String name : List.of("pets/train/cats/1.jpg", "pets/test/dogs/1.jpg")) {
        out.putNextEntry(new ZipEntry(name));
        out.write(PICTURE);
      }
      out.putNextEntry(new ZipEntry("pets/train/fish/"));
      out.putNextEntry(new ZipEntry("pets/train/birds/notes.txt"));
      out.write(65);
    }
    try (ExampleSet set =
        MediaFolder.pictures(FileTree.open(zip), List.of(), List.of(), GivenSplits.BY_FOLDER)) {
      assertThat(ids(set)).containsExactly("pets/test/dogs/1.jpg", "pets/train/cats/1.jpg");
      assertThat(set.dropped())
          .extracting(d -> d.id() + ": " + d.problem().reason().label())
          .containsExactly(
              "pets/train/birds/: empty",
              "pets/train/birds/notes.txt: another kind of file",
              "pets/train/fish/: empty");
      assertThat(((Value.Content) set.value(0, "picture")).bytes()).isEqualTo(PICTURE);
    }
  }

  @Test
  void namesTellFields() {
    NamePattern pattern = NamePattern.of("{label}_{speaker}_{index}.wav");
    assertThat(pattern.fields()).containsExactly("label", "speaker", "index");
    assertThat(pattern.match("recordings/7_jackson_32.wav").orElseThrow().toString())
        .isEqualTo("{index=32, label=7, speaker=jackson}");
    assertThat(pattern.match("recordings/7_jackson.wav")).isEmpty();
    assertThat(pattern.match("a/b_c/7_jackson_3.WAV")).isEmpty();
    NamePattern path = NamePattern.of("{label}/{speaker}_nohash_{index}.wav");
    assertThat(path.match("speech/yes/0a7c_nohash_0.wav").orElseThrow().get("label"))
        .isEqualTo("yes");
    NamePattern regex = NamePattern.ofRegex("(?<label>\\d)_(?<speaker>[a-z]+)_(?<index>\\d+)");
    assertThat(regex.match("recordings/3_theo_11.wav").orElseThrow().get("speaker"))
        .isEqualTo("theo");
    assertThatThrownBy(() -> NamePattern.of("{label}_{label}.wav"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> NamePattern.of("{la bel}.wav"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Optional<Path> dataset(String name) {
    String datasets = System.getenv("SLIPWAY_DATASETS");
    return Optional.ofNullable(datasets).map(d -> Path.of(d, name)).filter(Files::exists);
  }

  private FileTree unpacked(Path path) {
    return FileTree.open(path, new CacheFolder(folder), ArchiveLimits.DEFAULT);
  }

  @Test
  void catsAndDogs() {
    Optional<Path> path = dataset("cats-dogs-32.tar.gz");
    assumeTrue(path.isPresent(), "SLIPWAY_DATASETS has no cats-dogs-32.tar.gz");
    try (ExampleSet set =
        MediaFolder.pictures(
            unpacked(path.orElseThrow()), List.of(), List.of(), GivenSplits.BY_FOLDER)) {
      assertThat(set.size()).isEqualTo(12_000);
      assertThat(set.dropped()).isEmpty();
      assertThat(set.given(0)).contains(SplitName.TEST);
      assertThat(set.value(0, "label")).isEqualTo(new Value.Text("cat"));
    }
  }

  @Test
  void spokenDigits() {
    Optional<Path> path = dataset("free-spoken-digit-dataset.tar.gz");
    assumeTrue(path.isPresent(), "SLIPWAY_DATASETS has no free-spoken-digit-dataset.tar.gz");
    try (ExampleSet set =
        MediaFolder.sounds(
            unpacked(path.orElseThrow()),
            NamePattern.of("{label}_{speaker}_{index}.wav"),
            List.of("**/*.wav"),
            List.of(),
            GivenSplits.of(List.of(), List.of("**/*_[0-4].wav")))) {
      assertThat(set.size()).isEqualTo(3000);
      assertThat(set.dropped()).isEmpty();
      long test = 0;
      for (int i = 0; i < set.size(); i++) {
        test += set.given(i).equals(Optional.of(SplitName.TEST)) ? 1 : 0;
      }
      assertThat(test).isEqualTo(300);
      assertThat(set.value(0, "speaker")).isEqualTo(new Value.Text("george"));
    }
  }

  @Test
  void digits() {
    Optional<Path> path = dataset("mnist");
    assumeTrue(path.isPresent(), "SLIPWAY_DATASETS has no mnist");
    try (ExampleSet set = IdxFiles.open(FileTree.open(path.orElseThrow()))) {
      assertThat(set.size()).isEqualTo(20_000);
      Value.Pixels first = (Value.Pixels) set.value(0, "picture");
      assertThat(List.of(first.height(), first.width(), first.channels()))
          .containsExactly(28, 28, 1);
      assertThat(set.id(0)).isEqualTo("test-0");
      assertThat(set.value(0, "label")).isEqualTo(new Value.Text("7"));
      assertThat(set.given(19_999)).contains(SplitName.TRAIN);
    }
  }

  @Test
  void anIdxFileThatIsCutOrDoesNotFitIsTold() throws IOException {
    byte[] images = new byte[16 + 2 * 3 * 4];
    images[2] = 8;
    images[3] = 3;
    images[7] = 2;
    images[11] = 3;
    images[15] = 4;
    images[16 + 12] = 99;
    write("train-images-idx3-ubyte", images);
    write("train-labels-idx1-ubyte", new byte[] {0, 0, 8, 1, 0, 0, 0, 2, 5, 6});
    try (ExampleSet set = IdxFiles.open(FileTree.open(folder))) {
      assertThat(set.size()).isEqualTo(2);
      assertThat(set.value(1, "label")).isEqualTo(new Value.Text("6"));
      assertThat(((Value.Pixels) set.value(1, "picture")).bytes()[0]).isEqualTo((byte) 99);
    }
    write("train-labels-idx1-ubyte", new byte[] {0, 0, 8, 1, 0, 0, 0, 1, 5});
    assertThatThrownBy(() -> IdxFiles.open(FileTree.open(folder)))
        .hasMessageContaining("it is of 1 examples, and the pictures are 2");
    write("train-images-idx3-ubyte", Arrays.copyOf(images, 20));
    assertThatThrownBy(() -> IdxFiles.open(FileTree.open(folder)))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("data.idx-malformed"));
    assertThat(DropReason.of("broken")).isEqualTo(DropReason.BROKEN);
  }
}
