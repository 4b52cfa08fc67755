package dev.slipway.eval.report;

import java.util.List;

/**
 * A chart as shapes in pixels, drawn the same as SVG ({@link PictureSvg}) and as PNG ({@link
 * CurvePictures}). Colours are named by what they are for, so that each medium has its own.
 *
 * @param name of its file, such as {@code roc}
 * @param title above it
 * @param note beside the title, or empty
 * @param width in pixels
 * @param height in pixels
 * @param legend what the first colours stand for; empty where there is nothing to tell apart
 * @param shapes drawn over each other, the last one on top
 */
record Picture(
    String name,
    String title,
    String note,
    int width,
    int height,
    List<String> legend,
    List<Shape> shapes) {
  Picture {
    legend = List.copyOf(legend);
    shapes = List.copyOf(shapes);
  }

  /** What a shape's colour is for: {@code S0} to {@code S3} tell series apart. */
  enum Ink {
    S0,
    S1,
    S2,
    S3,
    GRID,
    BASE,
    MUTED,
    TEXT,
    ON_COLOUR;

    static Ink series(int index) {
      return values()[Math.min(index, 3)];
    }
  }

  /** Where a text's place is. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  sealed interface Shape {}

  /**
   * @param points x and y in turn
   */
  record Line(Ink ink, double width, boolean dashed, double... points) implements Shape {}

  /**
   * @param opacity of the fill, 0 to 1
   * @param hover shown when pointed at, or empty
   */
  record Box(Ink ink, double opacity, double x, double y, double width, double height, String hover)
      implements Shape {}

  record Dot(Ink ink, double opacity, double x, double y, double radius, String hover)
      implements Shape {}

  /**
   * @param turned whether it reads upwards
   */
  record Words(Ink ink, double x, double y, Anchor anchor, double size, boolean turned, String text)
      implements Shape {}
}
