package dev.slipway.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where the hub is, where its files are kept, and who asks: by the same variables of the
 * environment as {@code huggingface_hub}.
 *
 * @param endpoint without a slash at its end
 * @param cache with a folder a model
 * @param token sent to the endpoint alone
 */
public record HubSettings(URI endpoint, Path cache, Optional<String> token, boolean offline) {
  private static final String USUAL_ENDPOINT = "https://huggingface.co";

  public static HubSettings usual() {
    return of(System::getenv, System.getProperty("user.home"));
  }

  static HubSettings of(UnaryOperator<@Nullable String> environment, String home) {
    Path folder = home(environment, home);
    String cache = set(environment, "HF_HUB_CACHE");
    if (cache == null) {
      cache = set(environment, "HUGGINGFACE_HUB_CACHE");
    }
    String offline = set(environment, "HF_HUB_OFFLINE");
    return new HubSettings(
        endpoint(set(environment, "HF_ENDPOINT")),
        cache == null ? folder.resolve("hub") : expanded(cache, home),
        token(environment, folder, home),
        offline != null && offline.matches("(?i)1|on|yes|true"));
  }

  private static @Nullable String set(UnaryOperator<@Nullable String> environment, String name) {
    String value = environment.apply(name);
    return value == null || value.isBlank() ? null : value.strip();
  }

  private static Path expanded(String path, String home) {
    return path.equals("~") || path.startsWith("~/")
        ? Path.of(home + path.substring(1))
        : Path.of(path);
  }

  private static Path home(UnaryOperator<@Nullable String> environment, String home) {
    String set = set(environment, "HF_HOME");
    if (set != null) {
      return expanded(set, home);
    }
    String xdg = set(environment, "XDG_CACHE_HOME");
    return (xdg == null ? Path.of(home, ".cache") : expanded(xdg, home)).resolve("huggingface");
  }

  private static URI endpoint(@Nullable String set) {
    String address = set == null ? USUAL_ENDPOINT : set.replaceFirst("/+$", "");
    URI endpoint;
    try {
      endpoint = URI.create(address);
    } catch (IllegalArgumentException _) {
      throw HubProblems.badAddress(address);
    }
    boolean web = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    if (!web || endpoint.getHost() == null) {
      throw HubProblems.badAddress(address);
    }
    return endpoint;
  }

  private static Optional<String> token(
      UnaryOperator<@Nullable String> environment, Path folder, String home) {
    String token = set(environment, "HF_TOKEN");
    if (token == null) {
      token = set(environment, "HUGGING_FACE_HUB_TOKEN");
    }
    if (token != null) {
      return Optional.of(token);
    }
    String path = set(environment, "HF_TOKEN_PATH");
    Path file = path == null ? folder.resolve("token") : expanded(path, home);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      String written = Files.readString(file, StandardCharsets.UTF_8).strip();
      return written.isEmpty() ? Optional.empty() : Optional.of(written);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
