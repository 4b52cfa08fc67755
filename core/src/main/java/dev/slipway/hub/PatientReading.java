package dev.slipway.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads the body of an answer, but does not wait forever: the JDK's request timeout ends with the
 * headers.
 *
 * @param patience how long nothing may come
 */
record PatientReading(Duration patience) {
  private static final int BUFFER = 1 << 16;

  /**
   * One read, on a thread of its own.
   *
   * @return as {@link InputStream#read(byte[])}
   * @throws HttpTimeoutException where nothing came
   */
  int read(InputStream in, byte[] buffer) throws IOException, InterruptedException {
    CompletableFuture<Integer> reading = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            reading.complete(in.read(buffer));
          } catch (IOException e) {
            reading.completeExceptionally(e);
          }
        });
    try {
      return reading.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      HttpTimeoutException late =
          new HttpTimeoutException("nothing came for " + patience.toSeconds() + " s");
      late.initCause(e);
      throw late;
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    }
  }

  /**
   * The whole of a short body.
   *
   * @param most how many bytes it may have
   */
  byte[] all(InputStream in, int most) throws IOException, InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER];
    for (int read = read(in, buffer); read >= 0; read = read(in, buffer)) {
      if (out.size() + read > most) {
        throw new IOException("the answer has more than " + most + " bytes");
      }
      out.write(buffer, 0, read);
    }
    return out.toByteArray();
  }
}
