package dev.slipway.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Hashing;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubTest {
  private static final byte[] WEIGHTS = new byte[200_000];
  private static final String CONFIG = "{\"model_type\": \"llama\"}\n";

  static {
    new Random(7).nextBytes(WEIGHTS);
  }

  @TempDir private Path folder;
  private FakeHub server = unset();
  private Optional<String> token = Optional.empty();
  private final List<Duration> waits = Collections.synchronizedList(new ArrayList<>());

  /** Keeps how long was waited before what was tried again. */
  private record Waits(List<Duration> waits) implements FetchListener {
    @Override
    public void retrying(String file, String why, Duration wait) {
      waits.add(wait);
    }
  }

  private static FakeHub unset() {
    try {
      return new FakeHub();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void fill() {
    server
        .with("config.json", CONFIG)
        .with("model.safetensors", WEIGHTS)
        .with("tokenizer.json", "{}")
        .with("chat_template.jinja", "{{ messages }}")
        .with("1_Pooling/config.json", "{\"a\": 1}")
        .with("pytorch_model.bin", "a pickle")
        .with("model.fp16.safetensors", "a variant")
        .with("onnx/model.json", "{}")
        .with("README.md", "# A model");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Path pull(String name) {
    HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    Downloader downloader =
        new Downloader(client, Duration.ofMillis(1500), 3, Duration.ofMillis(1), new Waits(waits));
    HubSettings settings = new HubSettings(server.endpoint(), folder, token, false);
    return new Hub(settings, downloader).pull(RepoId.parse(name));
  }

  private void assertRefused(String code, String name, String... words) {
    assertThatThrownBy(() -> pull(name))
        .isInstanceOfSatisfying(
            SlipwayException.class,
            e -> {
              assertThat(e.code()).as(e.line()).isEqualTo(code);
              assertThat(e.line()).contains(words);
            });
  }

  private Path repo() {
    return folder.resolve("models--org--model");
  }

  private List<String> below(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths
          .filter(path -> !Files.isDirectory(path))
          .map(path -> root.relativize(path).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void whatIsNeededLiesWherePythonLooksForIt() throws IOException {
    Path snapshot = pull("org/model");
    assertThat(snapshot).isEqualTo(repo().resolve("snapshots").resolve(FakeHub.COMMIT));
    assertThat(below(snapshot))
        .containsExactly(
            "1_Pooling/config.json",
            "chat_template.jinja",
            "config.json",
            "model.safetensors",
            "tokenizer.json");
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(Files.readSymbolicLink(snapshot.resolve("1_Pooling/config.json")).toString())
        .startsWith("../../../blobs/");
    assertThat(below(repo().resolve("blobs")))
        .hasSize(5)
        .contains(Hashing.sha256(WEIGHTS))
        .contains(FakeHub.gitBlob(CONFIG.getBytes(StandardCharsets.UTF_8)));
    assertThat(repo().resolve("refs/main")).hasContent(FakeHub.COMMIT);
    assertThat(new HubCache(folder).find(RepoId.parse("org/model"))).contains(snapshot);
    assertThat(new HubCache(folder).find(RepoId.parse("org/model@" + FakeHub.COMMIT)))
        .contains(snapshot);
    assertThat(new HubCache(folder).find(RepoId.parse("org/other"))).isEmpty();
  }

  @Test
  void whatIsThereIsNotFetchedAgain() {
    pull("org/model");
    int before = server.requests().size();
    pull("org/model@v1.0");
    assertThat(server.requests().subList(before, server.requests().size()))
        .containsExactly("GET hub/api/models/org/model/revision/v1.0");
    assertThat(repo().resolve("refs/v1.0")).hasContent(FakeHub.COMMIT);
  }

  @Test
  void aFileWithoutContentIsAFileToo() {
    server.with("added_tokens.json", "");
    assertThat(pull("org/model").resolve("added_tokens.json")).isEmptyFile();
  }

  @Test
  void anAnswerThatEndsBehindItsHeadersIsAskedForAgain() {
    server.silences = 1;
    assertThat(pull("org/model").resolve("config.json")).hasContent(CONFIG);
    server.silences = 3;
    assertRefused("hub.unavailable", "org/model", "nothing came");
  }

  @Test
  void whoIsToldToWaitWaits() {
    server.refusals = 1;
    assertThat(pull("org/model").resolve("config.json")).hasContent(CONFIG);
    assertThat(waits).containsExactly(Duration.ofSeconds(1));
  }

  @Test
  void aCutDownloadGoesOnWhereItEnded() {
    server.fault = FakeHub.Fault.CUTS;
    server.faults = 2;
    assertThat(pull("org/model").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    // What a reset connection takes along is not told: each goes on at most where it was cut.
    List<Integer> begins =
        server.requests().stream()
            .filter(request -> request.startsWith("GET store/model.safetensors bytes="))
            .map(request -> Integer.parseInt(request.replaceAll(".*=|-$", "")))
            .toList();
    assertThat(begins).hasSize(2).isSorted();
    assertThat(begins.getFirst()).isBetween(1, 66_666);
    assertThat(begins.getLast()).isBetween(begins.getFirst() + 1, begins.getFirst() + 66_666);
  }

  @Test
  void aStalledDownloadGoesOnToo() {
    server.fault = FakeHub.Fault.STALLS;
    server.faults = 1;
    assertThat(pull("org/model").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aCorruptedFileIsRefusedAndLeavesNothing() throws IOException {
    server.fault = FakeHub.Fault.CORRUPTS;
    assertRefused("hub.checksum", "org/model", "model.safetensors");
    assertThat(below(repo().resolve("blobs")))
        .noneMatch(
            name ->
                name.contains(Hashing.sha256(WEIGHTS).substring(0, 20)) && !name.endsWith(".lock"));
    assertThat(repo().resolve("snapshots/" + FakeHub.COMMIT + "/model.safetensors")).doesNotExist();
    assertThat(repo().resolve("refs/main")).doesNotExist();
    server.fault = FakeHub.Fault.NONE;
    assertThat(pull("org/model").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void theTokenGoesToTheHubAlone() {
    server.token = "secret";
    assertRefused("hub.refused", "org/model", "HF_TOKEN");
    token = Optional.of("secret");
    pull("org/model");
    assertThat(server.requests())
        .contains(
            "GET store/model.safetensors",
            "HEAD hub/org/model/resolve/" + FakeHub.COMMIT + "/config.json with token")
        .doesNotContain("GET store/model.safetensors with token");
  }

  @Test
  void whatIsNotThereIsToldByItsName() {
    assertRefused("hub.not-found", "org/nothing", "org/nothing");
    assertRefused("hub.not-found", "org/model@v9", "RevisionNotFound");
    assertThatThrownBy(() -> RepoId.parse("../etc"))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("hub.bad-name"));
  }

  @Test
  void aModelOfPicklesIsRefused() throws IOException {
    server.close();
    server = new FakeHub().with("config.json", CONFIG).with("pytorch_model.bin", "x");
    assertRefused("hub.no-weights", "org/model", "pytorch_model.bin");
  }

  @Test
  void aHubThatIsAwayIsToldOf() {
    server.close();
    assertRefused("hub.unavailable", "org/model", "network");
  }

  @Test
  void settingsAreThoseOfPython() throws IOException {
    Files.writeString(folder.resolve("token"), "abc\n");
    Map<String, String> environment =
        Map.of("HF_HOME", folder.toString(), "HF_ENDPOINT", "https://mirror.example/hub/");
    HubSettings settings = HubSettings.of(environment::get, "/home/x");
    assertThat(settings.cache()).isEqualTo(folder.resolve("hub"));
    assertThat(settings.token()).contains("abc");
    assertThat(settings.endpoint()).hasToString("https://mirror.example/hub");
    HubSettings usual =
        HubSettings.of(
            Map.of("HF_TOKEN", "t", "HF_HUB_CACHE", "~/c", "HF_HUB_OFFLINE", "1")::get, "/home/x");
    assertThat(usual)
        .isEqualTo(
            new HubSettings(
                java.net.URI.create("https://huggingface.co"),
                Path.of("/home/x/c"),
                Optional.of("t"),
                true));
    assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", "ftp://x")::get, "/"))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("hub.bad-endpoint"));
  }

  @Test
  void pythonSeesTheCacheAsItsOwn() throws IOException, InterruptedException {
    String python = Optional.ofNullable(System.getenv("SLIPWAY_PYTHON")).orElse("python3");
    Path snapshot = pull("org/model");
    String script =
        """
        import sys
        try:
            from huggingface_hub import scan_cache_dir, snapshot_download, try_to_load_from_cache
        except ImportError:
            print("absent"); sys.exit()
        cache = sys.argv[1]
        info = scan_cache_dir(cache)
        repo = next(iter(info.repos))
        print(repo.repo_id, repo.repo_type, repo.nb_files, [str(w) for w in info.warnings])
        print(snapshot_download("org/model", cache_dir=cache, local_files_only=True))
        print(try_to_load_from_cache("org/model", "config.json", cache_dir=cache))
        """;
    Process process =
        new ProcessBuilder(python, "-c", script, folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    assumeTrue(!out.isBlank() && !out.startsWith("absent"), "Python has no huggingface_hub");
    assertThat(out.lines().toList())
        .containsExactly(
            "org/model model 5 []",
            snapshot.toString(),
            snapshot.resolve("config.json").toString());
  }

  /** What this program fetches is in Python's cache, and what Python fetched is in this one's. */
  @Test
  void whatPythonFetchedIsNotFetchedAgain() throws IOException, InterruptedException {
    String python = Optional.ofNullable(System.getenv("SLIPWAY_PYTHON")).orElse("python3");
    String script =
        """
        import sys
        try:
            from huggingface_hub import hf_hub_download
        except ImportError:
            print("absent"); sys.exit()
        cache, endpoint = sys.argv[1:]
        try:
            for name in ["config.json", "1_Pooling/config.json", "model.safetensors"]:
                print(hf_hub_download("org/model", name, cache_dir=cache, endpoint=endpoint))
        except Exception as problem:
            print(repr(problem))
        """;
    ProcessBuilder builder =
        new ProcessBuilder(python, "-c", script, folder.toString(), server.endpoint().toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("HF_HUB_DISABLE_XET", "1");
    builder.environment().put("HF_HUB_DISABLE_TELEMETRY", "1");
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    assumeTrue(!out.isBlank() && !out.startsWith("absent"), "Python has no huggingface_hub");
    Path snapshot = repo().resolve("snapshots").resolve(FakeHub.COMMIT);
    assertThat(out.lines().toList()).contains(snapshot.resolve("model.safetensors").toString());
    assertThat(new HubCache(folder).find(RepoId.parse("org/model"))).contains(snapshot);
    int before = server.requests().size();
    assertThat(pull("org/model")).isEqualTo(snapshot);
    assertThat(server.requests().subList(before, server.requests().size()))
        .noneMatch(request -> request.contains("model.safetensors"))
        .noneMatch(request -> request.contains("config.json"))
        .anyMatch(request -> request.contains("tokenizer.json"));
    assertThat(snapshot.resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aFullDiskIsTold() throws IOException {
    Path full = Path.of("/dev/full"); // Linux' device that takes nothing
    assumeTrue(Files.exists(full), "there is no /dev/full");
    Path part = repo().resolve("blobs").resolve(Hashing.sha256(WEIGHTS) + ".part");
    Files.createDirectories(part.getParent());
    Files.createSymbolicLink(part, full);
    assertRefused(
        "file.disk-full",
        "org/model",
        "the disk is full: of model.safetensors's %d bytes".formatted(WEIGHTS.length),
        "are kept in " + part,
        "run the command again, which goes on from there");
    Files.delete(part);
    assertThat(pull("org/model").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void aCacheThatIsUpToDateIsNotWritten() throws IOException {
    pull("org/model");
    Path ref = repo().resolve("refs/main");
    FileTime before = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(ref, before);
    pull("org/model");
    assertThat(Files.getLastModifiedTime(ref)).isEqualTo(before);
    Files.writeString(ref, "0".repeat(40));
    pull("org/model");
    assertThat(ref).hasContent(FakeHub.COMMIT);
  }

  @Test
  void aKilledPullGoesOnWhereItEnded() throws IOException, InterruptedException {
    server.fault = FakeHub.Fault.STALLS;
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Pulling.class.getName(),
                server.endpoint().toString(),
                folder.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("pulling.log").toFile())
            .start();
    Path part = repo().resolve("blobs").resolve(Hashing.sha256(WEIGHTS) + ".part");
    while (process.isAlive() && !(Files.exists(part) && Files.size(part) == WEIGHTS.length / 3)) {
      Thread.sleep(20); // another process writes: only looking tells
    }
    assertThat(process.isAlive()).as(Files.readString(folder.resolve("pulling.log"))).isTrue();
    process.destroyForcibly().waitFor();
    assertThat(new HubCache(folder).find(RepoId.parse("org/model"))).isEmpty();
    server.fault = FakeHub.Fault.NONE;
    assertThat(pull("org/model").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(server.requests())
        .contains("GET store/model.safetensors bytes=" + WEIGHTS.length / 3 + "-");
    assertThat(below(repo().resolve("blobs"))).hasSize(5).noneMatch(name -> name.contains("."));
  }

  /** Pulls in a process of its own, with more patience than the test has. */
  static final class Pulling {
    private Pulling() {}

    public static void main(String[] args) {
      Downloader downloader =
          new Downloader(
              HttpClient.newHttpClient(),
              Duration.ofMinutes(5),
              1,
              Duration.ofMillis(1),
              FetchListener.NONE);
      HubSettings settings =
          new HubSettings(URI.create(args[0]), Path.of(args[1]), Optional.empty(), false);
      Path unused = new Hub(settings, downloader).pull(RepoId.parse("org/model"));
    }
  }

  @Test
  void twoPullsAtOnceLeaveOneWholeModel() throws Exception {
    Callable<String> once =
        () -> {
          try {
            return pull("org/model").toString();
          } catch (SlipwayException e) {
            return e.code();
          }
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<String> results = new ArrayList<>();
      for (Future<String> result : threads.invokeAll(Collections.nCopies(4, once))) {
        results.add(result.get());
      }
      Path snapshot = repo().resolve("snapshots").resolve(FakeHub.COMMIT);
      assertThat(results).isSubsetOf(snapshot.toString(), "hub.busy").contains(snapshot.toString());
    }
    assertThat(pull("org/model").resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    assertThat(below(repo().resolve("blobs"))).hasSize(5).noneMatch(name -> name.contains("."));
  }
}
