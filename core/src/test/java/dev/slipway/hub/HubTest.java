package dev.slipway.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.base.Hashing;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
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
        new Downloader(client, Duration.ofMillis(500), 3, Duration.ofMillis(1), FetchListener.NONE);
    HubSettings settings = new HubSettings(server.endpoint(), folder, token, false);
    return new Hub(settings, downloader).pull(RepoId.parse(name));
  }

  private void assertRefused(String code, String name, String words) {
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
}
