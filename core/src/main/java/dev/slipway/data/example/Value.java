package dev.slipway.data.example;

import java.util.List;

/** The value of one field of one example as its source has it, before any feature. */
public sealed interface Value {
  /** Nothing there. */
  record Missing() implements Value {
    public static final Missing INSTANCE = new Missing();
  }

  record Text(String text) implements Value {}

  record Number(double value) implements Value {}

  /** Several labels, or the tag of each token. */
  record Labels(List<String> labels) implements Value {
    public Labels {
      labels = List.copyOf(labels);
    }
  }

  /** The content of a file in its own format (JPEG, PNG, WAV, FLAC, …), told by its content. */
  record Content(byte[] bytes) implements Value {}

  /** A picture without a format, as IDX has it: height × width × channels, 0 … 255. */
  record Pixels(int height, int width, int channels, byte[] bytes) implements Value {}
}
