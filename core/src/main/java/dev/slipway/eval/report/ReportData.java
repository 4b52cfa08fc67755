package dev.slipway.eval.report;

import dev.slipway.eval.compare.Retention;
import dev.slipway.eval.metric.LanguageModelMetrics;
import dev.slipway.eval.yardstick.Yardstick;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that a report shows. Empty lists leave their section out.
 *
 * @param title the run's name
 * @param subtitle one line: what was trained on what, and when
 * @param verdict the headline sentence; {@link Verdict} writes one
 * @param tiles the few figures that matter, under the verdict
 * @param curves of training, in reading order
 * @param evaluation on held-out documents, if there was one
 * @param samples what the model wrote
 * @param ledger where the records went, if it was kept
 * @param forecasts what was forecast and what came
 * @param recipe the resolved recipe as YAML
 * @param model facts of the model card
 * @param machine what it ran on
 * @param versions of the programs that made it
 */
public record ReportData(
    String title,
    String subtitle,
    String verdict,
    List<Tile> tiles,
    List<Curve> curves,
    @Nullable Evaluation evaluation,
    List<Sample> samples,
    @Nullable Ledger ledger,
    List<Forecast> forecasts,
    String recipe,
    List<Fact> model,
    List<Fact> machine,
    List<Fact> versions) {
  public ReportData {
    tiles = List.copyOf(tiles);
    curves = List.copyOf(curves);
    samples = List.copyOf(samples);
    forecasts = List.copyOf(forecasts);
    model = List.copyOf(model);
    machine = List.copyOf(machine);
    versions = List.copyOf(versions);
  }

  /**
   * Every chart of training as a PNG, by its file's name such as {@code loss.png}. Needs a font on
   * the machine, as all of Java2D's text does.
   */
  public Map<String, byte[]> pictures() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (Curve curve : curves) {
      files.putIfAbsent(TaskReport.fileName(curve.name()), CurvePictures.png(curve));
    }
    return files;
  }

  /** A figure in large type; the note says what it is measured by or compared with. */
  public record Tile(String label, String value, String note) {}

  /** A name and its value. */
  public record Fact(String name, String value) {}

  /**
   * What held-out documents said.
   *
   * @param metrics of the model
   * @param yardsticks on the same text
   * @param forecastBitsPerByte what was forecast before the run, if it was
   * @param heldOut a clause: what the documents are and how they were chosen
   * @param retention of a tuned model, what it was not tuned for
   * @param ways of tuning that the same model was put through, this one among them
   */
  public record Evaluation(
      LanguageModelMetrics metrics,
      List<Yardstick> yardsticks,
      @Nullable Double forecastBitsPerByte,
      String heldOut,
      List<Retention> retention,
      List<Way> ways) {
    public Evaluation {
      yardsticks = List.copyOf(yardsticks);
      retention = List.copyOf(retention);
      ways = List.copyOf(ways);
    }

    /** Of a model that was not tuned. */
    public Evaluation(
        LanguageModelMetrics metrics,
        List<Yardstick> yardsticks,
        @Nullable Double forecastBitsPerByte,
        String heldOut) {
      this(metrics, yardsticks, forecastBitsPerByte, heldOut, List.of(), List.of());
    }
  }

  /**
   * A way of tuning, as a run took it.
   *
   * @param run its name
   * @param method such as {@code LoRA of rank 8}
   * @param trained parameters that learnt
   * @param trainSeconds of training alone
   * @param peakMemory bytes, of the whole process
   * @param bitsPerByte on the test split
   * @param forgetting what bits per byte of other text rose by; null where that was not measured
   * @param own whether it is the report's own run
   */
  public record Way(
      String run,
      String method,
      long trained,
      double trainSeconds,
      long peakMemory,
      double bitsPerByte,
      @Nullable Double forgetting,
      boolean own) {}

  /**
   * @param prompt handed to the model
   * @param continuation what it wrote
   * @param settings of the sampler, and what else one should know
   */
  public record Sample(String prompt, String continuation, String settings) {}

  /**
   * Where the input's records went.
   *
   * @param rows one for each outcome and reason
   * @param inputRecords that the source gave
   * @param inputBytes of these
   */
  public record Ledger(List<LedgerRow> rows, long inputRecords, long inputBytes) {
    public Ledger {
      rows = List.copyOf(rows);
    }

    public long records() {
      return rows.stream().mapToLong(LedgerRow::records).sum();
    }

    public long bytes() {
      return rows.stream().mapToLong(LedgerRow::bytes).sum();
    }

    public long tokens() {
      return rows.stream().mapToLong(LedgerRow::tokens).sum();
    }

    /** Whether each input record, and each of its bytes, is in exactly one row. */
    public boolean sumsEqual() {
      return records() == inputRecords && bytes() == inputBytes;
    }
  }

  /**
   * @param outcome trained, validation, test, dropped
   * @param reason of it, or empty
   */
  public record LedgerRow(String outcome, String reason, long records, long bytes, long tokens) {}

  /**
   * @param quantity its name
   * @param unit how its numbers are written
   * @param forecast before the run
   * @param actual after it, or null if it wasn't measured
   */
  public record Forecast(String quantity, Unit unit, double forecast, @Nullable Double actual) {
    /** {@code (forecast - actual) / |actual|}: positive where the forecast was too high. */
    public @Nullable Double error() {
      Double measured = actual;
      if (measured == null || measured == 0) {
        return null;
      }
      return (forecast - measured) / Math.abs(measured);
    }
  }

  /** How a quantity is written. */
  public enum Unit {
    SECONDS,
    BYTES,
    COUNT,
    RATE,
    WATT_HOURS,
    MONEY,
    DECIMAL;

    String format(double value) {
      return switch (this) {
        case SECONDS -> Figures.duration(value);
        case BYTES -> Figures.bytes(value);
        case COUNT -> Figures.si(value);
        case RATE -> Figures.si(value) + "/s";
        case WATT_HOURS -> Figures.digits(value) + " Wh";
        case MONEY -> Figures.decimals(value, 2);
        case DECIMAL -> Figures.decimals(value, 3);
      };
    }
  }
}
