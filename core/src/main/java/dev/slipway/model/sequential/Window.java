package dev.slipway.model.sequential;

import dev.slipway.base.binding.ScalarType;

/** A height and a width in a picture: {@code 3} for both, or {@code 3x5}. */
public record Window(int height, int width) {
  public static final ScalarType<Window> TYPE =
      new ScalarType<>(
          Window.class,
          "a number such as 3, or height and width such as 3x5",
          "^[0-9]{1,6}(x[0-9]{1,6})?$",
          true,
          Window::parse,
          Window::toString);

  static Window parse(String text) {
    if (!text.matches("[0-9]{1,6}(x[0-9]{1,6})?")) {
      throw new IllegalArgumentException("no window: " + text);
    }
    int cross = text.indexOf('x');
    return cross < 0
        ? new Window(Integer.parseInt(text), Integer.parseInt(text))
        : new Window(
            Integer.parseInt(text.substring(0, cross)),
            Integer.parseInt(text.substring(cross + 1)));
  }

  public static Window of(int both) {
    return new Window(both, both);
  }

  long[] pair() {
    return new long[] {height, width};
  }

  @Override
  public String toString() {
    return height == width ? Integer.toString(height) : height + "x" + width;
  }
}
