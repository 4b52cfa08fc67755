package dev.slipway.cli.run;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.recipe.Recipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.stream.Stream;

/** Folders that runs and models are written to: named, made, and taken away. */
public final class RunFolders {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);

  private RunFolders() {}

  /** A folder for a new run, named after its recipe and the time, below the runs' home. */
  static Path named(Path home, Recipe recipe) {
    return home.resolve(recipe.name() + "-" + STAMP.format(LocalDateTime.now()));
  }

  /** Makes the folder of a new run; one that holds something already is refused. */
  public static Path create(Path folder) {
    try {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> entries = Files.list(folder)) {
          if (entries.findAny().isPresent()) {
            throw new SlipwayException(
                Exit.USAGE,
                "run.folder-not-empty",
                folder + " is not empty, expected a new or empty folder",
                Files.exists(folder.resolve("recipe.yaml"))
                    ? "go on with it by `slipway resume " + folder + "`, or name another with --out"
                    : "name another with --out");
          }
        }
      }
      return Files.createDirectories(folder);
    } catch (FileAlreadyExistsException e) {
      throw new SlipwayException(
          Exit.USAGE,
          "run.folder-is-file",
          folder + " can't be made: " + e.getFile() + " is a file, expected a folder",
          "name another with --out",
          e);
    } catch (AccessDeniedException e) {
      throw new SlipwayException(
          Exit.RESOURCE,
          "run.no-permission",
          folder + " can't be made: no permission for " + e.getFile(),
          "name a folder that you may write to with --out or --runs",
          e);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.RESOURCE,
          "run.folder",
          folder + " can't be made (" + reason(e) + ")",
          "name another with --out",
          e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof FileSystemException file && file.getReason() != null
        ? file.getReason()
        : e.getClass().getSimpleName() + " " + e.getMessage();
  }

  /** Takes away a folder that nothing is in, or a file. */
  public static void discard(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (DirectoryNotEmptyException e) {
      // What is in it is somebody's.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
