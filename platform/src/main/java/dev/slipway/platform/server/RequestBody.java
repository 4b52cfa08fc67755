package dev.slipway.platform.server;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.HttpMediaType;
import io.helidon.http.RequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;

/** The body of a request, no larger than is allowed. */
final class RequestBody {
  private RequestBody() {}

  /** The media type in small letters, without parameters; empty where the request names none. */
  static String type(ServerRequest http) {
    return http.headers()
        .contentType()
        .map(type -> type.mediaType().text().toLowerCase(Locale.ROOT))
        .orElse("");
  }

  /**
   * @throws ApiProblem 415 unless it is said to be JSON, 413 when it is too large
   */
  static byte[] json(ServerRequest http, int most) {
    if (!type(http).equals("application/json")) {
      Optional<HttpMediaType> type = http.headers().contentType();
      throw ApiProblem.refused(
          415,
          null,
          "unsupported_media_type",
          "the Content-Type is "
              + type.map(HttpMediaType::text).orElse("missing")
              + ", expected application/json");
    }
    return bytes(http, most);
  }

  /**
   * @throws ApiProblem 413 when it is too large, 400 when its chunks are none
   * @throws CloseConnectionException when the client leaves before its end
   */
  static byte[] bytes(ServerRequest http, int most) {
    long announced = http.headers().contentLength().orElse(0);
    if (announced <= most) {
      try (InputStream in = http.content().inputStream()) {
        byte[] bytes = in.readNBytes(most + 1);
        if (bytes.length <= most) {
          return bytes;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (DataReader.InsufficientDataAvailableException e) {
        throw new CloseConnectionException("the client left within its body", e);
      } catch (NumberFormatException | RequestException e) {
        throw ApiProblem.refused(
            400,
            null,
            "invalid_body",
            "the body's chunks can't be read ("
                + RequestFields.shown(String.valueOf(e.getMessage()))
                + "); send plain chunks, without extensions and trailers, or a Content-Length");
      }
    }
    throw ApiProblem.refused(
        413,
        null,
        "request_too_large",
        "the body is larger than the " + most + " bytes that are allowed");
  }
}
