package dev.slipway.data.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.SlipwayException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileTreeTest {
  @TempDir Path folder;
  private CacheFolder cache = new CacheFolder(Path.of("unset"));

  @BeforeEach
  void placeTheCache() {
    cache = new CacheFolder(folder.resolve("cache"));
  }

  private FileTree open(Path path) {
    return FileTree.open(path, cache, ArchiveLimits.DEFAULT);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(FileTreeTest.class.getResourceAsStream(name))) {
      return in.readAllBytes();
    }
  }

  private static Map<String, String> contents(FileTree tree) {
    Map<String, String> contents = new TreeMap<>();
    tree.files().forEach(file -> contents.put(file.name(), new String(tree.read(file), UTF_8)));
    return contents;
  }

  /** A tar with one entry, whose header this makes by hand. */
  private static byte[] tar(String name, char type, byte[] content) {
    byte[] header = new byte[TarIndex.BLOCK];
    byte[] bytes = name.getBytes(UTF_8);
    System.arraycopy(bytes, 0, header, 0, bytes.length);
    put(header, 124, String.format(Locale.ROOT, "%011o", content.length));
    header[156] = (byte) type;
    put(header, 257, "ustar");
    put(header, 263, "00");
    int sum = 8 * ' ';
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o", sum));
    header[155] = ' ';
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    tar.writeBytes(header);
    tar.writeBytes(content);
    tar.writeBytes(new byte[(TarIndex.BLOCK - content.length % TarIndex.BLOCK) % TarIndex.BLOCK]);
    tar.writeBytes(new byte[2 * TarIndex.BLOCK]);
    return tar.toByteArray();
  }

  private static void put(byte[] header, int at, String text) {
    System.arraycopy(text.getBytes(UTF_8), 0, header, at, text.length());
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }

  private void assertRefused(Path path, String code) {
    assertThatThrownBy(() -> open(path).close())
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).as(e.line()).isEqualTo(code));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ustar", "gnu", "pax"})
  void tarsOfEachFormatAreReadAlike(String format) throws IOException {
    byte[] packed = resource(format + ".tar.gz");
    Path archive = Files.write(folder.resolve("archive.bin"), packed);
    Path plain = folder.resolve("plain");
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(archive))) {
      Files.copy(in, plain);
    }
    for (Path path : List.of(archive, plain)) {
      try (FileTree tree = open(path)) {
        Map<String, String> contents = contents(tree);
        assertThat(contents)
            .containsEntry("b.txt", "b")
            .containsEntry("a/empty", "")
            .containsEntry("a/ümläut 猫.txt", "grüße")
            .containsEntry("folder/" + "n".repeat(80) + "/" + "m".repeat(60) + ".txt", "long")
            .hasSize(format.equals("ustar") ? 5 : 6)
            .doesNotContainKey("link");
        if (!format.equals("ustar")) {
          assertThat(contents).containsValue("very long");
        }
        FileTree.Entry big =
            tree.files().stream().filter(f -> f.name().equals("big")).findFirst().orElseThrow();
        assertThat(tree.read(big)).hasSize(1280).startsWith(0, 1, 2).endsWith(254, 255);
        assertThat(tree.open(big)).hasBinaryContent(tree.read(big));
      }
    }
  }

  @Test
  void aTarGzIsUnpackedOnceAndAgainWhenItChanges() throws IOException {
    Path archive = folder.resolve("a.tar.gz");
    Files.write(archive, gzip(tar("x.txt", '0', "first".getBytes(UTF_8))));
    for (int i = 0; i < 2; i++) {
      try (FileTree tree = open(archive)) {
        assertThat(contents(tree)).containsExactly(Map.entry("x.txt", "first"));
      }
      assertThat(cached()).hasSize(1);
    }
    Files.write(archive, gzip(tar("x.txt", '0', "the second".getBytes(UTF_8))));
    try (FileTree tree = open(archive)) {
      assertThat(contents(tree)).containsExactly(Map.entry("x.txt", "the second"));
    }
    assertThat(cached()).hasSize(2);
  }

  private List<Path> cached() throws IOException {
    try (Stream<Path> files = Files.list(cache.unpacked())) {
      return files.toList();
    }
  }

  @Test
  void foldersAndZipsGiveTheSameFiles() throws IOException {
    Path root = folder.resolve("root");
    Map<String, String> files = Map.of("b/two.txt", "2", "a.txt", "1", "ü/猫.txt", "3");
    Path zip = folder.resolve("some.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        Path path = root.resolve(file.getKey());
        Files.createDirectories(Objects.requireNonNull(path.getParent()));
        Files.writeString(path, file.getValue());
        out.putNextEntry(new ZipEntry(file.getKey()));
        out.write(file.getValue().getBytes(UTF_8));
      }
    }
    Files.createDirectories(root.resolve(".git"));
    Files.writeString(root.resolve(".git/hidden"), "");
    Files.writeString(root.resolve(".DS_Store"), "");
    Files.createSymbolicLink(root.resolve("loop"), root);
    for (Path path : List.of(root, zip)) {
      try (FileTree tree = open(path)) {
        assertThat(contents(tree)).isEqualTo(files);
        assertThat(tree.files()).extracting(FileTree.Entry::name).isSorted();
        assertThat(tree.files(List.of("**/*.txt"), List.of("b/**")))
            .extracting(FileTree.Entry::fileName)
            .containsExactly("a.txt", "猫.txt");
      }
    }
  }

  @Test
  void namesThatPointOutOfTheArchiveAreRefused() throws IOException {
    for (String name : List.of("../evil", "/etc/passwd", "a/../../evil", "a\\..\\..\\evil", "./")) {
      Path tar = Files.write(folder.resolve("evil.tar"), tar(name, '0', new byte[0]));
      if (!name.equals("./")) {
        assertRefused(tar, "data.archive-unsafe");
        Path zip = folder.resolve("evil.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
          out.putNextEntry(new ZipEntry(name));
        }
        assertRefused(zip, "data.archive-unsafe");
      } else {
        assertRefused(tar, "data.archive-empty");
      }
    }
  }

  @Test
  void bombsAreRefusedBeforeTheyFillTheDisk() throws IOException {
    ArchiveLimits small = new ArchiveLimits(1 << 20, 3, 1 << 16, 10);
    Path bomb =
        Files.write(folder.resolve("bomb.tar.gz"), gzip(tar("zeros", '0', new byte[1 << 22])));
    assertThatThrownBy(() -> FileTree.open(bomb, cache, small))
        .hasMessageContaining("more than 10 times as much");
    assertThat(cached()).isEmpty();
    Path zip = folder.resolve("bomb.zip");
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("zeros"));
      out.write(new byte[1 << 22]);
    }
    assertThatThrownBy(() -> FileTree.open(zip, cache, small))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("data.archive-bomb"));
    try (FileTree tree = FileTree.open(bomb, cache, new ArchiveLimits(1 << 20, 3, 1 << 30, 10))) {
      assertThatThrownBy(() -> tree.read(tree.files().getFirst()))
          .hasMessageContaining("zeros")
          .hasMessageContaining("at most 1,048,576 are read at once");
    }
    Path many = folder.resolve("many");
    Files.createDirectories(many);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      for (int i = 0; i < 4; i++) {
        out.putNextEntry(new ZipEntry("file" + i));
      }
    }
    assertThatThrownBy(() -> FileTree.open(zip, cache, small))
        .hasMessageContaining("has more than 3 files");
  }

  @Test
  void damagedArchivesAreToldWithoutLeftovers() throws IOException {
    byte[] tar = tar("x.txt", '0', "some content".repeat(1000).getBytes(UTF_8));
    byte[] packed = gzip(tar);
    List<byte[]> damaged = new ArrayList<>();
    damaged.add(Arrays.copyOf(packed, packed.length - 20));
    damaged.add(Arrays.copyOf(packed, 12));
    byte[] flipped = packed.clone();
    flipped[packed.length - 6] ^= 1;
    damaged.add(flipped);
    damaged.add(Arrays.copyOf(tar, 4096));
    byte[] header = tar.clone();
    header[tar.length - 1000] = 1; // where the end of the tar should be
    damaged.add(header);
    for (byte[] bytes : damaged) {
      assertRefused(Files.write(folder.resolve("damaged"), bytes), "data.archive-corrupt");
    }
    assertThat(cached()).isEmpty();
    assertRefused(
        Files.write(folder.resolve("text"), "hello".getBytes(UTF_8)), "data.archive-unknown");
    assertRefused(
        Files.write(folder.resolve("text.gz"), gzip("hello".repeat(500).getBytes(UTF_8))),
        "data.archive-unknown");
    assertRefused(Files.createDirectory(folder.resolve("nothing")), "data.archive-empty");
    assertRefused(folder.resolve("not there"), "data.archive-missing");
  }

  @Test
  void theCacheIsWhereTheEnvironmentSays() {
    assertThat(CacheFolder.of(Map.of("SLIPWAY_CACHE", "/somewhere")::get, "/home/u").path())
        .isEqualTo(Path.of("/somewhere"));
    assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", "/x")::get, "/home/u").datasets())
        .isEqualTo(Path.of("/x/slipway/datasets"));
    assertThat(CacheFolder.of(name -> null, "/home/u").path())
        .isEqualTo(Path.of("/home/u/.cache/slipway"));
  }
}
