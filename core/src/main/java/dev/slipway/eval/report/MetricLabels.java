package dev.slipway.eval.report;

import java.util.Locale;
import java.util.Map;

/** A metric's name and number as people write them. */
final class MetricLabels {
  private static final Map<String, String> LABELS =
      Map.ofEntries(
          Map.entry("roc-auc", "ROC AUC"),
          Map.entry("f1", "F1"),
          Map.entry("mcc", "Matthews correlation"),
          Map.entry("kappa", "Cohen's kappa"),
          Map.entry("brier", "Brier score"),
          Map.entry("rmse", "RMSE"),
          Map.entry("mse", "MSE"),
          Map.entry("mae", "MAE"),
          Map.entry("mape", "MAPE"),
          Map.entry("r2", "R²"),
          Map.entry("map", "MAP"),
          Map.entry("mrr", "MRR"),
          Map.entry("bleu", "BLEU"),
          Map.entry("chrf", "chrF"),
          Map.entry("wer", "word error rate"),
          Map.entry("cer", "character error rate"));

  private MetricLabels() {}

  static String of(String name) {
    String whole = LABELS.get(name);
    if (whole != null) {
      return whole;
    }
    int bracket = name.indexOf('[');
    String stem = bracket < 0 ? name : name.substring(0, bracket);
    String rest = bracket < 0 ? "" : " of " + name.substring(bracket + 1).replaceFirst("]$", "");
    for (Map.Entry<String, String> entry : LABELS.entrySet()) {
      if (stem.startsWith(entry.getKey() + "-")) {
        return entry.getValue()
            + ", "
            + stem.substring(entry.getKey().length() + 1).replace('-', ' ')
            + rest;
      }
    }
    return LABELS.getOrDefault(stem, stem.replace('-', ' ')) + rest;
  }

  /** Four decimals, or four digits that count where the number is large. */
  static String value(double value) {
    if (Double.isNaN(value)) {
      return "–";
    }
    double size = Math.abs(value);
    int decimals = size < 10 ? 4 : size < 1_000 ? 2 : 0;
    return size > 0 && size < 1e-3
        ? String.format(Locale.ROOT, "%.2e", value)
        : String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
