package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import dev.slipway.eval.metric.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Horizontal bars from zero, the best one first, with whiskers for intervals. There are two
 * layouts, of which the style sheet shows one: names beside the bars, and on narrow screens above
 * them.
 */
final class BarChart {
  private static final int TOP = 8;

  /**
   * @param labels where bars begin
   * @param right room for their values
   * @param above whether names stand above their bars
   */
  private record Layout(
      String kind, int width, int labels, int right, int row, int ticks, boolean above) {}

  private static final Layout WIDE = new Layout("wide", 860, 236, 64, 38, 6, false);
  private static final Layout NARROW = new Layout("narrow", 380, 4, 58, 52, 4, true);

  private BarChart() {}

  /**
   * @param ours whether it is the model's own bar
   * @param forecast whether it is no measurement but what was forecast
   */
  record Bar(
      String name, double value, @Nullable Interval interval, boolean ours, boolean forecast) {}

  /** Of figures that are better when they are lower. */
  static Markup svg(String title, String unit, List<Bar> bars) {
    return svg(title, unit, bars, false);
  }

  static Markup svg(String title, String unit, List<Bar> bars, boolean higherIsBetter) {
    Comparator<Bar> byValue = Comparator.comparingDouble(Bar::value);
    List<Bar> sorted = bars.stream().sorted(higherIsBetter ? byValue.reversed() : byValue).toList();
    return html("{}{}", svg(title, unit, sorted, WIDE), svg(title, unit, sorted, NARROW));
  }

  private static Markup svg(String title, String unit, List<Bar> sorted, Layout layout) {
    double highest = 0;
    for (Bar bar : sorted) {
      Interval interval = bar.interval();
      highest = Math.max(highest, interval == null ? bar.value() : interval.high());
    }
    Axis x = Axis.rounded(0, highest, layout.ticks, layout.labels, layout.width - layout.right);
    int bottom = TOP + layout.row * sorted.size();
    List<Markup> parts = new ArrayList<>();
    for (double tick : x.ticks()) {
      parts.add(
          html(
              """
              <line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>
              """,
              tick == 0 ? "base" : "grid",
              pixel(x.pixel(tick)),
              pixel(x.pixel(tick)),
              TOP,
              bottom,
              pixel(x.pixel(tick)),
              bottom + 18,
              x.label(tick)));
    }
    for (int i = 0; i < sorted.size(); i++) {
      parts.add(bar(sorted.get(i), x, TOP + layout.row * i, layout));
    }
    parts.add(
        html(
            "<text class=\"label\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            (layout.labels + layout.width - layout.right) / 2,
            bottom + 38,
            unit));
    return html(
        """
        <svg class="chart bars {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>
        """,
        layout.kind,
        layout.width,
        bottom + 46,
        title,
        parts);
  }

  private static Markup bar(Bar bar, Axis x, int top, Layout layout) {
    double end = x.pixel(bar.value());
    int middle = layout.above ? top + layout.row - 14 : top + layout.row / 2;
    double labelX = end + 8;
    Markup whisker = Markup.NONE;
    Interval interval = bar.interval();
    String hover = bar.name() + ": " + Figures.decimals(bar.value(), 4);
    if (interval != null) {
      labelX = x.pixel(interval.high()) + 8;
      hover +=
          String.format(
              Locale.ROOT, ", 95 %% interval %.4f to %.4f", interval.low(), interval.high());
      whisker =
          html(
              """
              <path class="whisker" d="M{} {}H{}M{} {}V{}M{} {}V{}"/>
              """,
              pixel(x.pixel(interval.low())),
              middle,
              pixel(x.pixel(interval.high())),
              pixel(x.pixel(interval.low())),
              middle - 5,
              middle + 5,
              pixel(x.pixel(interval.high())),
              middle - 5,
              middle + 5);
    }
    return html(
        """
        <g class="bar{}{}"><title>{}</title><text class="name" x="{}" y="{}" text-anchor="{}">{}</text><path class="body" d="{}"/>{}<text class="value" x="{}" y="{}">{}</text></g>
        """,
        bar.ours() ? " ours" : "",
        bar.forecast() ? " forecast" : "",
        hover,
        layout.above ? layout.labels : layout.labels - 12,
        layout.above ? middle - 17 : middle + 4,
        layout.above ? "start" : "end",
        bar.name(),
        rounded(x.pixel(0), end, middle - 10, 20),
        whisker,
        pixel(labelX),
        middle + 4,
        Figures.decimals(bar.value(), 3));
  }

  /** Square at the base, round at the value. */
  private static String rounded(double from, double to, int y, int height) {
    double radius = Math.clamp(to - from, 0, 4);
    return String.format(
        Locale.ROOT,
        "M%1$.1f %3$dH%2$.1fq%5$.1f 0 %5$.1f %5$.1fV%4$.1fq0 %5$.1f -%5$.1f %5$.1fH%1$.1fZ",
        from,
        to - radius,
        y,
        y + height - radius,
        radius);
  }

  private static String pixel(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
