package dev.slipway.data.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Hashing;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.archive.CacheFolder;
import dev.slipway.hub.BadServer;
import dev.slipway.hub.BadServer.Answer;
import dev.slipway.hub.Downloader;
import dev.slipway.hub.FetchListener;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetStoreTest {
  private static final byte[] OFFICIAL = "official".getBytes(StandardCharsets.UTF_8);
  private static final byte[] SMALL = "small".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private static Dataset dataset(BadServer server) {
    return dataset(server, OFFICIAL);
  }

  private static Dataset dataset(BadServer server, byte[] official) {
    return new Dataset(
        "some",
        "Some",
        "home",
        "CC0",
        "nobody",
        new Reading.LabelledTexts(List.of()),
        List.of(
            new Part(
                "archive",
                List.of(server.address()),
                List.of(
                    new Variant("some.bin", Hashing.sha256(official), official.length, "all"),
                    new Variant("some-small.bin", Hashing.sha256(SMALL), SMALL.length, "few")))));
  }

  private DatasetStore store(Optional<Path> given) {
    return store(given, FetchListener.NONE);
  }

  private DatasetStore store(Optional<Path> given, FetchListener listener) {
    return new DatasetStore(
        given,
        new CacheFolder(folder.resolve("cache")),
        new Downloader(
            HttpClient.newHttpClient(), Duration.ofSeconds(2), 2, Duration.ofMillis(1), listener));
  }

  @Test
  void theUsersFolderComesFirstThenTheCacheThenTheNetwork() throws IOException {
    Path given = Files.createDirectory(folder.resolve("given"));
    try (BadServer server = new BadServer(OFFICIAL)) {
      Dataset dataset = dataset(server);
      DatasetStore store = store(Optional.of(given));
      Fetched fetched = store.fetch(dataset);
      assertThat(fetched.path()).hasBinaryContent(OFFICIAL).startsWith(folder.resolve("cache"));
      assertThat(store.fetch(dataset)).isEqualTo(fetched);
      assertThat(server.ranges()).hasSize(1);
      Path nested = Files.createDirectory(given.resolve("some")).resolve("some-small.bin");
      Files.write(nested, SMALL);
      assertThat(store.fetch(dataset).files().get("archive"))
          .isEqualTo(new Fetched.FetchedFile(nested, dataset.parts().getFirst().variants().get(1)));
    }
  }

  private static byte[] large() {
    byte[] large = new byte[300_000];
    new Random(7).nextBytes(large);
    return large;
  }

  @Test
  void aDownloadThatIsCutGoesOnAndIsToldOf() throws IOException {
    byte[] large = large();
    List<Long> resumed = new ArrayList<>();
    List<Long> seen = new ArrayList<>();
    FetchListener listener =
        new FetchListener() {
          @Override
          public void started(String file, long from, long total) {
            assertThat(file).isEqualTo("some.bin");
            assertThat(total).isEqualTo(large.length);
            resumed.add(from);
          }

          @Override
          public void progress(String file, long bytes, long total) {
            seen.add(bytes);
          }
        };
    // The first try gives up in the middle, as a run that is stopped does.
    try (BadServer server =
        new BadServer(large, new Answer.Cut(150_000), new Answer.Cut(0), new Answer.Cut(0))) {
      assertThatThrownBy(() -> store(Optional.empty(), listener).fetch(dataset(server, large)))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.code()).isEqualTo("data.dataset-unavailable"));
    }
    Path own = folder.resolve("cache");
    assertThat(files(own)).containsExactly("some.bin.part");
    try (BadServer server = new BadServer(large)) {
      Fetched fetched = store(Optional.empty(), listener).fetch(dataset(server, large));
      assertThat(fetched.path()).hasBinaryContent(large);
      assertThat(server.ranges()).hasSize(1);
      assertThat(Integer.parseInt(server.ranges().getFirst().replace("-", "")))
          .isBetween(1, 150_000);
    }
    assertThat(files(own)).containsExactly("some.bin");
    assertThat(resumed.getFirst()).isZero();
    assertThat(resumed.getLast()).isPositive();
    assertThat(seen).isSorted().last().isEqualTo((long) large.length);
  }

  @Test
  void aDownloadWithAnotherSumIsRefusedAndNotKept() throws IOException {
    byte[] large = large();
    Answer wrong = new Answer.Corrupt();
    try (BadServer server = new BadServer(large, wrong, wrong, wrong, wrong)) {
      assertThatThrownBy(() -> store(Optional.empty()).fetch(dataset(server, large)))
          .isInstanceOfSatisfying(
              SlipwayException.class, e -> assertThat(e.code()).isEqualTo("data.dataset-checksum"))
          .hasMessageContaining(Hashing.sha256(large));
    }
    assertThat(files(folder.resolve("cache"))).isEmpty();
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(f -> f.getFileName().toString())
          .filter(name -> !name.endsWith(".lock"))
          .toList();
    }
  }

  @Test
  void anUnknownFileInItsPlaceIsRefused() throws IOException {
    Path given = Files.createDirectory(folder.resolve("given"));
    Files.writeString(given.resolve("some.bin"), "mine");
    try (BadServer server = new BadServer(OFFICIAL)) {
      assertThatThrownBy(() -> store(Optional.of(given)).fetch(dataset(server)))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.code()).isEqualTo("data.dataset-unknown-file"))
          .hasMessageContaining(Hashing.sha256("mine"));
      assertThat(server.ranges()).isEmpty();
      assertThatThrownBy(() -> store(Optional.of(folder.resolve("nowhere"))).fetch(dataset(server)))
          .hasMessageContaining("SLIPWAY_DATASETS names");
    }
  }

  @Test
  void theCatalogueIsWhole() {
    assertThat(Datasets.ALL).extracting(Dataset::name).isSorted().doesNotHaveDuplicates();
    for (Dataset dataset : Datasets.ALL) {
      assertThat(Datasets.named(dataset.name())).isSameAs(dataset);
      for (Part part : dataset.parts()) {
        assertThat(part.addresses()).isNotEmpty();
        assertThat(part.addresses())
            .allSatisfy(address -> assertThat(address.getScheme()).isEqualTo("https"));
        assertThat(part.addresses())
            .allSatisfy(
                address ->
                    assertThat(part.variants())
                        .extracting(Variant::description)
                        .doesNotContain(""));
      }
    }
    assertThatThrownBy(() -> Datasets.named("mnst"))
        .hasMessageContaining("cats-dogs, german-credit, imdb, mnist");
  }

  @Test
  void everythingInTheFolderOfDatasetsIsKnown() {
    String set = System.getenv("SLIPWAY_DATASETS");
    assumeTrue(set != null, "SLIPWAY_DATASETS is not set");
    for (Dataset dataset : Datasets.ALL) {
      Fetched fetched = store(Optional.of(Path.of(set))).fetch(dataset);
      assertThat(fetched.files()).hasSameSizeAs(dataset.parts());
      fetched
          .files()
          .values()
          .forEach(
              file ->
                  assertThat(file.path()).startsWith(Path.of(set)).hasSize(file.variant().bytes()));
    }
  }
}
