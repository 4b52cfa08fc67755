package dev.slipway.data.archive;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The sentences about an archive. */
final class ArchiveProblems {
  private ArchiveProblems() {}

  static SlipwayException corrupt(Path path, String what, @Nullable Exception cause) {
    return new SlipwayException(
        Exit.INPUT,
        "data.archive-corrupt",
        path + " is not a whole archive: " + what,
        "copy or download it again",
        cause);
  }

  static SlipwayException unsafe(Path path, String name) {
    return new SlipwayException(
        Exit.INPUT,
        "data.archive-unsafe",
        path + " has an entry '" + name + "' that lies outside of it",
        "take the archive from its origin, or pack it again without such entries");
  }

  static SlipwayException bomb(Path path, long bytes, long expanded, ArchiveLimits limits) {
    return new SlipwayException(
        Exit.INPUT,
        "data.archive-bomb",
        String.format(
            Locale.ROOT,
            "%s has %,d bytes and would unpack to %,d or more, more than %d times as much",
            path,
            bytes,
            expanded,
            limits.expansion()),
        "unpack it yourself and give the folder, if you trust it");
  }

  static SlipwayException tooManyFiles(Path path, ArchiveLimits limits) {
    return new SlipwayException(
        Exit.INPUT,
        "data.archive-too-many",
        String.format(Locale.ROOT, "%s has more than %,d files", path, limits.files()),
        "give a part of it");
  }

  static SlipwayException notAnArchive(Path path) {
    return new SlipwayException(
        Exit.INPUT,
        "data.archive-unknown",
        path + " is neither a folder nor a zip, tar or tar.gz",
        "give one of these");
  }

  static SlipwayException empty(Path path) {
    return new SlipwayException(
        Exit.INPUT, "data.archive-empty", path + " has no files in it", "give one that has some");
  }

  static SlipwayException missing(Path path) {
    return new SlipwayException(
        Exit.INPUT,
        "data.archive-missing",
        "there is no " + path + ", expected a folder, zip, tar or tar.gz",
        "check the path");
  }

  static SlipwayException tooLarge(Path path, String name, long bytes, ArchiveLimits limits) {
    return new SlipwayException(
        Exit.INPUT,
        "data.file-too-large",
        String.format(
            Locale.ROOT,
            "%s in %s has %,d bytes, and at most %,d are read at once",
            name,
            path,
            bytes,
            limits.fileBytes()),
        "cut it into smaller files");
  }

  static SlipwayException failed(Path path, IOException cause) {
    return new SlipwayException(
        Exit.INPUT,
        "data.archive-failed",
        "reading " + path + " failed: " + cause,
        "check that you may read it, and the disk or network that holds it",
        cause);
  }
}
