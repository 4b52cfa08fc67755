package dev.slipway.eval.report;

import dev.slipway.eval.metric.Curve;
import dev.slipway.eval.report.Picture.Anchor;
import dev.slipway.eval.report.Picture.Ink;
import dev.slipway.eval.report.Picture.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** ROC, precision–recall, calibration and confusion matrix as pictures. */
final class DecisionPictures {
  private static final int COLOURED = 4;
  private static final int COUNTED_CLASSES = 12;
  private static final int NAMED_CLASSES = 40;

  private DecisionPictures() {}

  static List<Picture> of(List<Curve> curves) {
    List<Picture> pictures = new ArrayList<>();
    List<Named> roc = new ArrayList<>();
    List<Named> precision = new ArrayList<>();
    List<Curve.Calibration> calibrations = new ArrayList<>();
    List<Picture> matrices = new ArrayList<>();
    for (Curve curve : curves) {
      switch (curve) {
        case Curve.Roc c ->
            roc.add(
                new Named(
                    c.of(),
                    c.falsePositiveRate(),
                    c.truePositiveRate(),
                    area(c.falsePositiveRate(), c.truePositiveRate())));
        case Curve.PrecisionRecall c ->
            precision.add(
                new Named(c.of(), c.recall(), c.precision(), steps(c.recall(), c.precision())));
        case Curve.Calibration c -> calibrations.add(c);
        case Curve.Confusion c -> matrices.add(confusion(c));
      }
    }
    if (!roc.isEmpty()) {
      Square square = Square.unit("false positive rate", "true positive rate");
      square.line(Ink.BASE, 1, true, new double[] {0, 1}, new double[] {0, 1});
      pictures.add(square.picture("roc", "ROC curve", "dashed: chance", draw(square, roc, "AUC")));
    }
    if (!precision.isEmpty()) {
      Square square = Square.unit("recall", "precision");
      pictures.add(
          square.picture(
              "precision-recall", "Precision and recall", "", draw(square, precision, "AP")));
    }
    if (!calibrations.isEmpty()) {
      pictures.add(calibration(calibrations));
    }
    pictures.addAll(matrices);
    return pictures;
  }

  private record Named(String of, double[] x, double[] y, double area) {}

  /** The worst classes in colour, the others faint behind them. */
  private static List<String> draw(Square square, List<Named> curves, String figure) {
    List<Named> sorted = curves.stream().sorted(Comparator.comparingDouble(Named::area)).toList();
    int coloured = Math.min(COLOURED, sorted.size());
    for (Named curve : sorted.subList(coloured, sorted.size())) {
      square.line(Ink.BASE, 1, false, curve.x, curve.y);
    }
    List<String> legend = new ArrayList<>();
    for (int i = coloured - 1; i >= 0; i--) {
      square.line(Ink.series(i), 2, false, sorted.get(i).x, sorted.get(i).y);
    }
    for (Named curve : sorted.subList(0, coloured)) {
      legend.add(shortened(curve.of, 18) + ": " + figure + " " + Figures.decimals(curve.area, 3));
    }
    return legend;
  }

  private static double area(double[] x, double[] y) {
    double sum = 0;
    for (int i = 1; i < x.length; i++) {
      sum += (x[i] - x[i - 1]) * (y[i] + y[i - 1]) / 2;
    }
    return sum;
  }

  /** Average precision: Σ (recall step) · precision, no interpolation. */
  private static double steps(double[] recall, double[] precision) {
    double sum = 0;
    for (int i = 0; i + 1 < recall.length; i++) {
      sum += (recall[i] - recall[i + 1]) * precision[i];
    }
    return sum;
  }

  private static Picture calibration(List<Curve.Calibration> curves) {
    Square square = Square.unit("probability that was told", "share that came true");
    square.line(Ink.BASE, 1, true, new double[] {0, 1}, new double[] {0, 1});
    List<String> legend = new ArrayList<>();
    List<Curve.Calibration> shown = curves.subList(0, Math.min(COLOURED, curves.size()));
    for (int i = shown.size() - 1; i >= 0; i--) {
      Curve.Calibration curve = shown.get(i);
      square.line(Ink.series(i), 2, false, curve.predicted(), curve.observed());
      long most = Arrays.stream(curve.counts()).max().orElse(1);
      for (int b = 0; b < curve.predicted().length; b++) {
        square.dot(
            Ink.series(i),
            1,
            curve.predicted()[b],
            curve.observed()[b],
            // By area, so that a bin with four times the examples looks four times as large.
            2 + 5 * Math.sqrt((double) curve.counts()[b] / most),
            Figures.count(curve.counts()[b])
                + " examples told "
                + Figures.percent(curve.predicted()[b])
                + ", true "
                + Figures.percent(curve.observed()[b]));
      }
    }
    for (Curve.Calibration curve : shown) {
      legend.add(shortened(curve.of(), 24));
    }
    return square.picture(
        "calibration",
        "Calibration",
        "dashed: as told; larger dots: more examples",
        shown.size() > 1 ? legend : List.of());
  }

