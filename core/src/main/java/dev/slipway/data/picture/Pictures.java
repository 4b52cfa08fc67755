package dev.slipway.data.picture;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Value;
import dev.slipway.data.picture.PictureSettings.Fit;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Decodes pictures of any format that is read (JPEG, PNG, GIF, BMP), told by their content, and
 * brings them to the size that a network takes. Transparency is left out; a picture comes out
 * upright, as its EXIF says. Safe for several threads at once.
 */
public final class Pictures {
  /** A picture of more pixels is refused before anything is allocated for it. */
  public static final long MOST_PIXELS = 64_000_000;

  private Pictures() {}

  /** Height and width of an upright picture. */
  public record Size(int height, int width) {}

  /**
   * The whole picture: 1 channel where the file is grey, else 3.
   *
   * @param name what it is called in an error
   * @throws SlipwayException {@code data.picture-broken}
   */
  public static Value.Pixels decode(byte[] file, String name) {
    return decode(file, MOST_PIXELS, name);
  }

  /** {@link #decode(byte[], String)} with another limit. */
  public static Value.Pixels decode(byte[] file, long mostPixels, String name) {
    try {
      return whole(file, mostPixels);
    } catch (BrokenPicture e) {
      throw PictureProblems.broken(name, e);
    }
  }

  /**
   * A picture's size, from its header alone.
   *
   * @throws SlipwayException {@code data.picture-broken}
   */
  public static Size size(byte[] file, String name) {
    try {
      if (isJpeg(file)) {
        JpegDecoder decoder = new JpegDecoder(file, MOST_PIXELS);
        return decoder.orientation() >= 5
            ? new Size(decoder.width(), decoder.height())
            : new Size(decoder.height(), decoder.width());
      }
      Value.Pixels whole = whole(file, MOST_PIXELS);
      return new Size(whole.height(), whole.width());
    } catch (BrokenPicture e) {
      throw PictureProblems.broken(name, e);
    }
  }

  /**
   * Finds out whether a picture is whole, at less than its decoding costs.
   *
   * @throws SlipwayException {@code data.picture-broken}
   */
  public static void check(byte[] file, String name) {
    try {
      if (isJpeg(file)) {
        new JpegDecoder(file, MOST_PIXELS).check();
      } else {
        whole(file, MOST_PIXELS);
      }
    } catch (BrokenPicture e) {
      throw PictureProblems.broken(name, e);
    }
  }

  /** Chooses a part of a picture by its size, in whole pixels. */
  @FunctionalInterface
  public interface Cut {
    Resampling.Box of(int height, int width);
  }

  /**
   * A part of a picture. Of a JPEG only what belongs to the part is decoded.
   *
   * @throws SlipwayException {@code data.picture-broken}
   */
  public static Value.Pixels part(byte[] file, Cut cut, String name) {
    try {
      if (isJpeg(file)) {
        JpegDecoder decoder = new JpegDecoder(file, MOST_PIXELS);
        if (decoder.orientation() == 1) {
          Resampling.Box box = cut.of(decoder.height(), decoder.width());
          return decoder.decode(
              (int) box.left(),
              (int) box.top(),
              (int) (box.right() - box.left()),
              (int) (box.bottom() - box.top()));
        }
      }
      return part(whole(file, MOST_PIXELS), cut);
    } catch (BrokenPicture e) {
      throw PictureProblems.broken(name, e);
    }
  }

  /** A part of a decoded picture, as a copy. */
  public static Value.Pixels part(Value.Pixels picture, Cut cut) {
    Resampling.Box box = cut.of(picture.height(), picture.width());
    int x = (int) box.left();
    int y = (int) box.top();
    int width = (int) box.right() - x;
    int height = (int) box.bottom() - y;
    int channels = picture.channels();
    byte[] out = new byte[height * width * channels];
    for (int row = 0; row < height; row++) {
      System.arraycopy(
          picture.bytes(),
          ((y + row) * picture.width() + x) * channels,
          out,
          row * width * channels,
          width * channels);
    }
    return new Value.Pixels(height, width, channels, out);
  }

  /** The picture at the settings' size and with their channels, still 0 … 255. */
  public static Value.Pixels fit(Value.Pixels picture, PictureSettings settings) {
    return fit(picture, settings.height(), settings.width(), settings.channels(), settings.fit());
  }

