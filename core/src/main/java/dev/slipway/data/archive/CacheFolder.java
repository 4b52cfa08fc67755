package dev.slipway.data.archive;

import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Where Slipway keeps what it can make or fetch again. */
public record CacheFolder(Path path) {
  /** {@code SLIPWAY_CACHE}, else {@code slipway} in {@code XDG_CACHE_HOME}, else in ~/.cache. */
  public static CacheFolder usual() {
    return of(System::getenv, System.getProperty("user.home"));
  }

  static CacheFolder of(UnaryOperator<@Nullable String> environment, String home) {
    String set = environment.apply("SLIPWAY_CACHE");
    if (set != null && !set.isBlank()) {
      return new CacheFolder(Path.of(set));
    }
    String xdg = environment.apply("XDG_CACHE_HOME");
    return new CacheFolder(
        (xdg != null && Path.of(xdg).isAbsolute() ? Path.of(xdg) : Path.of(home, ".cache"))
            .resolve("slipway"));
  }

  /** For downloaded datasets. */
  public Path datasets() {
    return path.resolve("datasets");
  }

  /** For archives that had to be unpacked to be read in any order. */
  public Path unpacked() {
    return path.resolve("unpacked");
  }
}
