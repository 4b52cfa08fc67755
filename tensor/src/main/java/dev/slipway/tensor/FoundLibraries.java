package dev.slipway.tensor;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;

/**
 * Where JavaCPP found the native libraries, kept from one start to the next in the file that the
 * property {@value #PROPERTY} names: it looks for each under dozens of names in every jar, which
 * takes longer than to load them. A line is a library's name, its bytes, and its path, from the
 * file's own folder on where it lies below that; one that is nowhere has neither. A file that does
 * not fit what is on the disk is made anew.
 */
final class FoundLibraries {
  static final String PROPERTY = "slipway.libraries";
  private static final System.Logger LOG = System.getLogger(FoundLibraries.class.getName());

  private FoundLibraries() {}

  /** Loads by {@code loading}, with what is remembered before and what was found kept after. */
  static void around(Runnable loading) {
    String named = System.getProperty(PROPERTY);
    if (named == null) {
      loading.run();
      return;
    }
    try {
      Path file = Path.of(named);
      Map<String, URL[]> known = read(file);
      found().putAll(known);
      loading.run();
      if (known.isEmpty()) {
        write(file);
      }
    } catch (IOException | ReflectiveOperationException e) {
      LOG.log(System.Logger.Level.DEBUG, "libraries are looked for at each start", e);
      loading.run();
    }
  }

  /** Nothing where a line does not fit. */
  static Map<String, URL[]> read(Path file) throws IOException {
    Map<String, URL[]> known = new LinkedHashMap<>();
    for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
      String[] parts = line.split("\t", -1);
      if (parts.length != 3) {
        return Map.of();
      }
      if (parts[2].isEmpty()) {
        known.put(parts[0], new URL[0]);
        continue;
      }
      Path library = path(file, parts[2]);
      if (library == null || !String.valueOf(size(library)).equals(parts[1])) {
        return Map.of();
      }
      known.put(parts[0], new URL[] {library.toUri().toURL()});
    }
    return known;
  }

  private static @Nullable Path path(Path file, String text) {
    try {
      return file.toAbsolutePath().resolveSibling(text);
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private static long size(Path library) throws IOException {
    return Files.isRegularFile(library) ? Files.size(library) : -1;
  }

  private static void write(Path file) throws IOException, ReflectiveOperationException {
    Map<String, String> loaded = field("loadedLibraries");
    Path home = file.toAbsolutePath().resolveSibling("");
    List<String> lines = new ArrayList<>();
    for (Map.Entry<String, URL[]> entry : found().entrySet()) {
      String path = loaded.get(spelled(entry.getKey()));
      if (path != null && new File(path).isAbsolute()) {
        Path library = Path.of(path);
        Path told = library.startsWith(home) ? home.relativize(library) : library;
        lines.add(entry.getKey() + "\t" + Files.size(library) + "\t" + told);
      } else if (path == null && entry.getValue().length == 0) {
        lines.add(entry.getKey() + "\t\t");
      }
    }
    Path partial = file.resolveSibling(file.getFileName() + "." + ProcessHandle.current().pid());
    Files.write(partial, lines, StandardCharsets.UTF_8);
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The name under which JavaCPP keeps what it loaded. */
  private static String spelled(String library) {
    String name = library.startsWith(":") ? library.substring(1) : library;
    name = name.contains(":") ? name.substring(0, name.indexOf(':')) : name;
    name = name.endsWith("!") ? name.substring(0, name.length() - 1) : name;
    String[] split = name.split("#");
    return split.length > 1 && !split[1].isEmpty() ? split[1] : split[0];
  }

  private static Map<String, URL[]> found() throws ReflectiveOperationException {
    return field("foundLibraries");
  }

  /** JavaCPP has no other way in. */
  @SuppressWarnings("unchecked")
  private static <V> Map<String, V> field(String name) throws ReflectiveOperationException {
    Field field = Loader.class.getDeclaredField(name);
    field.setAccessible(true);
    return (Map<String, V>) field.get(null);
  }
}