  private static Value.Pixels fit(Value.Pixels from, int height, int width, int channels, Fit fit) {
    Value.Pixels picture = channels(from, channels);
    double scaleDown = (double) picture.height() / height;
    double scaleAcross = (double) picture.width() / width;
    return switch (fit) {
      case STRETCH -> Resampling.resize(picture, Resampling.Box.whole(picture), height, width);
      case CROP -> {
        double scale = Math.min(scaleDown, scaleAcross);
        double left = (picture.width() - width * scale) / 2;
        double top = (picture.height() - height * scale) / 2;
        Resampling.Box box =
            new Resampling.Box(left, top, left + width * scale, top + height * scale);
        yield Resampling.resize(picture, box, height, width);
      }
      case PAD -> {
        double scale = Math.max(scaleDown, scaleAcross);
        int h = Math.clamp(Math.round(picture.height() / scale), 1, height);
        int w = Math.clamp(Math.round(picture.width() / scale), 1, width);
        Value.Pixels inner = Resampling.resize(picture, Resampling.Box.whole(picture), h, w);
        yield pad(inner, height, width);
      }
    };
  }

  /** Black around a picture, as much on each side. */
  private static Value.Pixels pad(Value.Pixels inner, int height, int width) {
    byte[] out = new byte[height * width * inner.channels()];
    int line = inner.width() * inner.channels();
    int top = (height - inner.height()) / 2;
    int left = (width - inner.width()) / 2;
    for (int y = 0; y < inner.height(); y++) {
      System.arraycopy(
          inner.bytes(), y * line, out, ((top + y) * width + left) * inner.channels(), line);
    }
    return new Value.Pixels(height, width, inner.channels(), out);
  }

  /** Grey to colour by repeating it, colour to grey by ITU-R 601's luma, rounded as Pillow does. */
  public static Value.Pixels channels(Value.Pixels picture, int channels) {
    if (picture.channels() == channels) {
      return picture;
    }
    byte[] in = picture.bytes();
    int pixels = picture.height() * picture.width();
    byte[] out = new byte[pixels * channels];
    if (picture.channels() == 1 && channels == 3) {
      for (int i = 0; i < out.length; i++) {
        out[i] = in[i / 3];
      }
    } else if (picture.channels() == 3 && channels == 1) {
      for (int i = 0, at = 0; i < pixels; i++, at += 3) {
        int sum =
            (in[at] & 0xFF) * 19595 + (in[at + 1] & 0xFF) * 38470 + (in[at + 2] & 0xFF) * 7471;
        out[i] = (byte) ((sum + 0x8000) >> 16);
      }
    } else {
      throw new IllegalArgumentException(picture.channels() + " channels to " + channels);
    }
    return new Value.Pixels(picture.height(), picture.width(), channels, out);
  }

  private static boolean isJpeg(byte[] file) {
    return file.length > 2
        && file[0] == (byte) 0xFF
        && file[1] == (byte) 0xD8
        && file[2] == (byte) 0xFF;
  }

  private static boolean isPng(byte[] file) {
    return file.length > 8 && file[0] == (byte) 0x89 && file[1] == 'P' && file[2] == 'N';
  }

  private static Value.Pixels whole(byte[] file, long mostPixels) throws BrokenPicture {
    if (isJpeg(file)) {
      JpegDecoder decoder = new JpegDecoder(file, mostPixels);
      Value.Pixels picture = decoder.decode(0, 0, decoder.width(), decoder.height());
      return Exif.upright(picture, decoder.orientation());
    }
    return isPng(file) ? new PngDecoder(file, mostPixels).decode() : other(file, mostPixels);
  }

  /** GIF (its first frame) and BMP, by the JDK. */
  private static Value.Pixels other(byte[] file, long mostPixels) throws BrokenPicture {
    if (file.length == 0) {
      throw new BrokenPicture("it is empty");
    }
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new BrokenPicture("it is none of JPEG, PNG, GIF and BMP");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        PictureProblems.checkSize(reader.getWidth(0), reader.getHeight(0), mostPixels);
        return pixels(reader.read(0));
      } finally {
        reader.dispose();
      }
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      // The JDK's readers throw any of these on damaged files.
      throw new BrokenPicture("it is damaged (" + e.getMessage() + ")");
    }
  }

  private static Value.Pixels pixels(BufferedImage image) {
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
    int[] line = new int[width];
    for (int y = 0, at = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, line, 0, width);
      for (int x = 0; x < width; x++, at += 3) {
        out[at] = (byte) (line[x] >> 16);
        out[at + 1] = (byte) (line[x] >> 8);
        out[at + 2] = (byte) line[x];
      }
    }
    return new Value.Pixels(height, width, 3, out);
  }
}
