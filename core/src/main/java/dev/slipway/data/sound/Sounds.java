package dev.slipway.data.sound;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;

/** Decodes sounds of any format that is read (WAV, FLAC), told by their content. */
public final class Sounds {
  /** About three hours at 48 kHz: a longer sound is refused before anything is allocated for it. */
  static final long MOST_SAMPLES = 500_000_000;

  private Sounds() {}

  /**
   * The whole sound, its channels mixed to their mean.
   *
   * @param name what it is called in an error
   * @throws SlipwayException {@code data.sound-broken}
   */
  public static Waveform decode(byte[] file, String name) {
    try {
      if (starts(file, 0, "RIFF") && starts(file, 8, "WAVE")) {
        return new WavDecoder(file).decode();
      }
      int flac = FlacDecoder.start(file);
      if (flac >= 0) {
        return new FlacDecoder(file, flac).decode();
      }
      throw new BrokenSound(file.length == 0 ? "it is empty" : "it is neither WAV nor FLAC");
    } catch (BrokenSound e) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.sound-broken",
          name + " can't be read as a sound: " + e.getMessage(),
          "give a whole WAV or FLAC",
          e);
    }
  }

  /**
   * Finds out whether a sound is whole.
   *
   * @throws SlipwayException {@code data.sound-broken}
   */
  public static void check(byte[] file, String name) {
    decode(file, name);
  }

  static boolean starts(byte[] file, int at, String name) {
    if (file.length < at + name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (file[at + i] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
