package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import dev.slipway.eval.metric.Interval;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Horizontal bars from zero, the shortest (best) one first, with whiskers for intervals. */
final class BarChart {
  private static final int WIDTH = 860;
  private static final int LABELS = 236;
  private static final int RIGHT = 64;
  private static final int ROW = 38;
  private static final int TOP = 8;

  private BarChart() {}

  /**
   * @param ours whether it is the model's own bar
   * @param forecast whether it is no measurement but what was forecast
   */
  record Bar(
      String name, double value, @Nullable Interval interval, boolean ours, boolean forecast) {}

  static Markup svg(String title, String unit, List<Bar> bars) {
    List<Bar> sorted = bars.stream().sorted(Comparator.comparingDouble(Bar::value)).toList();
    double highest = 0;
    for (Bar bar : sorted) {
      Interval interval = bar.interval();
      highest = Math.max(highest, interval == null ? bar.value() : interval.high());
    }
    Axis x = Axis.rounded(0, highest, 6, LABELS, WIDTH - RIGHT);
    int bottom = TOP + ROW * sorted.size();
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
      parts.add(bar(sorted.get(i), x, TOP + ROW * i));
    }
    parts.add(
        html(
            "<text class=\"label\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            (LABELS + WIDTH - RIGHT) / 2,
            bottom + 38,
            unit));
    return html(
        """
        <svg class="chart bars" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>
        """,
        WIDTH,
        bottom + 46,
        title,
        parts);
  }

  private static Markup bar(Bar bar, Axis x, int top) {
    double end = x.pixel(bar.value());
    int middle = top + ROW / 2;
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
        <g class="bar{}{}"><title>{}</title><text class="name" x="{}" y="{}" text-anchor="end">{}</text><path class="body" d="{}"/>{}<text class="value" x="{}" y="{}">{}</text></g>
        """,
        bar.ours() ? " ours" : "",
        bar.forecast() ? " forecast" : "",
        hover,
        LABELS - 12,
        middle + 4,
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
