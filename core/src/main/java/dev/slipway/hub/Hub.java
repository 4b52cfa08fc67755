package dev.slipway.hub;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** The Hugging Face hub's protocol, as far as a model's files are fetched by it. */
public record Hub(HubSettings settings, Downloader downloader) {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
  private static final int MOST_REDIRECTS = 10;
  private static final int LONGEST_ANSWER = 64 << 20;

  /** By the environment's settings. */
  public static Hub usual(FetchListener listener) {
    return new Hub(HubSettings.usual(), Downloader.usual(listener));
  }

  /**
   * A file of a commit.
   *
   * @param etag git's name of the file, or the SHA-256 of one that git keeps elsewhere
   */
  private record Metadata(String etag, long bytes) {
    Checksum checksum() {
      return SHA_256.matcher(etag).matches()
          ? Checksum.sha256(etag)
          : new Checksum(Checksum.Kind.GIT_BLOB, etag);
    }
  }

  /**
   * Puts the needed files of a model into the cache; what is there already is not fetched again.
   *
   * @return the folder of the snapshot
   * @throws SlipwayException where the hub does not give it whole
   */
  public Path pull(RepoId repo) {
    if (settings.offline()) {
      throw HubProblems.offline();
    }
    HubCache cache = new HubCache(settings.cache());
    JsonNode model = model(repo);
    String commit = model.path("sha").asString("");
    if (!COMMIT.matcher(commit).matches()) {
      throw HubProblems.unexpected(repo, "it names no commit");
    }
    List<String> all = new ArrayList<>();
    model.path("siblings").forEach(each -> all.add(each.path("rfilename").asString("")));
    List<String> needed = HubFiles.needed(all);
    if (needed.stream().noneMatch(HubFiles::isWeights)) {
      throw HubProblems.noWeights(repo, all);
    }
    for (String file : needed) {
      if (!Files.exists(cache.snapshot(repo, commit).resolve(file))) {
        fetch(repo, commit, file, cache);
      }
    }
    cache.rememberCommit(repo, commit);
    return cache.snapshot(repo, commit);
  }

  private void fetch(RepoId repo, String commit, String file, HubCache cache) {
    URI address = address("/" + repo.id() + "/resolve/" + commit + "/" + encoded(file));
    Metadata metadata = metadata(repo, file, address);
    Path blob = cache.blob(repo, metadata.etag());
    if (!Files.exists(blob)) {
      downloader.download(
          new Downloader.Wanted(
              file, List.of(address), headers(), metadata.checksum(), metadata.bytes()),
          blob,
          HubProblems.OF_DOWNLOADS);
    }
    cache.link(repo, commit, file, metadata.etag());
  }

  private Map<String, String> headers() {
    return settings.token().map(t -> Map.of("Authorization", "Bearer " + t)).orElse(Map.of());
  }

  private URI address(String path) {
    return URI.create(settings.endpoint() + path);
  }

