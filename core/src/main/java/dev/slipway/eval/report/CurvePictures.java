package dev.slipway.eval.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Consumer;
import javax.imageio.ImageIO;

/** A chart as a file of its own: SVG by text, PNG by Java2D without a screen. */
public final class CurvePictures {
  private static final int TITLE = 40;
  private static final int SCALE = 2;
  private static final int LEGEND_ROW = 18;
  private static final Color PAPER = Color.WHITE;
  private static final Color INK = new Color(0x1b1b1a);
  private static final Color MUTED = new Color(0x76746d);
  private static final Color RULE = new Color(0xe4e3df);
  private static final Color BASE = new Color(0xb9b7b0);
  private static final Color[] SERIES = {
    new Color(0x2a78d6), new Color(0xe8590c), new Color(0x1baf7a), new Color(0x7a5bd0)
  };

  private CurvePictures() {}

  /** A whole SVG file, light or dark as its reader is. */
  public static String svg(Curve curve) {
    return LineChart.standalone(curve);
  }

  /**
   * A whole PNG file of 1120 × 608 pixels. Needs a font on the machine, as all of Java2D's text
   * does.
   */
  public static byte[] png(Curve curve) {
    return png(Plot.WIDTH, Plot.HEIGHT + TITLE, graphics -> draw(graphics, curve, Plot.of(curve)));
  }

  /** A whole PNG file, twice as wide and high as the picture, with its title above. */
  static byte[] png(Picture picture) {
    boolean legend = !picture.legend().isEmpty();
    int above = TITLE + (legend ? LEGEND_ROW * picture.legend().size() : 0);
    return png(
        picture.width(),
        picture.height() + above,
        graphics -> {
          title(graphics, picture.title(), picture.note(), picture.width());
          graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
          for (int i = 0; i < picture.legend().size(); i++) {
            graphics.setColor(colour(i));
            graphics.fillRect(14, LEGEND_ROW * i - 2, 14, 3);
            graphics.setColor(INK);
            graphics.drawString(picture.legend().get(i), 36, LEGEND_ROW * i + 3);
          }
          graphics.translate(0, above - TITLE);
          picture.shapes().forEach(shape -> shape(graphics, shape));
        });
  }

  private static void title(Graphics2D graphics, String title, String note, int width) {
    graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
    graphics.setColor(INK);
    graphics.drawString(title, 14, -18);
    int x = 24 + graphics.getFontMetrics().stringWidth(title);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    graphics.setColor(MUTED);
    String shown = note;
    while (!shown.isEmpty() && x + graphics.getFontMetrics().stringWidth(shown) > width - 8) {
      shown = shown.substring(0, Math.max(0, shown.lastIndexOf(' ')));
    }
    graphics.drawString(shown, x, -18);
  }

  private static void shape(Graphics2D graphics, Picture.Shape shape) {
    switch (shape) {
      case Picture.Line line -> {
        graphics.setColor(colour(line.ink(), 1));
        graphics.setStroke(
            new BasicStroke(
                (float) line.width(),
                BasicStroke.CAP_ROUND,
                BasicStroke.JOIN_ROUND,
                10,
                line.dashed() ? new float[] {5, 4} : null,
                0));
        Path2D path = new Path2D.Double();
        double[] points = line.points();
        for (int i = 0; i < points.length; i += 2) {
          if (i == 0) {
            path.moveTo(points[0], points[1]);
          } else {
            path.lineTo(points[i], points[i + 1]);
          }
        }
        graphics.draw(path);
      }
      case Picture.Box box -> {
        graphics.setColor(colour(box.ink(), box.opacity()));
        graphics.fill(new Rectangle2D.Double(box.x(), box.y(), box.width(), box.height()));
      }
      case Picture.Dot dot -> {
        graphics.setColor(colour(dot.ink(), dot.opacity()));
        double r = dot.radius();
        graphics.fill(new Ellipse2D.Double(dot.x() - r, dot.y() - r, 2 * r, 2 * r));
      }
      case Picture.Words words -> words(graphics, words);
    }
  }

