package dev.slipway.eval.yardstick;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import dev.slipway.eval.yardstick.Features.Column;
import java.util.ArrayList;
import java.util.List;

/**
 * Columns as features: numbers standardised by the training mean and deviation (a missing one is
 * the mean, and has a feature of its own that says so), categories one-hot.
 */
final class ColumnRows implements SparseRows {
  private record Fitted(int first, int levels, double mean, double deviation, boolean missing) {}

  private final List<Fitted> columns;
  private final int width;

  private ColumnRows(List<Fitted> columns, int width) {
    this.columns = columns;
    this.width = width;
  }

  static ColumnRows fit(Features.Columns training, int[] rows) {
    List<Fitted> fitted = new ArrayList<>();
    int next = 1;
    for (Column column : training.columns()) {
      Fitted one =
          switch (column) {
            case Column.Numbers numbers -> numbers(numbers.values(), rows, next);
            case Column.Categories categories ->
                new Fitted(next, levels(categories.codes(), rows), 0, 1, false);
          };
      fitted.add(one);
      next += one.levels;
    }
    return new ColumnRows(fitted, next - 1);
  }

  private static Fitted numbers(double[] values, int[] rows, int first) {
    double sum = 0;
    int count = 0;
    for (int row : rows) {
      if (Double.isFinite(values[row])) {
        sum += values[row];
        count++;
      }
    }
    double mean = count == 0 ? 0 : sum / count;
    double squares = 0;
    for (int row : rows) {
      squares += Double.isFinite(values[row]) ? (values[row] - mean) * (values[row] - mean) : 0;
    }
    double deviation = count == 0 ? 0 : Math.sqrt(squares / count);
    boolean missing = count < rows.length;
    return new Fitted(first, missing ? 2 : 1, mean, deviation > 0 ? deviation : 1, missing);
  }

  private static int levels(int[] codes, int[] rows) {
    int most = -1;
    for (int row : rows) {
      most = Math.max(most, codes[row]);
    }
    return most + 1;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public Feature[] row(Features features, int example) {
    List<Column> given = ((Features.Columns) features).columns();
    List<Feature> nodes = new ArrayList<>();
    for (int c = 0; c < columns.size(); c++) {
      Fitted fitted = columns.get(c);
      switch (given.get(c)) {
        case Column.Numbers numbers -> {
          double value = numbers.values()[example];
          if (Double.isFinite(value)) {
            nodes.add(new FeatureNode(fitted.first, (value - fitted.mean) / fitted.deviation));
          } else if (fitted.missing) {
            nodes.add(new FeatureNode(fitted.first + 1, 1));
          }
        }
        case Column.Categories categories -> {
          int code = categories.codes()[example];
          if (code >= 0 && code < fitted.levels) {
            nodes.add(new FeatureNode(fitted.first + code, 1));
          }
        }
      }
    }
    return SparseRows.array(nodes);
  }

  @Override
  public String shortName() {
    return "the columns";
  }

  @Override
  public String description() {
    return "the columns, numbers standardised and categories one-hot";
  }
}
