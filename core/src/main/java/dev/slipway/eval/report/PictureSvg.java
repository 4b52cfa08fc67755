package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A picture as SVG; {@code chart.css} has its colours. */
final class PictureSvg {
  private PictureSvg() {}

  static Markup svg(Picture picture) {
    List<Markup> parts = new ArrayList<>();
    for (Picture.Shape shape : picture.shapes()) {
      parts.add(shape(shape));
    }
    return html(
        """
        <svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>
        """,
        picture.width(),
        picture.height(),
        picture.title() + (picture.note().isEmpty() ? "" : ", " + picture.note()),
        parts);
  }

  private static Markup shape(Picture.Shape shape) {
    return switch (shape) {
      case Picture.Line line -> {
        StringBuilder path = new StringBuilder();
        double[] points = line.points();
        for (int i = 0; i < points.length; i += 2) {
          path.append(i == 0 ? 'M' : 'L')
              .append(pixel(points[i]))
              .append(' ')
              .append(pixel(points[i + 1]));
        }
        yield html(
            "<path class=\"stroke {}{}\" stroke-width=\"{}\" d=\"{}\"/>",
            ink(line.ink()),
            line.dashed() ? " dashed" : "",
            pixel(line.width()),
            path);
      }
      case Picture.Box box ->
          html(
              "<rect class=\"fill {}\" fill-opacity=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\""
                  + " height=\"{}\">{}</rect>",
              ink(box.ink()),
              opacity(box.opacity()),
              pixel(box.x()),
              pixel(box.y()),
              pixel(box.width()),
              pixel(box.height()),
              hover(box.hover()));
      case Picture.Dot dot ->
          html(
              "<circle class=\"fill {}\" fill-opacity=\"{}\" cx=\"{}\" cy=\"{}\""
                  + " r=\"{}\">{}</circle>",
              ink(dot.ink()),
              opacity(dot.opacity()),
              pixel(dot.x()),
              pixel(dot.y()),
              pixel(dot.radius()),
              hover(dot.hover()));
      case Picture.Words words -> {
        String at = pixel(words.x()) + " " + pixel(words.y());
        yield html(
            "<text class=\"fill {}\" transform=\"translate({}){}\" text-anchor=\"{}\""
                + " font-size=\"{}\">{}</text>",
            ink(words.ink()),
            at,
            words.turned() ? " rotate(-90)" : "",
            words.anchor().name().toLowerCase(Locale.ROOT),
            pixel(words.size()),
            words.text());
      }
    };
  }

  private static Markup hover(String text) {
    return text.isEmpty() ? Markup.NONE : html("<title>{}</title>", text);
  }

  static String ink(Picture.Ink ink) {
    return switch (ink) {
      case S0, S1, S2, S3 -> ink.name().toLowerCase(Locale.ROOT);
      case GRID -> "i-grid";
      case BASE -> "i-base";
      case MUTED -> "i-muted";
      case TEXT -> "i-text";
      case ON_COLOUR -> "i-on";
    };
  }

  private static String opacity(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static String pixel(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