  private static String encoded(String path) {
    return Arrays.stream(path.split("/"))
        .map(part -> URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"))
        .collect(Collectors.joining("/"));
  }

  private JsonNode model(RepoId repo) {
    String revision = URLEncoder.encode(repo.revision(), StandardCharsets.UTF_8);
    Answer answer =
        ask(repo, "GET", address("/api/models/" + repo.id() + "/revision/" + revision), true);
    check(repo, answer);
    try {
      return Json.parse(answer.body, "the hub's answer about " + repo.shown());
    } catch (SlipwayException e) { // such as the page of a network that wants to be logged into
      throw HubProblems.unexpected(repo, "it is no JSON");
    }
  }

  private Metadata metadata(RepoId repo, String file, URI address) {
    Answer answer = ask(repo, "HEAD", address, false);
    boolean elsewhere = answer.status / 100 == 3;
    if (!elsewhere) {
      check(repo, answer);
    }
    HttpHeaders headers = answer.headers;
    String etag =
        headers
            .firstValue("X-Linked-Etag")
            .or(() -> headers.firstValue("ETag"))
            .orElse("")
            .replaceFirst("^W/", "")
            .replace("\"", "");
    long bytes =
        headers
            .firstValueAsLong("X-Linked-Size")
            .orElse(elsewhere ? -1 : headers.firstValueAsLong("Content-Length").orElse(-1));
    if (!COMMIT.matcher(etag).matches() && !SHA_256.matcher(etag).matches()) {
      throw HubProblems.unexpected(repo, file + " has the ETag '" + etag + "', which is no sum");
    }
    if (bytes < 0) {
      throw HubProblems.unexpected(repo, "it does not tell the size of " + file);
    }
    return new Metadata(etag, bytes);
  }

  /** An answer with its whole body. */
  private record Answer(int status, HttpHeaders headers, String body) {}

  /**
   * @param away whether redirects to other hosts are followed, too
   */
  private Answer ask(RepoId repo, String method, URI address, boolean away) {
    for (int attempt = 1; ; attempt++) {
      Duration wait = downloader.backoff(attempt);
      try {
        Answer answer = askOnce(method, address, away);
        boolean passing = answer.status == 429 || answer.status >= 500;
        if (!passing || attempt >= downloader.attempts()) {
          return answer;
        }
        wait = Downloader.longer(wait, Downloader.retryAfter(answer.headers));
        downloader.listener().retrying(repo.shown(), "status " + answer.status, wait);
      } catch (IOException e) {
        String why = e.getClass().getSimpleName() + " " + e.getMessage();
        if (attempt >= downloader.attempts()) {
          throw HubProblems.unavailable(repo, why, e);
        }
        downloader.listener().retrying(repo.shown(), why, wait);
      } catch (InterruptedException e) {
        throw stopped(e);
      }
      Downloader.sleep(wait, HubProblems.OF_DOWNLOADS);
    }
  }

  private static SlipwayException stopped(InterruptedException e) {
    Thread.currentThread().interrupt();
    return HubProblems.OF_DOWNLOADS.interrupted(e);
  }

  private Answer askOnce(String method, URI address, boolean away)
      throws IOException, InterruptedException {
    URI at = address;
    for (int redirects = 0; ; redirects++) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(at)
              .timeout(downloader.patience())
              .header("User-Agent", "slipway")
              .header("Accept-Encoding", "identity")
              .method(method, HttpRequest.BodyPublishers.noBody());
      if (Redirects.sameHost(at, address)) {
        headers().forEach(request::header);
      }
      HttpResponse<InputStream> response =
          downloader.client().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        HttpHeaders told = response.headers();
        URI next = Redirects.target(response, at);
        boolean whole =
            told.firstValue("X-Linked-Etag").isPresent()
                && told.firstValue("X-Linked-Size").isPresent();
        if (next == null
            || whole
            || redirects == MOST_REDIRECTS
            || !(away || Redirects.sameHost(next, address))) {
          byte[] bytes = new PatientReading(downloader.patience()).all(body, LONGEST_ANSWER);
          return new Answer(response.statusCode(), told, new String(bytes, StandardCharsets.UTF_8));
        }
        at = next;
      }
    }
  }

  private void check(RepoId repo, Answer answer) {
    int status = answer.status;
    if (status == 200) {
      return;
    }
    String code = answer.headers.firstValue("X-Error-Code").orElse("");
    String message = answer.headers.firstValue("X-Error-Message").orElse("");
    String why = message.isEmpty() ? code : message;
    switch (status) {
      case 404 -> throw HubProblems.notFound(repo, why.isEmpty() ? "status 404" : why);
      case 401, 403 -> throw HubProblems.refused(repo, status, why, settings.token().isPresent());
      default -> throw HubProblems.unavailable(repo, "status " + status + " " + why, null);
    }
  }
}
