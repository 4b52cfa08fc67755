package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import dev.slipway.eval.report.Curve.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Draws a {@link Curve} as SVG. Colours come from classes that {@code chart.css} defines; pointing
 * at a place shows its values, by CSS alone.
 */
final class LineChart {
  private static final int HOVER_COLUMNS = 72;
  private static final double CHARACTER = 6.1;

  private LineChart() {}

  /** To put into a page that has {@code chart.css}; {@code id} is unique on it. */
  static Markup svg(Curve curve, String id) {
    return html(
        """
        <svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>
        """,
        Plot.WIDTH,
        Plot.HEIGHT,
        description(curve),
        content(curve, id));
  }

  /** A file of its own, with its title and legend. */
  static String standalone(Curve curve) {
    return html(
            """
            <svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 -40 {} {}" width="{}" height="{}" role="img" aria-label="{}">
            <style>{}</style>
            <rect class="paper" y="-40" width="100%" height="100%"/>
            <text class="title" x="14" y="-16">{}</text>{}{}</svg>
            """,
            Plot.WIDTH,
            Plot.HEIGHT + 40,
            2 * Plot.WIDTH,
            2 * (Plot.HEIGHT + 40),
            description(curve),
            Stylesheets.chart(),
            curve.title() + " (" + curve.unit() + ")",
            legend(curve),
            content(curve, "plot"))
        .source();
  }

  private static String description(Curve curve) {
    StringBuilder text = new StringBuilder(curve.title()).append(", ").append(curve.unit());
    for (Series series : curve.series()) {
      double last = last(series);
      if (Double.isFinite(last)) {
        text.append("; ").append(series.name()).append(" ends at ").append(Figures.digits(last));
      }
    }
    return text.toString();
  }

  private static Markup legend(Curve curve) {
    List<Markup> entries = new ArrayList<>();
    double x = Plot.WIDTH - 14;
    for (int i = curve.series().size() - 1; i >= 0 && curve.series().size() > 1; i--) {
      String name = curve.series().get(i).name();
      x -= CHARACTER * name.length();
      entries.add(html("<text x=\"{}\" y=\"-16\">{}</text>", pixel(x), name));
      entries.add(
          html(
              "<line class=\"line s{}\" x1=\"{}\" x2=\"{}\" y1=\"-20\" y2=\"-20\"/>",
              i,
              pixel(x - 20),
              pixel(x - 6)));
      x -= 34;
    }
    return html("{}", entries);
  }

  private static Markup content(Curve curve, String id) {
    Plot plot = Plot.of(curve);
    return html(
        """
        <clipPath id="{}"><rect x="{}" y="{}" width="{}" height="{}"/></clipPath>
        {}<g clip-path="url(#{})">{}</g>{}{}
        """,
        id,
        Plot.LEFT - 4,
        Plot.TOP - 4,
        Plot.WIDTH - Plot.LEFT - Plot.RIGHT + 8,
        Plot.HEIGHT - Plot.TOP - Plot.BOTTOM + 8,
        axes(curve, plot),
        id,
        lines(plot),
        endLabels(plot),
        hover(curve, plot));
  }

  private static Markup axes(Curve curve, Plot plot) {
    List<Markup> parts = new ArrayList<>();
    for (double tick : plot.y().ticks()) {
      double y = plot.y().pixel(tick);
      parts.add(
          html(
              "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>",
              Plot.LEFT,
              Plot.WIDTH - Plot.RIGHT,
              pixel(y),
              pixel(y)));
      parts.add(
          html(
              "<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
              Plot.LEFT - 8,
              pixel(y + 3.5),
              plot.y().label(tick)));
    }
    parts.add(
        html(
            "<line class=\"base\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>",
            Plot.LEFT,
            Plot.WIDTH - Plot.RIGHT,
            Plot.HEIGHT - Plot.BOTTOM,
            Plot.HEIGHT - Plot.BOTTOM));
    for (double tick : plot.x().ticks()) {
      double x = plot.x().pixel(tick);
      parts.add(
          html(
              "<line class=\"base\" x1=\"{}\" x2=\"{}\" y1=\"{}\" y2=\"{}\"/>",
              pixel(x),
              pixel(x),
              Plot.HEIGHT - Plot.BOTTOM,
              Plot.HEIGHT - Plot.BOTTOM + 4));
      parts.add(
          html(
              "<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
              pixel(x),
              Plot.HEIGHT - Plot.BOTTOM + 17,
              plot.x().label(tick)));
    }
    parts.add(
        html(
            "<text class=\"label\" x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            (Plot.LEFT + Plot.WIDTH - Plot.RIGHT) / 2,
            Plot.HEIGHT - 6,
            curve.xLabel() + (plot.clipped() ? " · spikes reach over the edge" : "")));
    return html("{}", parts);
  }

