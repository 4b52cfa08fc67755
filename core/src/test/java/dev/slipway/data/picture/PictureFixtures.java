package dev.slipway.data.picture;

import dev.slipway.data.example.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** What reference/pictures.py wrote. */
public final class PictureFixtures {
  private static final Map<String, byte[]> FILES = read("pictures.zip");

  private PictureFixtures() {}

  private static Map<String, byte[]> read(String name) {
    Map<String, byte[]> files = new TreeMap<>();
    try (InputStream in = PictureFixtures.class.getResourceAsStream(name);
        ZipInputStream zip = new ZipInputStream(Objects.requireNonNull(in))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        files.put(entry.getName(), zip.readAllBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  public static Map<String, byte[]> files() {
    return FILES;
  }

  public static byte[] file(String name) {
    return Objects.requireNonNull(FILES.get(name), name);
  }

  /** The pixels that are kept as NAME.HEIGHTxWIDTHxCHANNELS. */
  public static Value.Pixels pixels(String name) {
    for (Map.Entry<String, byte[]> entry : FILES.entrySet()) {
      String key = entry.getKey();
      if (key.startsWith(name + ".") && key.substring(name.length() + 1).matches("\\d+x\\d+x\\d")) {
        String[] sizes = key.substring(name.length() + 1).split("x", -1);
        return new Value.Pixels(
            Integer.parseInt(sizes[0]),
            Integer.parseInt(sizes[1]),
            Integer.parseInt(sizes[2]),
            entry.getValue());
      }
    }
    throw new IllegalArgumentException(name);
  }

  public static float[] floats(String name) {
    byte[] bytes = file(name);
    float[] values = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }
}
