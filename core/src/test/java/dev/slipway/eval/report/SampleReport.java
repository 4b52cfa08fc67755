package dev.slipway.eval.report;

import dev.slipway.eval.metric.DocumentScore;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.LanguageModelMetrics;
import dev.slipway.eval.report.Curve.Series;
import dev.slipway.eval.report.Curve.Style;
import dev.slipway.eval.report.ReportData.Evaluation;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Forecast;
import dev.slipway.eval.report.ReportData.Ledger;
import dev.slipway.eval.report.ReportData.LedgerRow;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.eval.report.ReportData.Tile;
import dev.slipway.eval.report.ReportData.Unit;
import dev.slipway.eval.yardstick.Yardstick;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Made-up data in the shape of a run, to test the page and to look at it. */
final class SampleReport {
  private SampleReport() {}

  /** Writes the page into a folder, to be looked at. */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("report.html"), ReportPage.render(data()));
    for (Curve curve : curves()) {
      Files.writeString(folder.resolve(curve.name() + ".svg"), LineChart.standalone(curve));
    }
  }

  static ReportData data() {
    Evaluation evaluation = evaluation();
    return new ReportData(
        "sample-run",
        "2.6 M parameters, Llama layout, trained on 19.4 MB of Java sources",
        Verdict.of(evaluation),
        List.of(
            new Tile("Bits per byte", "0.886", "0.838 to 0.936 with 95 % confidence"),
            new Tile("Next token right", "60.8 %", "of 68,597 held-out tokens"),
            new Tile("Trained for", "7 min 4 s", "forecast 6 min 51 s"),
            new Tile(
                "Throughput", "18.2 k tok/s", "64 % of what this machine's matrix products reach"),
            new Tile("Peak memory", "1.31 GiB", "forecast 1.24 GiB")),
        curves(),
        evaluation,
        List.of(
            new Sample(
                "    /**\n     * Returns the index of the first",
                " occurrence of the specified element\n     * in this list, or -1 if this list does not"
                    + " contain the element.\n     *\n     * @param o element to search for\n     */\n"
                    + "    public int indexOf(Object o) {\n        return indexOfRange(o, 0, size);\n    }",
                "temperature 0.7, top-p 0.95, seed 1"),
            new Sample(
                "public final class Optional<T> {\n    private final",
                " T value;\n\n    private Optional(T value) {\n        this.value ="
                    + " Objects.requireNonNull(value);\n    }",
                "greedy")),
        ledger(),
        List.of(
            new Forecast("Time", Unit.SECONDS, 411, 424.0),
            new Forecast("Peak memory", Unit.BYTES, 1.24 * (1 << 30), 1.31 * (1 << 30)),
            new Forecast("Throughput, tokens", Unit.RATE, 20_800, 18_200.0),
            new Forecast("Energy", Unit.WATT_HOURS, 7.4, null),
            new Forecast("Money", Unit.MONEY, 0.12, 0.17),
            new Forecast("Bits per byte", Unit.DECIMAL, 0.94, 0.886)),
        "name: sample-run\nseed: 1337\nbudget: { time: 8m, memory: auto }\nmodel:\n  gpt: { layout: llama,"
            + " layers: 4, hidden-size: 192, context: 256 }\n",
        List.of(
            new Fact("Architecture", "LlamaForCausalLM"),
            new Fact("Parameters", "2,603,712"),
            new Fact("Layers × width", "4 × 192"),
            new Fact("Context", "256 tokens"),
            new Fact("Vocabulary", "4,096"),
            new Fact("Tokenizer", "sha256 9f2c41d0a7be")),
        List.of(
            new Fact("Processor", "2 cores with AVX-512 BF16"),
            new Fact("Memory", "24 GiB"),
            new Fact("System", "Linux 6.1"),
            new Fact("Precision", "bf16, fp32 masters")),
        List.of(
            new Fact("Slipway", "0.1.0"),
            new Fact("JDK", "25.0.1+8"),
            new Fact("libtorch", "2.10.0")));
  }

  static Evaluation evaluation() {
    Random random = new Random(3);
    List<DocumentScore> scores = new ArrayList<>();
    for (int i = 0; i < 48; i++) {
      long tokens = 200 + random.nextInt(2400);
      double nats = tokens * (2.1 + 0.35 * random.nextGaussian());
      scores.add(
          new DocumentScore(
              "d" + i,
              nats,
              tokens,
              Math.round(tokens * (0.61 + 0.04 * random.nextGaussian())),
              tokens * 10 / 3));
    }
    return new Evaluation(
        LanguageModelMetrics.of(scores, 1337),
        List.of(
            new Yardstick(
                "16-gram of bytes",
                0.994,
                new Interval(0.994, 0.951, 1.041),
                9.4,
                "all 19.4 MB of training text",
                "interpolated modified Kneser-Ney, Chen and Goodman 1998"),
            new Yardstick(
                "xz -9e",
                1.873,
                null,
                0.3,
                "nothing but the held-out text before each byte",
                "LZMA2"),
            new Yardstick(
                "xz -9e after the training text",
                1.021,
                null,
                17.2,
                "all 19.4 MB of training text, and the held-out text before each byte",
                "LZMA2")),
        0.94,
        "48 files that were never trained on, chosen by the hash of their content");
  }

  static Ledger ledger() {
    List<LedgerRow> rows =
        List.of(
            new LedgerRow("trained", "", 3_431, 19_412_804, 5_803_221),
            new LedgerRow("validation", "", 35, 201_533, 60_118),
            new LedgerRow("test", "", 48, 238_420, 71_204),
            new LedgerRow("dropped", "exact duplicate of another record", 12, 40_117, 0),
            new LedgerRow("dropped", "shorter than 200 B", 29, 3_912, 0),
            new LedgerRow("dropped", "generated", 61, 1_930_338, 0));
    long records = rows.stream().mapToLong(LedgerRow::records).sum();
    long bytes = rows.stream().mapToLong(LedgerRow::bytes).sum();
    return new Ledger(rows, records, bytes);
  }

  static List<Curve> curves() {
    int steps = 2400;
    Random random = new Random(5);
    double[] step = new double[steps];
    double[] loss = new double[steps];
    double[] rate = new double[steps];
    double[] norm = new double[steps];
    double[] speed = new double[steps];
    for (int i = 0; i < steps; i++) {
      step[i] = i + 1;
      loss[i] = 2.02 + 6.3 * Math.exp(-Math.pow(i / 120.0, 0.55)) + 0.09 * random.nextGaussian();
      rate[i] = 0.02 * Math.min(1, (i + 1) / 60.0) * Math.min(1, (steps - i) / 600.0);
      norm[i] =
          (0.35 + 2 * Math.exp(-i / 60.0)) * Math.exp(0.25 * random.nextGaussian())
              + (i % 830 == 829 ? 9 : 0);
      speed[i] = 18_200 + 400 * random.nextGaussian() - (i % 240 == 0 ? 5_000 : 0);
    }
    double[] at = new double[12];
    double[] validation = new double[12];
    for (int i = 0; i < 12; i++) {
      at[i] = 200 * (i + 1);
      validation[i] = 2.07 + 6.3 * Math.exp(-Math.pow(at[i] / 120.0, 0.55));
    }
    return List.of(
        new Curve(
            "loss",
            "Loss",
            "nats per token",
            "step",
            List.of(
                new Series("training", step, loss, Style.SMOOTHED),
                new Series("validation", at, validation, Style.DOTS)),
            false),
        new Curve(
            "learning-rate",
            "Learning rate",
            "Muon",
            "step",
            List.of(new Series("rate", step, rate, Style.LINE)),
            true),
        new Curve(
            "gradient-norm",
            "Gradient norm",
            "before clipping",
            "step",
            List.of(new Series("norm", step, norm, Style.SMOOTHED)),
            true),
        new Curve(
            "throughput",
            "Throughput",
            "tokens per second",
            "step",
            List.of(new Series("tokens/s", step, speed, Style.SMOOTHED)),
            true));
  }
}