  private static Markup lines(Plot plot) {
    List<Markup> parts = new ArrayList<>();
    for (Plot.Line line : plot.lines()) {
      for (double[] run : line.runs()) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < run.length; i += 2) {
          path.append(i == 0 ? "M" : "L")
              .append(pixel(run[i]))
              .append(' ')
              .append(pixel(run[i + 1]));
        }
        parts.add(
            html(
                "<path class=\"{} s{}\" d=\"{}\"/>",
                line.faint() ? "faint" : "line",
                line.series(),
                path));
        for (int i = 0; line.dots() && i < run.length; i += 2) {
          parts.add(dot(line.series(), run[i], run[i + 1], 3.2));
        }
      }
    }
    return html("{}", parts);
  }

  private static Markup dot(int series, double x, double y, double radius) {
    return html(
        "<circle class=\"dot s{}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>",
        series,
        pixel(x),
        pixel(y),
        radius);
  }

  /** The last value of each series at its line's end, moved apart where they would touch. */
  private static Markup endLabels(Plot plot) {
    record Label(int series, double y, double value) {}
    List<Label> labels = new ArrayList<>();
    for (int i = 0; i < plot.summaries().size(); i++) {
      double value = last(plot.summaries().get(i));
      if (Double.isFinite(value)) {
        double y = Math.clamp(plot.y().pixel(value), Plot.TOP, plot.y().start());
        labels.add(new Label(i, y, value));
      }
    }
    labels.sort((a, b) -> Double.compare(a.y, b.y));
    List<Markup> parts = new ArrayList<>();
    double least = 0;
    double over = Math.max(0, 13 * (labels.size() - 1) - (plot.y().start() - Plot.TOP));
    for (Label label : labels) {
      double y = Math.max(label.y - over, least);
      least = y + 13;
      parts.add(
          html(
              "<text class=\"end s{}\" x=\"{}\" y=\"{}\">{}</text>",
              label.series,
              Plot.WIDTH - Plot.RIGHT + 8,
              pixel(y + 4),
              plot.y().value(label.value)));
    }
    return html("{}", parts);
  }

  private static double last(Series series) {
    for (int i = series.y().length - 1; i >= 0; i--) {
      if (Double.isFinite(series.y()[i])) {
        return series.y()[i];
      }
    }
    return Double.NaN;
  }

  private static Markup hover(Curve curve, Plot plot) {
    Series longest = longest(plot.summaries());
    int points = longest.x().length;
    int columns = Math.min(points, HOVER_COLUMNS);
    List<Markup> parts = new ArrayList<>();
    for (int c = 0; c < columns; c++) {
      double at = longest.x()[columns == 1 ? 0 : (int) ((long) c * (points - 1) / (columns - 1))];
      double x = plot.x().pixel(at);
      double width = (double) (Plot.WIDTH - Plot.LEFT - Plot.RIGHT) / Math.max(1, columns - 1);
      List<Reading> readings = new ArrayList<>();
      for (int i = 0; i < plot.summaries().size(); i++) {
        Series series = plot.summaries().get(i);
        int nearest = nearest(series.x(), at);
        boolean near = nearest >= 0 && Math.abs(plot.x().pixel(series.x()[nearest]) - x) <= width;
        if (near && Double.isFinite(series.y()[nearest])) {
          double y = series.y()[nearest];
          readings.add(new Reading(i, series.name() + " " + value(y), plot.y().pixel(y)));
        }
      }
      String head = curve.xLabel() + " " + Figures.count(Math.round(at));
      parts.add(column(x, width, head, readings));
    }
    return html("{}", parts);
  }

  /** What the box beside the crosshair says of a series, and where its dot goes. */
  private record Reading(int series, String text, double y) {}

  private static Markup column(double x, double width, String head, List<Reading> readings) {
    int characters =
        readings.stream().mapToInt(r -> r.text.length()).reduce(head.length(), Math::max);
    double boxWidth = characters * CHARACTER + 20;
    double left = x + 10 + boxWidth > Plot.WIDTH ? x - 10 - boxWidth : x + 10;
    List<Markup> rows = new ArrayList<>();
    List<Markup> dots = new ArrayList<>();
    for (Reading reading : readings) {
      rows.add(
          html(
              "<tspan class=\"s{}\" x=\"{}\" dy=\"15\">{}</tspan>",
              reading.series,
              pixel(left + 10),
              reading.text));
      dots.add(dot(reading.series, x, reading.y, 3.5));
    }
    return html(
        """
        <g class="hit"><rect class="area" x="{}" y="{}" width="{}" height="{}"/><g class="tip"><line class="cross" x1="{}" x2="{}" y1="{}" y2="{}"/>{}<rect class="box" x="{}" y="{}" width="{}" height="{}" rx="6"/><text x="{}" y="{}"><tspan class="head">{}</tspan>{}</text></g></g>
        """,
        pixel(x - width / 2),
        Plot.TOP,
        pixel(width),
        Plot.HEIGHT - Plot.TOP - Plot.BOTTOM,
        pixel(x),
        pixel(x),
        Plot.TOP,
        Plot.HEIGHT - Plot.BOTTOM,
        dots,
        pixel(left),
        Plot.TOP + 4,
        pixel(boxWidth),
        26 + 15 * readings.size(),
        pixel(left + 10),
        Plot.TOP + 21,
        head,
        rows);
  }

  private static Series longest(List<Series> all) {
    return all.stream()
        .max((a, b) -> Integer.compare(a.x().length, b.x().length))
        .orElse(new Series("", new double[0], new double[0], Curve.Style.LINE));
  }

  private static int nearest(double[] ascending, double value) {
    int found = Arrays.binarySearch(ascending, value);
    if (found >= 0) {
      return found;
    }
    int above = -found - 1;
    if (above == ascending.length) {
      return above - 1;
    }
    return above > 0 && value - ascending[above - 1] < ascending[above] - value ? above - 1 : above;
  }

  private static String value(double value) {
    return Math.abs(value) >= 10_000 ? Figures.count(Math.round(value)) : precise(value);
  }

  private static String precise(double value) {
    double size = Math.abs(value);
    return size >= 0.1 && size < 1000
        ? String.format(Locale.ROOT, "%.3f", value)
        : Figures.digits(value);
  }

  private static String pixel(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
