package dev.slipway.hub;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.SlipwayException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Downloads a file whose sum is known, and goes on where it, or a run before it, was cut off: what
 * came lies in {@code NAME.part} until its sum holds, and is then renamed.
 *
 * @param patience how long nothing may come before a connection is given up
 * @param attempts how many in a row may bring nothing
 * @param firstWait before the second attempt; doubled before each further one
 */
public record Downloader(
    HttpClient client,
    Duration patience,
    int attempts,
    Duration firstWait,
    FetchListener listener) {
  private static final int BUFFER = 1 << 16;
  private static final int MOST_REDIRECTS = 10;
  private static final long PROGRESS_NANOS = 100_000_000;

  /**
   * A file to download.
   *
   * @param name as listeners and problems call it
   * @param headers sent to the addresses' own hosts, not to where they redirect
   */
  public record Wanted(
      String name,
      List<URI> addresses,
      Map<String, String> headers,
      Checksum checksum,
      long bytes) {
    public Wanted {
      addresses = List.copyOf(addresses);
      headers = Map.copyOf(headers);
    }
  }

  /** Half a minute's patience, six attempts, redirects followed but none away from https. */
  public static Downloader usual(FetchListener listener) {
    HttpClient client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER) // the downloader itself follows them
            .connectTimeout(Duration.ofSeconds(20))
            .proxy(new EnvironmentProxies(System::getenv, ProxySelector.getDefault()))
            .build();
    return new Downloader(client, Duration.ofSeconds(30), 6, Duration.ofSeconds(1), listener);
  }

  /** Another attempt may do better, from another address if {@code here} is hopeless. */
  private static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;
    private final boolean hopeless;
    private final Duration wait;

    Failed(String why, boolean hopeless, Duration wait, @Nullable Throwable cause) {
      super(why, cause);
      this.hopeless = hopeless;
      this.wait = wait;
    }

    static Failed passing(String why, @Nullable Throwable cause) {
      return new Failed(why, false, Duration.ZERO, cause);
    }

    String why() {
      return Objects.requireNonNullElse(getMessage(), "");
    }
  }

  /** The thread was told to stop. */
  private static final class Interrupted extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Interrupted(InterruptedException cause) {
      super(cause);
    }
  }

  /**
   * Puts the file there.
   *
   * @throws SlipwayException if no address gives it, or another sum comes, or another process is at
   *     it
   */
  public void download(Wanted wanted, Path target, DownloadProblems problems) {
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      Files.createDirectories(Objects.requireNonNull(target.getParent()));
      Path lock = target.resolveSibling(target.getFileName() + ".lock");
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        if (!locked(channel)) {
          throw problems.busy(target);
        }
        if (!Files.exists(target)) { // else another process was faster
          fetchOrStop(wanted, part, problems);
          force(part);
          Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.deleteIfExists(lock);
      }
    } catch (IOException e) {
      throw problem(wanted, target, part, e);
    }
    listener.finished(wanted.name(), target);
  }

  /** Of a full disk it is told that what came is kept, since another try goes on from there. */
  private static SlipwayException problem(
      Wanted wanted, Path target, Path part, IOException cause) {
    SlipwayException problem = AtomicFiles.problem(target, cause);
    if (!problem.code().equals("file.disk-full") || !Files.exists(part)) {
      return problem;
    }
    return new SlipwayException(
        problem.exit(),
        problem.code(),
        "the disk is full: of %s's %d bytes %d came, which are kept in %s"
            .formatted(wanted.name(), wanted.bytes(), part.toFile().length(), part),
        "free some space and run the command again, which goes on from there, or delete that file",
        cause);
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // another thread of this very process
    }
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private void fetchOrStop(Wanted wanted, Path part, DownloadProblems problems) throws IOException {
    try {
      fetch(wanted, part, problems);
    } catch (Interrupted e) {
      Thread.currentThread().interrupt();
      throw problems.interrupted(e);
    }
  }

  private void fetch(Wanted wanted, Path part, DownloadProblems problems) throws IOException {
    String name = wanted.name();
    boolean resumed = size(part) > 0;
    Checksum checksum = wanted.checksum();
    transfer(wanted, part, name, problems);
    String sum = checksum.of(part);
    if (!sum.equals(checksum.expected()) && resumed) {
      // What a run before had left may be of an older file: once more, from the beginning.
      listener.retrying(name, "its " + checksum.kind().shown() + " does not hold", Duration.ZERO);
      Files.delete(part);
      transfer(wanted, part, name, problems);
      sum = checksum.of(part);
    }
    if (!sum.equals(checksum.expected())) {
      Files.delete(part);
      throw problems.wrongSum(name, sum, checksum);
    }
  }

  /** Tries until the part has all bytes. */
  private void transfer(Wanted wanted, Path part, String name, DownloadProblems problems)
      throws IOException {
    long bytes = wanted.bytes();
    List<String> told = new ArrayList<>();
    List<URI> left = new ArrayList<>(wanted.addresses());
    int barren = 0;
    listener.started(name, size(part), bytes);
    if (bytes == 0) { // nothing would be asked for
      Files.write(part, new byte[0]);
    }
    Failed last = null;
    while (size(part) != bytes) {
      if (left.isEmpty()) {
        throw problems.unavailable(name, told, part.getParent(), last);
      }
      long before = size(part);
      URI address = left.get(barren % left.size());
      try {
        attempt(address, wanted, part, name);
      } catch (Failed e) {
        last = e;
        barren = size(part) > before ? 0 : barren + 1;
        String why = address.getHost() + ": " + e.why();
        if (told.isEmpty() || !told.getLast().equals(why)) {
          told.add(why);
        }
        if (e.hopeless) {
          left.remove(address);
        } else if (barren >= attempts) {
          throw problems.unavailable(name, told, part.getParent(), e);
        }
        if (!left.isEmpty()) {
          Duration pause = e.hopeless ? Duration.ZERO : longer(e.wait, backoff(barren));
          listener.retrying(name, why, pause);
          sleep(pause, problems);
        }
      }
    }
  }

  /**
   * How long to wait.
   *
   * @param barren attempts in a row that brought nothing
   */
  Duration backoff(int barren) {
    return firstWait.multipliedBy(1L << Math.min(Math.max(0, barren - 1), 6));
  }

  static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) >= 0 ? a : b;
  }

  /** What a server asks for, or what spares it, before the next attempt. */
  static void sleep(Duration duration, DownloadProblems problems) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw problems.interrupted(e);
    }
  }

  private static long size(Path file) throws IOException {
    return Files.exists(file) ? Files.size(file) : 0;
  }

  private void attempt(URI address, Wanted wanted, Path part, String name)
      throws IOException, Failed {
    long bytes = wanted.bytes();
    long from = size(part);
    if (from > bytes) {
      Files.delete(part);
      from = 0;
    }
    HttpResponse<InputStream> response = open(address, wanted, from);
    try (InputStream body = response.body()) {
      boolean append = check(response.statusCode(), response.headers(), from, bytes, part);
      try (OutputStream out = new FileOutputStream(part.toFile(), append)) {
        copy(body, out, append ? from : 0, bytes, name);
      }
    }
  }

  /** The answer behind all redirects. */
  private HttpResponse<InputStream> open(URI address, Wanted wanted, long from)
      throws IOException, Failed {
    URI at = address;
    for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(at)
              .timeout(patience)
              .header("User-Agent", "slipway")
              .header("Accept-Encoding", "identity");
      if (Redirects.sameHost(at, address)) {
        wanted.headers().forEach(request::header);
      }
      if (from > 0) {
        request.header("Range", "bytes=" + from + "-");
      }
      HttpResponse<InputStream> response = send(request.build());
      URI next = Redirects.target(response, at);
      if (next == null) {
        return response;
      }
      response.body().close();
      at = next;
    }
    throw new Failed("it redirects without an end", true, Duration.ZERO, null);
  }

  private HttpResponse<InputStream> send(HttpRequest request) throws Failed {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw Failed.passing(e.getClass().getSimpleName() + " " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw new Interrupted(e);
    }
  }

  /** Whether what comes belongs behind what is there; else it begins anew. */
  private static boolean check(int status, HttpHeaders headers, long from, long bytes, Path part)
      throws IOException, Failed {
    switch (status) {
      case 200 -> {
        long length = headers.firstValueAsLong("Content-Length").orElse(bytes);
        if (length != bytes) {
          throw new Failed(
              "it offers %s bytes, expected %s".formatted(length, bytes),
              true,
              Duration.ZERO,
              null);
        }
        return false;
      }
      case 206 -> {
        String range = headers.firstValue("Content-Range").orElse("");
        if (!range.equals("bytes " + from + "-" + (bytes - 1) + "/" + bytes)) {
          Files.delete(part);
          throw Failed.passing("it offers the range '" + range + "'", null);
        }
        return true;
      }
      case 416 -> {
        Files.deleteIfExists(part);
        throw Failed.passing("it has no range from " + from, null);
      }
      case 408, 425, 429, 500, 502, 503, 504 ->
          throw new Failed("status " + status, false, retryAfter(headers), null);
      default -> throw new Failed("status " + status, true, Duration.ZERO, null);
    }
  }

  /** How long an answer asks to wait, a minute at most. */
  static Duration retryAfter(HttpHeaders headers) {
    Optional<String> told = headers.firstValue("Retry-After").filter(t -> t.matches("\\d{1,4}"));
    return Duration.ofSeconds(told.map(t -> Math.min(60, Long.parseLong(t))).orElse(0L));
  }

  /** Copies to the end; nothing for the time of patience is a failure, as is an early end. */
  private void copy(InputStream in, OutputStream out, long from, long bytes, String name)
      throws IOException, Failed {
    byte[] buffer = new byte[BUFFER];
    long at = from;
    long told = System.nanoTime() - PROGRESS_NANOS;
    while (true) {
      int read = read(in, buffer);
      if (read < 0) {
        break;
      }
      if (at + read > bytes) {
        throw new Failed("it sends more than " + bytes + " bytes", true, Duration.ZERO, null);
      }
      out.write(buffer, 0, read);
      at += read;
      if (at == bytes || System.nanoTime() - told >= PROGRESS_NANOS) {
        told = System.nanoTime();
        listener.progress(name, at, bytes);
      }
    }
    if (at < bytes) {
      throw Failed.passing("it ended after %s of %s bytes".formatted(at, bytes), null);
    }
  }

  private int read(InputStream in, byte[] buffer) throws Failed {
    try {
      return new PatientReading(patience).read(in, buffer);
    } catch (IOException e) {
      throw Failed.passing(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      throw new Interrupted(e);
    }
  }
}
