package dev.slipway.cli.run;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The folder that holds run folders. */
public final class RunsHome {
  @Option(
      names = "--runs",
      paramLabel = "DIR",
      description = "The folder of runs (default: SLIPWAY_RUNS, else ./runs).")
  private Path home = defaultHome();

  static Path defaultHome() {
    String set = System.getenv("SLIPWAY_RUNS");
    return Path.of(set == null || set.isBlank() ? "runs" : set);
  }

  /** The folder that was named, or the usual one. */
  public Path path() {
    return home;
  }
}