  private static void words(Graphics2D graphics, Picture.Words words) {
    graphics.setColor(colour(words.ink(), 1));
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12).deriveFont((float) words.size()));
    int width = graphics.getFontMetrics().stringWidth(words.text());
    float back =
        switch (words.anchor()) {
          case START -> 0;
          case MIDDLE -> width / 2f;
          case END -> width;
        };
    AffineTransform before = graphics.getTransform();
    graphics.translate(words.x(), words.y());
    if (words.turned()) {
      graphics.rotate(-Math.PI / 2);
    }
    graphics.drawString(words.text(), -back, 0);
    graphics.setTransform(before);
  }

  private static Color colour(Picture.Ink ink, double opacity) {
    Color colour =
        switch (ink) {
          case S0, S1, S2, S3 -> SERIES[ink.ordinal()];
          case GRID -> RULE;
          case BASE -> BASE;
          case MUTED -> MUTED;
          case TEXT -> INK;
          case ON_COLOUR -> PAPER;
        };
    int alpha = (int) Math.round(255 * Math.clamp(opacity, 0, 1));
    return new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), alpha);
  }

  /** Why no text can be drawn here; empty where it can. */
  public static Optional<String> missingFont() {
    try {
      BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
      image.createGraphics().getFontMetrics(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
      return Optional.empty();
    } catch (RuntimeException | LinkageError | InternalError e) {
      // Without fontconfig or a font, Java2D fails in one of several ways.
      return Optional.of("this machine has no font that Java finds (" + e + ")");
    }
  }

  private static byte[] png(int width, int height, Consumer<Graphics2D> drawing) {
    BufferedImage image =
        new BufferedImage(SCALE * width, SCALE * height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      graphics.setColor(PAPER);
      graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
      graphics.scale(SCALE, SCALE);
      graphics.translate(0, TITLE);
      drawing.accept(graphics);
    } finally {
      graphics.dispose();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, "png", out)) {
        throw new IllegalStateException("this JDK has no PNG writer");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void draw(Graphics2D graphics, Curve curve, Plot plot) {
    graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
    graphics.setColor(INK);
    graphics.drawString(curve.title() + " (" + curve.unit() + ")", 14, -16);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    legend(graphics, curve);
    axes(graphics, curve, plot);
    graphics.setClip(
        Plot.LEFT - 4,
        Plot.TOP - 4,
        Plot.WIDTH - Plot.LEFT - Plot.RIGHT + 8,
        Plot.HEIGHT - Plot.TOP - Plot.BOTTOM + 8);
    for (Plot.Line line : plot.lines()) {
      line(graphics, line);
    }
    graphics.setClip(null);
  }

  private static void legend(Graphics2D graphics, Curve curve) {
    int x = Plot.WIDTH - 14;
    for (int i = curve.series().size() - 1; i >= 0 && curve.series().size() > 1; i--) {
      String name = curve.series().get(i).name();
      x -= graphics.getFontMetrics().stringWidth(name);
      graphics.setColor(INK);
      graphics.drawString(name, x, -16);
      graphics.setColor(colour(i));
      graphics.fillRect(x - 20, -21, 14, 3);
      x -= 34;
    }
  }

  private static void axes(Graphics2D graphics, Curve curve, Plot plot) {
    graphics.setStroke(new BasicStroke(1));
    for (double tick : plot.y().ticks()) {
      double y = plot.y().pixel(tick);
      graphics.setColor(RULE);
      graphics.draw(new Line2D.Double(Plot.LEFT, y, Plot.WIDTH - Plot.RIGHT, y));
      graphics.setColor(MUTED);
      String label = plot.y().label(tick);
      int width = graphics.getFontMetrics().stringWidth(label);
      graphics.drawString(label, Plot.LEFT - 8 - width, (float) (y + 3.5));
    }
    int bottom = Plot.HEIGHT - Plot.BOTTOM;
    graphics.setColor(BASE);
    graphics.drawLine(Plot.LEFT, bottom, Plot.WIDTH - Plot.RIGHT, bottom);
    graphics.setColor(MUTED);
    for (double tick : plot.x().ticks()) {
      centred(graphics, plot.x().label(tick), plot.x().pixel(tick), bottom + 17);
    }
    centred(graphics, curve.xLabel(), (Plot.LEFT + Plot.WIDTH - Plot.RIGHT) / 2.0, Plot.HEIGHT - 6);
  }

  private static void centred(Graphics2D graphics, String text, double x, int y) {
    int width = graphics.getFontMetrics().stringWidth(text);
    graphics.drawString(text, (float) (x - width / 2.0), y);
  }

  private static void line(Graphics2D graphics, Plot.Line line) {
    Color colour = colour(line.series());
    graphics.setColor(
        line.faint()
            ? new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 61)
            : colour);
    graphics.setStroke(
        new BasicStroke(line.faint() ? 1 : 2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    for (double[] run : line.runs()) {
      Path2D path = new Path2D.Double();
      path.moveTo(run[0], run[1]);
      for (int i = 2; i < run.length; i += 2) {
        path.lineTo(run[i], run[i + 1]);
      }
      graphics.draw(path);
      for (int i = 0; line.dots() && i < run.length; i += 2) {
        graphics.fill(new Ellipse2D.Double(run[i] - 3, run[i + 1] - 3, 6, 6));
      }
    }
  }

  private static Color colour(int series) {
    return SERIES[Math.min(series, SERIES.length - 1)];
  }
}
