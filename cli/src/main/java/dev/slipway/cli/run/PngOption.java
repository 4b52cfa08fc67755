package dev.slipway.cli.run;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Display;
import dev.slipway.eval.report.CurvePictures;
import dev.slipway.recipe.run.RunPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Puts the charts of a run's report where they are wanted, as PNG files. */
public final class PngOption {
  @Option(
      names = "--png",
      paramLabel = "DIR",
      description = "Also put the report's charts there, as PNG files.")
  private @Nullable Path folder;

  /** Refuses what could not be done in the end, before any work. */
  public void check() {
    if (folder == null) {
      return;
    }
    CurvePictures.missingFont()
        .ifPresent(
            missing -> {
              throw new SlipwayException(
                  Exit.RESOURCE,
                  "report.no-font",
                  "--png can draw nothing: " + missing,
                  "install fontconfig and a font, such as the package fonts-dejavu-core");
            });
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new SlipwayException(
          Exit.USAGE,
          "usage",
          "--png " + folder + " is a file, expected a folder",
          "name a folder; it is made where there is none");
    }
  }

  void copy(Path run, Display display) {
    if (folder == null) {
      return;
    }
    try {
      Files.createDirectories(folder);
      List<Path> pictures;
      try (Stream<Path> entries = Files.list(new RunPaths(run).pictures())) {
        pictures = entries.sorted().toList();
      }
      for (Path picture : pictures) {
        AtomicFiles.write(
            folder.resolve(picture.getFileName().toString()), Files.readAllBytes(picture));
      }
    } catch (IOException e) {
      throw AtomicFiles.problem(folder, e);
    }
    display.detail("charts  " + folder);
  }
}
