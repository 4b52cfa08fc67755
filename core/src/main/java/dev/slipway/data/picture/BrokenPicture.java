package dev.slipway.data.picture;

/** Bytes that are no whole picture, or one of a kind that isn't read; the message says what. */
final class BrokenPicture extends Exception {
  private static final long serialVersionUID = 1L;

  BrokenPicture(String what) {
    super(what);
  }
}
