package dev.slipway.data.picture;

import dev.slipway.data.example.Value;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes pictures of 1 or 3 channels as PNG; the same picture is always the same bytes. */
public final class PngWriter {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10};

  private PngWriter() {}

  public static byte[] write(Value.Pixels picture) {
    int line = picture.width() * picture.channels();
    byte[] raw = new byte[picture.height() * (line + 1)];
    for (int y = 0; y < picture.height(); y++) {
      int at = y * (line + 1);
      raw[at] = 1; // each byte as its difference to the pixel on its left
      for (int i = 0; i < line; i++) {
        int from = y * line + i;
        byte left = i < picture.channels() ? 0 : picture.bytes()[from - picture.channels()];
        raw[at + 1 + i] = (byte) (picture.bytes()[from] - left);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(SIGNATURE);
    byte colour = (byte) (picture.channels() == 1 ? 0 : 2);
    ByteBuffer header = ByteBuffer.allocate(13);
    header.putInt(picture.width()).putInt(picture.height()).put((byte) 8).put(colour);
    chunk(out, "IHDR", header.array());
    chunk(out, "IDAT", deflate(raw));
    chunk(out, "IEND", new byte[0]);
    return out.toByteArray();
  }

  private static byte[] deflate(byte[] raw) {
    Deflater deflater = new Deflater(6);
    try {
      deflater.setInput(raw);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer));
      }
      return out.toByteArray();
    } finally {
      deflater.end();
    }
  }

  private static void chunk(ByteArrayOutputStream out, String name, byte[] content) {
    byte[] type = name.getBytes(StandardCharsets.US_ASCII);
    CRC32 sum = new CRC32();
    sum.update(type);
    sum.update(content);
    out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
    out.writeBytes(type);
    out.writeBytes(content);
    out.writeBytes(ByteBuffer.allocate(4).putInt((int) sum.getValue()).array());
  }
}
