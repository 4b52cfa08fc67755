package dev.slipway;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Archives of small files that scripts under {@code reference/} made. */
public final class Fixtures {
  private Fixtures() {}

  /**
   * An archive's files by name.
   *
   * @param owner beside which it lies, unless its name begins with a slash
   */
  public static Map<String, byte[]> files(Class<?> owner, String zip) {
    try (InputStream stream = Objects.requireNonNull(owner.getResourceAsStream(zip), zip);
        ZipInputStream entries = new ZipInputStream(stream)) {
      Map<String, byte[]> files = new TreeMap<>();
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        files.put(entry.getName(), entries.readAllBytes());
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes an archive's files into a folder. */
  public static void unpack(Class<?> owner, String zip, Path folder) {
    files(owner, zip)
        .forEach(
            (name, content) -> {
              Path file = folder.resolve(name);
              try {
                Files.createDirectories(Objects.requireNonNull(file.getParent()));
                Files.write(file, content);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }
}
