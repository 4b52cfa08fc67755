package dev.slipway.data.picture;

import dev.slipway.Fixtures;
import dev.slipway.data.example.Value;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Objects;

/** What reference/pictures.py wrote. */
public final class PictureFixtures {
  private static final Map<String, byte[]> FILES =
      Fixtures.files(PictureFixtures.class, "pictures.zip");

  private PictureFixtures() {}

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
