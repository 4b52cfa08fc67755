package dev.slipway.recipe.run;

import dev.slipway.base.AtomicFiles;
import dev.slipway.eval.report.CurvePictures;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The charts of a run's report as PNG files, beside the report. */
public final class RunPictures {
  private RunPictures() {}

  /** Draws and writes them; where the machine has no font, the run says so and ends well. */
  public static void write(RunPaths paths, Phases phases, Supplier<Map<String, byte[]>> pictures) {
    Optional<String> missing = CurvePictures.missingFont();
    if (missing.isPresent()) {
      phases.tell(new RunEvent.Note("no pictures beside the report: " + missing.get()));
      return;
    }
    AtomicFiles.writeFolder(
        paths.pictures(),
        folder -> {
          for (var picture : pictures.get().entrySet()) {
            Files.write(folder.resolve(picture.getKey()), picture.getValue());
          }
        });
  }
}
