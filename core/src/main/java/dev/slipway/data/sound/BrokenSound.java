package dev.slipway.data.sound;

/** Bytes that are no whole sound, or one of a kind that isn't read; the message says what. */
final class BrokenSound extends Exception {
  private static final long serialVersionUID = 1L;

  BrokenSound(String what) {
    super(what);
  }
}
