package dev.slipway.bench;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * A client's connection to a server, HTTP/1.1 with answers in chunks: as little as a client can do,
 * since it shares the cores with the service that it measures. One request at a time, from a
 * platform thread, whose reads are a system call each.
 */
final class StreamConnection implements AutoCloseable {
  private static final int END = -1;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] read = new byte[16 << 10];
  private int at;
  private int end;

  /** What is left of the chunk that is read; and whether there are no more. */
  private int left;

  private boolean ended;
  private byte[] line = new byte[1 << 10];

  StreamConnection(URI server) throws IOException {
    socket = new Socket(server.getHost(), server.getPort());
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
    out = socket.getOutputStream();
  }

  /** Posts JSON; the answer's lines come by {@link #next}. */
  void post(URI address, byte[] json) throws IOException {
    String head =
        "POST "
            + address.getPath()
            + " HTTP/1.1\r\nHost: "
            + address.getAuthority()
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + json.length
            + "\r\n\r\n";
    byte[] first = head.getBytes(StandardCharsets.US_ASCII);
    byte[] whole = Arrays.copyOf(first, first.length + json.length);
    System.arraycopy(json, 0, whole, first.length, json.length);
    out.write(whole);
    String status = headLine();
    boolean chunked = false;
    for (String field = headLine(); !field.isEmpty(); field = headLine()) {
      chunked |= field.toLowerCase(Locale.ROOT).equals("transfer-encoding: chunked");
    }
    if (!status.startsWith("HTTP/1.1 200 ") || !chunked) {
      throw new IOException(status + ", expected 200 and chunks");
    }
    left = 0;
    ended = false;
  }

  /**
   * Length of the answer's next line, which {@link #begins} and {@link #text} tell; -1 for none.
   */
  int next() throws IOException {
    int length = 0;
    for (int one = body(); ; one = body()) {
      if (one == END) {
        return length == 0 ? END : length;
      }
      if (one == '\n') {
        return length;
      }
      if (length == line.length) {
        line = Arrays.copyOf(line, 2 * length);
      }
      line[length++] = (byte) one;
    }
  }

  boolean begins(byte[] start, int length) {
    return length >= start.length && Arrays.equals(line, 0, start.length, start, 0, start.length);
  }

  String text(int length) {
    return new String(line, 0, length, StandardCharsets.UTF_8);
  }

  /** The answer's next byte; -1 at its end. */
  private int body() throws IOException {
    if (left == 0 && !ended) {
      left = Integer.parseInt(headLine(), 16);
      ended = left == 0;
      if (ended) {
        headLine(); // there are no trailers
      }
    }
    if (ended) {
      return END;
    }
    int one = one();
    if (--left == 0) {
      headLine();
    }
    return one;
  }

  /** A line of what is not the answer itself. */
  private String headLine() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int one = one(); one != '\n'; one = one()) {
      if (one != '\r') {
        text.append((char) one);
      }
    }
    return text.toString();
  }

  private int one() throws IOException {
    if (at == end) {
      at = 0;
      end = in.read(read);
      if (end <= 0) {
        end = 0;
        throw new EOFException("the service closed the connection within an answer");
      }
    }
    return read[at++] & 0xFF;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
