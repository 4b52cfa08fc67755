package dev.slipway.eval.report;

import dev.slipway.eval.report.Picture.Anchor;
import dev.slipway.eval.report.Picture.Ink;
import dev.slipway.eval.report.Picture.Shape;
import dev.slipway.eval.report.TaskSection.ClassCount;
import dev.slipway.eval.report.TaskSection.Data;
import dev.slipway.eval.report.TaskSection.Histogram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** The charts of a section, for the page and for files alike. */
final class Pictures {
  /** More dots than these can't be told apart, and would make the page large. */
  private static final int MOST_DOTS = 800;

  private static final int MOST_CLASSES = 40;

  private Pictures() {}

  static List<Picture> of(TaskSection section) {
    return switch (section) {
      case TaskSection.Decisions decisions -> DecisionPictures.of(decisions.curves());
      case TaskSection.Numbers numbers -> numbers(numbers);
      case Data data -> data(data);
      default -> List.of();
    };
  }

  private static List<Picture> numbers(TaskSection.Numbers numbers) {
    double[] truth = numbers.truth();
    double[] told = numbers.predicted();
    int[] shown =
        IntStream.range(0, Math.min(truth.length, MOST_DOTS))
            .map(i -> (int) ((long) i * truth.length / Math.min(truth.length, MOST_DOTS)))
            .filter(i -> Double.isFinite(truth[i]) && Double.isFinite(told[i]))
            .toArray();
    if (shown.length == 0) {
      return List.of();
    }
    double low = Arrays.stream(shown).mapToDouble(i -> Math.min(truth[i], told[i])).min().orElse(0);
    double high =
        Arrays.stream(shown).mapToDouble(i -> Math.max(truth[i], told[i])).max().orElse(1);
    String note =
        shown.length < truth.length
            ? Figures.count(shown.length) + " of " + Figures.count(truth.length) + " examples"
            : "";
    double margin = 0.03 * (high - low);
    Square against =
        new Square(
            Square.across(low - margin, high + margin),
            Square.up(low - margin, high + margin),
            "true: " + numbers.unit(),
            "predicted");
    against.line(Ink.BASE, 1, true, new double[] {low, high}, new double[] {low, high});
    double opacity = Math.clamp(120.0 / shown.length, 0.2, 0.7);
    double toldLow = Arrays.stream(shown).mapToDouble(i -> told[i]).min().orElse(0);
    double toldHigh = Arrays.stream(shown).mapToDouble(i -> told[i]).max().orElse(1);
    double most =
        Arrays.stream(shown).mapToDouble(i -> Math.abs(told[i] - truth[i])).max().orElse(1);
    most = most > 0 ? 1.05 * most : 1;
    Square left =
        new Square(
            Square.across(toldLow, toldHigh),
            Square.up(-most, most),
            "predicted: " + numbers.unit(),
            "predicted − true");
    left.line(Ink.BASE, 1, true, new double[] {toldLow, toldHigh}, new double[] {0, 0});
    for (int i : shown) {
      String hover = "true " + Figures.digits(truth[i]) + ", predicted " + Figures.digits(told[i]);
      against.dot(Ink.S0, opacity, truth[i], told[i], 3, hover);
      left.dot(Ink.S0, opacity, told[i], told[i] - truth[i], 3, hover);
    }
    return List.of(
        against.picture("predicted-and-true", "Predicted against true", note, List.of()),
        left.picture("residuals", "Residuals", "a pattern is something not yet learnt", List.of()));
  }

  private static List<Picture> data(Data data) {
    List<Picture> pictures = new ArrayList<>();
    if (!data.classes().isEmpty()) {
      pictures.add(classes(data));
    }
    for (Histogram histogram : data.histograms()) {
      pictures.add(histogram(histogram));
    }
    return pictures;
  }

  /** A bar of counts by split for each class, the largest class first. */
  private static Picture classes(Data data) {
    List<ClassCount> sorted =
        data.classes().stream()
            .sorted(Comparator.comparingLong((ClassCount c) -> -total(c)))
            .toList();
    List<ClassCount> shown = sorted.subList(0, Math.min(MOST_CLASSES, sorted.size()));
    int row = shown.size() <= 12 ? 26 : 18;
    int characters =
        shown.stream()
            .mapToInt(c -> DecisionPictures.shortened(c.name(), 18).length())
            .max()
            .orElse(0);
    double left = 14 + 6.6 * characters;
    double most = Math.max(1, shown.stream().mapToLong(Pictures::total).max().orElse(1));
    double scale = (Square.WIDTH - left - 62) / most;
    List<Shape> shapes = new ArrayList<>();
    for (int i = 0; i < shown.size(); i++) {
      ClassCount each = shown.get(i);
      double y = 6 + row * i;
      shapes.add(
          Square.words(
              Ink.TEXT,
              left - 8,
              y + row / 2.0 + 2,
              Anchor.END,
              false,
              DecisionPictures.shortened(each.name(), 18)));
      double x = left;
      for (int split = 0; split < each.counts().size(); split++) {
        double width = each.counts().get(split) * scale;
        String name =
            split < data.splits().size() ? data.splits().get(split).split() : "split " + split;
        shapes.add(
            new Picture.Box(
                Ink.series(split),
                0.9,
                x,
                y,
                width,
                row - 7,
                each.name() + ", " + name + ": " + Figures.count(each.counts().get(split))));
        x += width;
      }
      shapes.add(
          Square.words(
              Ink.MUTED,
              x + 6,
              y + row / 2.0 + 2,
              Anchor.START,
              false,
              Figures.count(total(each))));
    }
    return new Picture(
        "classes",
        "Examples by class",
        shown.size() < sorted.size()
            ? "the " + shown.size() + " largest of " + sorted.size() + " classes"
            : "",
        Square.WIDTH,
        12 + row * shown.size(),
        data.splits().stream().map(TaskSection.SplitSize::split).toList(),
        shapes);
  }

  private static long total(ClassCount each) {
    return each.counts().stream().mapToLong(Long::longValue).sum();
  }

  private static Picture histogram(Histogram histogram) {
    double[] edges = histogram.edges();
    long most = Math.max(1, Arrays.stream(histogram.counts()).max().orElse(1));
    Square square =
        new Square(
            Square.across(edges[0], edges[edges.length - 1]),
            Square.up(0, 1.04 * most),
            histogram.unit(),
            "examples");
    for (int b = 0; b < histogram.counts().length; b++) {
      double from = square.x.pixel(edges[b]);
      double to = square.x.pixel(edges[b + 1]);
      double top = square.y.pixel(histogram.counts()[b]);
      square.shapes.add(
          new Picture.Box(
              Ink.S0,
              0.85,
              from + 0.5,
              top,
              Math.max(0.5, to - from - 1),
              square.y.pixel(0) - top,
              Figures.digits(edges[b])
                  + " to "
                  + Figures.digits(edges[b + 1])
                  + ": "
                  + Figures.count(histogram.counts()[b])));
    }
    return square.picture(histogram.name(), histogram.title(), "", List.of());
  }
}
