package dev.slipway.model.sequential;

import dev.slipway.base.binding.ScalarType;

/** What is put around an input before windows slide over it. */
public sealed interface Padding {
  /** Nothing. */
  record Valid() implements Padding {}

  /** So much that with stride 1 the output is as long as the input; odd windows only. */
  record Same() implements Padding {}

  /** So many zeros on each side. */
  record Zeros(int count) implements Padding {}

  ScalarType<Padding> TYPE =
      new ScalarType<>(
          Padding.class,
          "same, valid, or a number of zeros on each side",
          "^(same|valid|[0-9]{1,6})$",
          true,
          Padding::parse,
          padding ->
              switch (padding) {
                case Valid() -> "valid";
                case Same() -> "same";
                case Zeros(int count) -> Integer.toString(count);
              });

  static Padding parse(String text) {
    return switch (text) {
      case "valid" -> new Valid();
      case "same" -> new Same();
      default -> new Zeros(Integer.parseInt(text));
    };
  }

  /** Zeros on each side of one dimension. */
  default int of(int kernel, int dilation) {
    return switch (this) {
      case Valid() -> 0;
      case Same() -> {
        if (dilation * (kernel - 1) % 2 != 0) {
          throw new Mismatch(
              "an odd window where padding is same", "use an odd kernel or a number as padding");
        }
        yield dilation * (kernel - 1) / 2;
      }
      case Zeros(int count) -> count;
    };
  }
}
