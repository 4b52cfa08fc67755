package dev.slipway.eval.report;

import dev.slipway.eval.report.Picture.Anchor;
import dev.slipway.eval.report.Picture.Ink;
import dev.slipway.eval.report.Picture.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The frame that charts of one quantity against another share: axes, grid, labels. */
final class Square {
  static final int WIDTH = 420;
  static final int HEIGHT = 340;
  private static final int LEFT = 52;
  private static final int RIGHT = 16;
  private static final int TOP = 12;
  private static final int BOTTOM = 44;

  /** Points nearer to each other than this are one. */
  private static final double NEAR = 0.8;

  final Axis x;
  final Axis y;
  final List<Shape> shapes = new ArrayList<>();

  Square(Axis x, Axis y, String xLabel, String yLabel) {
    this.x = x;
    this.y = y;
    for (double tick : y.ticks()) {
      double at = y.pixel(tick);
      shapes.add(new Picture.Line(Ink.GRID, 1, false, LEFT, at, WIDTH - RIGHT, at));
      shapes.add(words(Ink.MUTED, LEFT - 8, at + 4, Anchor.END, false, y.label(tick)));
    }
    double bottom = HEIGHT - BOTTOM;
    shapes.add(new Picture.Line(Ink.BASE, 1, false, LEFT, bottom, WIDTH - RIGHT, bottom));
    for (double tick : x.ticks()) {
      shapes.add(words(Ink.MUTED, x.pixel(tick), bottom + 17, Anchor.MIDDLE, false, x.label(tick)));
    }
    shapes.add(
        words(Ink.MUTED, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, Anchor.MIDDLE, false, xLabel));
    shapes.add(words(Ink.MUTED, 13, (TOP + HEIGHT - BOTTOM) / 2.0, Anchor.MIDDLE, true, yLabel));
  }

  /** From 0 to 1 both ways. */
  static Square unit(String xLabel, String yLabel) {
    return new Square(across(0, 1), up(0, 1), xLabel, yLabel);
  }

  static Axis across(double low, double high) {
    return Axis.exact(low, high, 5, LEFT, WIDTH - RIGHT);
  }

  static Axis up(double low, double high) {
    return Axis.exact(low, high, 5, HEIGHT - BOTTOM, TOP);
  }

  static Picture.Words words(
      Ink ink, double x, double y, Anchor anchor, boolean turned, String text) {
    return new Picture.Words(ink, x, y, anchor, 12, turned, text);
  }

  /** A line through values, of which points that fall together are drawn once. */
  void line(Ink ink, double width, boolean dashed, double[] xs, double[] ys) {
    double[] points = new double[2 * xs.length];
    int count = 0;
    for (int i = 0; i < xs.length; i++) {
      double px = x.pixel(xs[i]);
      double py = y.pixel(ys[i]);
      boolean far =
          count == 0
              || i == xs.length - 1
              || Math.abs(px - points[count - 2]) + Math.abs(py - points[count - 1]) >= NEAR;
      if (far && Double.isFinite(px) && Double.isFinite(py)) {
        points[count++] = px;
        points[count++] = py;
      }
    }
    shapes.add(new Picture.Line(ink, width, dashed, Arrays.copyOf(points, count)));
  }

  void dot(Ink ink, double opacity, double atX, double atY, double radius, String hover) {
    shapes.add(new Picture.Dot(ink, opacity, x.pixel(atX), y.pixel(atY), radius, hover));
  }

  Picture picture(String name, String title, String note, List<String> legend) {
    return new Picture(name, title, note, WIDTH, HEIGHT, legend, shapes);
  }
}
