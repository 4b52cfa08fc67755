package dev.slipway.data.source;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The sentences about a source as a whole. */
final class SourceProblems {
  private static final Path OS_RELEASE = Path.of("/etc/os-release");
  private static final int NAMED = 5;

  private SourceProblems() {}

  /** Refuses a path that isn't there, isn't a file or can't be read; gives its size. */
  static long checkFile(Path path) {
    if (!Files.exists(path)) {
      throw missing(path);
    }
    if (Files.isDirectory(path)) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.source-not-a-file",
          path + " is a folder where a file was expected",
          "give the file, or read the folder with data.source.folder");
    }
    if (!Files.isReadable(path)) {
      throw unreadable(path, null);
    }
    try {
      long size = Files.size(path);
      if (size == 0) {
        throw empty(path, "the file has no bytes");
      }
      return size;
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  static SlipwayException missing(Path path) {
    Path name = path.getFileName();
    if (name != null && name.toString().equals("src.zip")) {
      int feature = Runtime.version().feature();
      return new SlipwayException(
          Exit.INPUT,
          "data.no-java-sources",
          "this JDK came without its sources (" + path + " is not there)",
          sourcesPackage(feature, osRelease())
              + ", or give any folder, zip, jsonl or text of yours with --source PATH");
    }
    return new SlipwayException(
        Exit.INPUT,
        "data.source-missing",
        "there is no " + path,
        "give the path of a folder, zip, jsonl, text or Parquet file");
  }

  /** What to install for {@code lib/src.zip} on the system that this os-release describes. */
  static String sourcesPackage(int feature, String osRelease) {
    String ids =
        osRelease
            .lines()
            .filter(line -> line.startsWith("ID=") || line.startsWith("ID_LIKE="))
            .map(line -> line.substring(line.indexOf('=') + 1).replace("\"", ""))
            .collect(Collectors.joining(" ", " ", " "))
            .toLowerCase(Locale.ROOT);
    if (ids.contains(" debian ") || ids.contains(" ubuntu ")) {
      return "install the package openjdk-" + feature + "-source";
    }
    if (ids.contains(" fedora ") || ids.contains(" rhel ") || ids.contains(" centos ")) {
      return "install the package java-" + feature + "-openjdk-src";
    }
    if (ids.contains(" suse ") || ids.contains(" opensuse ")) {
      return "install the package java-" + feature + "-openjdk-src";
    }
    if (ids.contains(" arch ")) {
      return "install the package openjdk-src";
    }
    return "install a full JDK " + feature + ", such as Eclipse Temurin";
  }

  private static String osRelease() {
    try {
      return Files.exists(OS_RELEASE) ? Files.readString(OS_RELEASE) : "";
    } catch (IOException e) {
      return ""; // then the sentence names no package, which is still true
    }
  }

  static SlipwayException unreadable(Path path, @Nullable Throwable cause) {
    return new SlipwayException(
        Exit.INPUT,
        "data.source-unreadable",
        "no permission to read " + path,
        "change its permissions, or run as a user who may read it",
        cause);
  }

  static SlipwayException empty(Path path, String what) {
    return new SlipwayException(
        Exit.INPUT,
        "data.source-empty",
        path + " is empty: " + what,
        "give a source that holds some text");
  }

  static SlipwayException failed(Path path, IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return unreadable(path, cause);
    }
    if (cause instanceof NoSuchFileException) {
      return missing(path);
    }
    return new SlipwayException(
        Exit.INPUT,
        "data.source-failed",
        "reading " + path + " failed: " + cause.getMessage(),
        "check the disk or network that holds it",
        cause);
  }

  /** When there are files, but none that the globs let through: says what there is. */
  static SlipwayException nothingIncluded(
      Path path, List<String> include, List<String> exclude, Collection<String> names) {
    Map<String, Integer> tops = new TreeMap<>();
    Map<String, Integer> endings = new TreeMap<>();
    for (String name : names) {
      int slash = name.indexOf('/');
      tops.merge(slash < 0 ? name : name.substring(0, slash + 1), 1, Integer::sum);
      String last = name.substring(name.lastIndexOf('/') + 1);
      int dot = last.lastIndexOf('.');
      endings.merge(dot < 0 ? "without an ending" : last.substring(dot), 1, Integer::sum);
    }
    return new SlipwayException(
        Exit.INPUT,
        "data.nothing-included",
        String.format(
                Locale.ROOT,
                "none of the %,d files in %s is let through by include %s, exclude %s",
                names.size(),
                path,
                include,
                exclude)
            + "; there is "
            + mostFrequent(endings)
            + " in "
            + mostFrequent(tops),
        "change data.source.include to match some of these");
  }

  private static String mostFrequent(Map<String, Integer> counts) {
    String named =
        counts.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
            .limit(NAMED)
            .map(e -> String.format(Locale.ROOT, "%s (%,d)", e.getKey(), e.getValue()))
            .collect(Collectors.joining(", "));
    return counts.size() > NAMED ? named + ", …" : named;
  }
}
