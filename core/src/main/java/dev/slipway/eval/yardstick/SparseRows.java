package dev.slipway.eval.yardstick;

import de.bwaldvogel.liblinear.Feature;
import java.util.List;

/** Examples as rows of features, of which most are zero. Fitted on the training examples. */
interface SparseRows {
  /** Number of features; they are numbered from 1, as LIBLINEAR has them. */
  int width();

  /** Those of an example that are not zero, by rising number. */
  Feature[] row(Features features, int example);

  /** Such as {@code pixels}. */
  String shortName();

  /** A clause: what the features are. */
  String description();

  /** The usual one for this kind of example, fitted on those given. */
  static SparseRows fit(Features training, int[] rows) {
    return switch (training) {
      case Features.Texts texts -> TfIdf.fit(texts, rows);
      case Features.Columns columns -> ColumnRows.fit(columns, rows);
      case Features.Pictures pictures -> new PixelRows(pictures);
    };
  }

  /** All of the rows given. */
  default Feature[][] rows(Features features, int[] rows) {
    Feature[][] all = new Feature[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      all[i] = row(features, rows[i]);
    }
    return all;
  }

  static Feature[] array(List<Feature> features) {
    return features.toArray(Feature[]::new);
  }
}
