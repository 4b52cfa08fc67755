package dev.slipway.hub;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;

/** An HTTP server that answers its requests one after the other as it is told, however badly. */
public final class BadServer implements AutoCloseable {
  private final ServerSocket socket;
  private final byte[] file;
  private final Deque<Answer> answers;
  private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch closed = new CountDownLatch(1);

  /** What it does with a request. */
  public sealed interface Answer {
    /** The file from where it is asked for. */
    record Whole() implements Answer {}

    /** The same, but the connection ends after so many bytes. */
    record Cut(int after) implements Answer {}

    /** The same, but nothing comes after so many bytes. */
    record Stall(int after) implements Answer {}

    /** The same, with a byte that is another. */
    record Corrupt() implements Answer {}

    /** The file from its beginning, whatever is asked for. */
    record NoRanges() implements Answer {}

    record Status(int status, String headers) implements Answer {}
  }

  public BadServer(byte[] file, Answer... answers) throws IOException {
    this.socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.file = file;
    this.answers = new ArrayDeque<>(List.of(answers));
    Thread.ofVirtual().start(this::serve);
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/file.bin");
  }

  /** What each request asked for, empty for all. */
  public List<String> ranges() {
    return List.copyOf(ranges);
  }

  private void serve() {
    try {
      while (true) {
        Socket connection = socket.accept();
        Thread.ofVirtual().start(() -> answer(connection));
      }
    } catch (SocketException e) {
      closed.countDown();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void answer(Socket connection) {
    try (connection) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(connection.getInputStream(), ISO_8859_1));
      String range = "";
      for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
        if (line.toLowerCase(Locale.ROOT).startsWith("range: bytes=")) {
          range = line.substring("range: bytes=".length());
        }
      }
      ranges.add(range);
      Answer answer;
      synchronized (answers) {
        answer = answers.isEmpty() ? new Answer.Whole() : answers.removeFirst();
      }
      OutputStream out = connection.getOutputStream();
      if (answer instanceof Answer.Status(int status, String headers)) {
        write(out, "HTTP/1.1 " + status + " x\r\n" + headers + "Content-Length: 0\r\n");
        return;
      }
      boolean partial = !range.isEmpty() && !(answer instanceof Answer.NoRanges);
      int from = partial ? Integer.parseInt(range.replace("-", "")) : 0;
      write(
          out,
          (partial
                  ? "HTTP/1.1 206 x\r\nContent-Range: bytes %d-%d/%d\r\n"
                      .formatted(from, file.length - 1, file.length)
                  : "HTTP/1.1 200 x\r\n")
              + "Content-Length: "
              + (file.length - from)
              + "\r\n");
      byte[] bytes = file.clone();
      if (answer instanceof Answer.Corrupt) {
        bytes[bytes.length - 1] ^= 1;
      }
      int until =
          switch (answer) {
            case Answer.Cut(int after) -> Math.min(from + after, file.length);
            case Answer.Stall(int after) -> Math.min(from + after, file.length);
            default -> file.length;
          };
      out.write(bytes, from, until - from);
      out.flush();
      if (answer instanceof Answer.Stall) {
        closed.await();
      }
    } catch (IOException e) {
      // The client has gone, which is its right.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void write(OutputStream out, String head) throws IOException {
    out.write((head + "Connection: close\r\n\r\n").getBytes(ISO_8859_1));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
