package dev.slipway.data.prediction;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.eval.measure.Metrics;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.classification.BinaryScores;
import dev.slipway.eval.metric.classification.Threshold;
import java.nio.file.Path;
import java.util.List;

/** All metrics of a file of predictions. */
public final class PredictionMetrics {
  private static final List<Integer> CUTS = List.of(1, 5, 10);

  private PredictionMetrics() {}

  /**
   * @param threshold of probabilities, where no column holds what was predicted
   * @param seed of the intervals that are resampled
   * @throws dev.slipway.base.SlipwayException {@code eval.*} of a file, column or value that is
   *     none
   */
  public static MetricReport report(
      Path file, PredictionTask task, PredictionColumns columns, double threshold, long seed) {
    Predictions read = Predictions.read(PredictionFile.open(file), task, columns, threshold);
    return switch (read) {
      case Predictions.Labelled all when task == PredictionTask.BINARY ->
          Metrics.binary(
              all.truth(),
              all.predicted(),
              all.scores() == null ? null : all.scores()[0],
              all.classes(),
              seed);
      case Predictions.Labelled all ->
          Metrics.multiClass(all.truth(), all.predicted(), all.scores(), all.classes(), seed);
      case Predictions.Labels all ->
          Metrics.multiLabel(all.truth(), all.predicted(), all.scores(), all.classes(), seed);
      case Predictions.Numbers all -> Metrics.regression(all.truth(), all.predicted(), seed);
      case Predictions.Texts all when task == PredictionTask.TRANSCRIPTION ->
          Metrics.transcription(
              all.references().stream().map(List::getFirst).toList(), all.told(), seed);
      case Predictions.Texts all -> Metrics.text(all.references(), all.told(), seed);
      case Predictions.Ranked all ->
          Metrics.ranking(
              all.relevance(),
              all.scores(),
              CUTS.stream().mapToInt(Integer::intValue).toArray(),
              seed);
      case Predictions.Tagged all -> Metrics.tagging(all.truth(), all.predicted(), seed);
    };
  }

  /** Quantile losses of a file whose prediction is that quantile of the truth. */
  public static MetricReport quantile(
      Path file, PredictionColumns columns, double quantile, long seed) {
    Predictions.Numbers all =
        (Predictions.Numbers)
            Predictions.read(PredictionFile.open(file), PredictionTask.REGRESSION, columns, 0);
    double[][] rows = new double[all.predicted().length][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = new double[] {all.predicted()[row]};
    }
    return Metrics.quantiles(all.truth(), rows, new double[] {quantile}, seed);
  }

  /** The best threshold on a file of validation examples, of two classes with a score. */
  public static Threshold threshold(Path file, PredictionColumns columns, Threshold.By by) {
    PredictionColumns scoresAlone =
        new PredictionColumns(
            columns.truth(), null, columns.scores(), null, null, columns.positive());
    Predictions.Labelled all =
        (Predictions.Labelled)
            Predictions.read(PredictionFile.open(file), PredictionTask.BINARY, scoresAlone, 0.5);
    double[][] scores = all.scores();
    if (scores == null) {
      throw new SlipwayException(
          Exit.USAGE,
          "eval.no-prediction",
          "no column of scores was named, expected one to choose a threshold of",
          "name it with --score");
    }
    return Threshold.choose(BinaryScores.of(all.truth(), scores[0]), by);
  }
}