  private static Picture confusion(Curve.Confusion matrix) {
    int classes = matrix.classes().size();
    boolean named = classes <= NAMED_CLASSES;
    boolean counted = classes <= COUNTED_CLASSES;
    double size = classes <= 24 ? 11 : 8;
    int characters =
        named
            ? matrix.classes().stream().mapToInt(c -> shortened(c, 16).length()).max().orElse(0)
            : 0;
    double left = named ? 26 + 6.4 * characters * size / 11 : 30;
    int width = Math.max(Square.WIDTH, classes > COUNTED_CLASSES ? 600 : 0);
    double cell = Math.min((width - left - 10) / classes, classes == 2 ? 110 : 62);
    boolean turned = characters * 6.2 * size / 11 > cell;
    double top = 8;
    double bottom = top + cell * classes;
    double labels = !named ? 8 : turned ? 10 + 6.4 * characters * size / 11 : 18;
    List<Shape> shapes = new ArrayList<>();
    if (!named) {
      double side = cell * classes;
      shapes.add(new Picture.Box(Ink.GRID, 0.45, left, top, side, side, ""));
    }
    for (int truth = 0; truth < classes; truth++) {
      long row = Arrays.stream(matrix.counts()[truth]).sum();
      for (int told = 0; told < classes; told++) {
        long count = matrix.counts()[truth][told];
        double share = row == 0 ? 0 : (double) count / row;
        double x = left + cell * told;
        double y = top + cell * truth;
        double gap = named ? 1 : 0;
        if (named) {
          shapes.add(new Picture.Box(Ink.GRID, 0.45, x, y, cell - gap, cell - gap, ""));
        }
        if (count > 0) {
          Ink ink = truth == told ? Ink.S0 : Ink.S1;
          shapes.add(
              new Picture.Box(
                  ink,
                  0.08 + 0.92 * share,
                  x,
                  y,
                  cell - gap,
                  cell - gap,
                  matrix.classes().get(truth)
                      + " told to be "
                      + matrix.classes().get(told)
                      + ": "
                      + Figures.count(count)
                      + ", "
                      + Figures.percent(share)));
        }
        if (counted && (count > 0 || classes <= 6)) {
          shapes.add(
              new Picture.Words(
                  share > 0.5 ? Ink.ON_COLOUR : Ink.TEXT,
                  x + cell / 2,
                  y + cell / 2 + 4,
                  Anchor.MIDDLE,
                  Math.min(13, cell / (0.62 * Figures.count(count).length() + 0.6)),
                  false,
                  Figures.count(count)));
        }
      }
      if (named) {
        String name = shortened(matrix.classes().get(truth), 16);
        shapes.add(
            new Picture.Words(
                Ink.MUTED,
                left - 6,
                top + cell * (truth + 0.5) + 4,
                Anchor.END,
                size,
                false,
                name));
        double x = left + cell * (truth + 0.5);
        shapes.add(
            turned
                ? new Picture.Words(Ink.MUTED, x + 4, bottom + 6, Anchor.END, size, true, name)
                : new Picture.Words(Ink.MUTED, x, bottom + 15, Anchor.MIDDLE, size, false, name));
      }
    }
    double middle = left + cell * classes / 2;
    shapes.add(
        Square.words(
            Ink.MUTED, middle, bottom + labels + 16, Anchor.MIDDLE, false, "predicted class"));
    shapes.add(Square.words(Ink.MUTED, 13, (top + bottom) / 2, Anchor.MIDDLE, true, "true class"));
    return new Picture(
        "confusion",
        "Confusion matrix",
        "colour: share of the true class" + (counted ? "" : "; point at a cell for its count"),
        width,
        (int) Math.ceil(bottom + labels + 26),
        List.of(),
        shapes);
  }

  static String shortened(String text, int most) {
    int end = text.offsetByCodePoints(0, Math.min(most - 1, text.codePointCount(0, text.length())));
    return text.codePointCount(0, text.length()) <= most ? text : text.substring(0, end) + "…";
  }
}
