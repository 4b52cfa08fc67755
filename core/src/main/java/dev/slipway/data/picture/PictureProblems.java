package dev.slipway.data.picture;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.Locale;

/** The sentences about pictures. */
final class PictureProblems {
  private PictureProblems() {}

  static SlipwayException broken(String name, BrokenPicture problem) {
    return new SlipwayException(
        Exit.INPUT,
        "data.picture-broken",
        name + " can't be read as a picture: " + problem.getMessage(),
        "give a whole JPEG, PNG, GIF or BMP",
        problem);
  }

  /** Before anything is allocated for it. */
  static void checkSize(long width, long height, long mostPixels) throws BrokenPicture {
    if (width * height > mostPixels) {
      throw new BrokenPicture(
          String.format(
              Locale.ROOT, "it has %,d × %,d pixels, more than %,d", width, height, mostPixels));
    }
  }
}
