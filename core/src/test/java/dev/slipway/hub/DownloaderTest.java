package dev.slipway.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Hashing;
import dev.slipway.base.SlipwayException;
import dev.slipway.hub.BadServer.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloaderTest {
  private static final byte[] FILE = new byte[300_000];
  private static final String SUM;

  static {
    new Random(5).nextBytes(FILE);
    SUM = Hashing.sha256(FILE);
  }

  @TempDir Path folder;
  private Path target = Path.of("unset");
  private Path part = Path.of("unset");
  private final List<String> told = new ArrayList<>();

  private final FetchListener listener =
      new FetchListener() {
        @Override
        public void started(String file, long resumed, long total) {
          told.add("started at " + resumed + " of " + total);
        }

        @Override
        public void progress(String file, long bytes, long total) {
          assertThat(bytes).isBetween(1L, total);
        }

        @Override
        public void retrying(String file, String why, Duration wait) {
          told.add(why);
        }

        @Override
        public void finished(String file, Path path) {
          told.add("finished " + file);
        }
      };

  @BeforeEach
  void placeTheTarget() {
    target = folder.resolve("cache/file.bin");
    part = folder.resolve("cache/file.bin.part");
  }

  private void download(URI... addresses) {
    HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    new Downloader(client, Duration.ofMillis(400), 3, Duration.ofMillis(1), listener)
        .download(
            new Downloader.Wanted(
                "file.bin", List.of(addresses), Map.of(), Checksum.sha256(SUM), FILE.length),
            target,
            HubProblems.OF_DOWNLOADS);
  }

  private void assertRefused(String code, URI... addresses) {
    assertThatThrownBy(() -> download(addresses))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).as(e.line()).isEqualTo(code));
    assertThat(target).doesNotExist();
  }

  private void assertDone() throws IOException {
    assertThat(target).hasBinaryContent(FILE);
    try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
      assertThat(files).containsExactly(target);
    }
    assertThat(told.getLast()).isEqualTo("finished file.bin");
  }

  @Test
  void cutAndStalledConnectionsAreGoneOnWith() throws IOException {
    try (BadServer server =
        new BadServer(
            FILE,
            new Answer.Cut(100_000),
            new Answer.Stall(50_000),
            new Answer.Status(503, "Retry-After: 0\r\n"),
            new Answer.Cut(0),
            new Answer.Cut(149_999))) {
      download(server.address());
      assertThat(server.ranges()).hasSize(6).startsWith("");
      // The client may lose the last bytes before a cut, so that only the order is certain.
      assertThat(
              server.ranges().stream().skip(1).mapToInt(r -> Integer.parseInt(r.replace("-", ""))))
          .isSorted()
          .allMatch(from -> from > 0);
      assertThat(told).first().isEqualTo("started at 0 of 300000");
      assertThat(told)
          .anySatisfy(why -> assertThat(why).contains("nothing came for"))
          .anySatisfy(why -> assertThat(why).contains("status 503"));
    }
    assertDone();
  }

  @Test
  void whatARunBeforeLeftIsGoneOnWith() throws IOException {
    Files.createDirectories(folder.resolve("cache"));
    Files.write(part, Arrays.copyOf(FILE, 123_456));
    try (BadServer server = new BadServer(FILE)) {
      download(server.address());
      assertThat(server.ranges()).containsExactly("123456-");
      assertThat(told).startsWith("started at 123456 of 300000");
    }
    assertDone();
  }

  @Test
  void leftoversOfAnotherFileAreThrownAway() throws IOException {
    Files.createDirectories(folder.resolve("cache"));
    Files.write(part, new byte[1000]);
    try (BadServer server = new BadServer(FILE)) {
      download(server.address());
      assertThat(server.ranges()).containsExactly("1000-", "");
    }
    assertDone();
    Files.delete(target);
    Files.write(part, new byte[FILE.length + 1]);
    try (BadServer server = new BadServer(FILE)) {
      download(server.address());
      assertThat(server.ranges()).containsExactly("");
    }
    assertDone();
  }

  @Test
  void serversThatKnowNoRangesBeginAnew() throws IOException {
    try (BadServer server = new BadServer(FILE, new Answer.Cut(100_000), new Answer.NoRanges())) {
      download(server.address());
      assertThat(server.ranges()).hasSize(2);
    }
    assertDone();
    Files.delete(target);
    try (BadServer server =
        new BadServer(FILE, new Answer.Cut(9), new Answer.Status(416, ""), new Answer.Whole())) {
      download(server.address());
      assertThat(server.ranges()).hasSizeBetween(2, 3);
    }
    assertDone();
  }

  @Test
  void anotherSumIsRefusedAndNothingIsLeft() throws IOException {
    try (BadServer server = new BadServer(FILE, new Answer.Corrupt())) {
      assertRefused("hub.checksum", server.address());
      assertThat(part).doesNotExist();
      download(server.address());
    }
    assertDone();
  }

  @Test
  void theNextAddressIsTakenWhereOneIsHopeless() throws IOException {
    try (BadServer gone =
            new BadServer(FILE, new Answer.Status(404, ""), new Answer.Status(404, ""));
        BadServer other = new BadServer(new byte[7]);
        BadServer good = new BadServer(FILE)) {
      download(gone.address(), other.address(), good.address());
      assertDone();
      Files.delete(target);
      assertRefused("hub.unavailable", gone.address(), other.address());
    }
  }

  @Test
  void aServerThatGivesNothingIsGivenUp() throws IOException {
    URI address;
    Answer[] nothing = new Answer[20];
    Arrays.fill(nothing, new Answer.Cut(0));
    try (BadServer server = new BadServer(FILE, nothing)) {
      address = server.address();
      assertRefused("hub.unavailable", address);
      // The JDK's client asks again by itself when a connection ends before any byte came.
      assertThat(server.ranges()).hasSizeBetween(3, 12);
    }
    assertRefused("hub.unavailable", address); // nobody listens there any more
  }

  @Test
  void twoDownloadsOfOneFileDontMix() throws IOException {
    Files.createDirectories(folder.resolve("cache"));
    try (BadServer server = new BadServer(FILE);
        FileChannel lock =
            FileChannel.open(
                folder.resolve("cache/file.bin.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
      assertThat(lock.tryLock()).isNotNull();
      assertRefused("hub.busy", server.address());
    }
  }
}
