package dev.slipway.cli.run;

import dev.slipway.cli.display.Units;
import dev.slipway.plan.Forecast;
import dev.slipway.plan.MemoryForecast;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A forecast as a person reads it. */
final class ForecastText {
  private ForecastText() {}

  /** One line. */
  static String headline(Forecast forecast) {
    return String.format(
        Locale.ROOT,
        "%s parameters, %s steps, %s tokens",
        Units.count(forecast.parameters()),
        Units.whole(forecast.steps()),
        Units.count(forecast.tokens()));
  }

  static List<String> details(Forecast forecast, double pricePerHour) {
    var config = forecast.config();
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s layout, %d layers of %d, vocabulary %s, context %d, batch %d",
            config.layout().name().toLowerCase(Locale.ROOT),
            config.layers(),
            config.hiddenSize(),
            Units.whole(config.vocabularySize()),
            config.context(),
            forecast.shape().batch()));
    lines.add(
        String.format(
            Locale.ROOT,
            "%s in all (%s of training at %s tokens/s), %s of memory, %.1f Wh%s",
            Units.seconds(forecast.seconds().total()),
            Units.seconds(forecast.seconds().train()),
            Units.count(forecast.tokensPerSecond()),
            Units.bytes(forecast.memory().total()),
            forecast.energyWattHours(),
            pricePerHour > 0
                ? String.format(Locale.ROOT, ", %.4f in money", forecast.price())
                : ""));
    lines.add(
        String.format(
            Locale.ROOT,
            "expected %.2f bits per byte on held-out text after %.2f epochs",
            forecast.bitsPerByte(),
            forecast.epochs()));
    return lines;
  }

  /** All of it. */
  static String table(Forecast forecast) {
    StringBuilder text = new StringBuilder();
    row(text, "parameters", Units.whole(forecast.parameters()));
    row(text, "FLOPs a token", Units.count(forecast.flopsPerToken()));
    row(text, "FLOPs in all", String.format(Locale.ROOT, "%.2e", forecast.flops()));
    row(text, "steps", Units.whole(forecast.steps()));
    row(text, "tokens", Units.whole(forecast.tokens()));
    row(text, "epochs", String.format(Locale.ROOT, "%.2f", forecast.epochs()));
    row(
        text,
        "speed",
        String.format(
            Locale.ROOT,
            "%s tokens/s, %.0f %% of the machine's matrix products%s",
            Units.whole(Math.round(forecast.tokensPerSecond())),
            100 * forecast.shareOfPeak(),
            forecast.speedMeasured() ? "" : " (not measured)"));
    text.append('\n');
    row(text, "time", Units.seconds(forecast.seconds().total()));
    row(text, "  data", Units.seconds(forecast.seconds().prepare()));
    row(text, "  tokenizer", Units.seconds(forecast.seconds().tokenizer()));
    row(text, "  training", Units.seconds(forecast.seconds().train()));
    row(text, "  evaluation", Units.seconds(forecast.seconds().evaluate()));
    row(text, "  the rest", Units.seconds(forecast.seconds().finish()));
    text.append('\n');
    MemoryForecast memory = forecast.memory();
    row(text, "memory", Units.bytes(memory.total()) + " of " + Units.bytes(forecast.memoryLimit()));
    row(text, "  weights", Units.bytes(memory.weights()));
    row(text, "  gradients", Units.bytes(memory.gradients()));
    row(text, "  optimizer", Units.bytes(memory.optimizer()));
    row(text, "  bf16 copy", Units.bytes(memory.shadow()));
    row(text, "  activations", Units.bytes(memory.activations()));
    row(text, "  logits", Units.bytes(memory.logits()));
    row(text, "  data", Units.bytes(memory.data()));
    row(text, "  checkpoint", Units.bytes(memory.checkpoint()));
    row(text, "  yardsticks", Units.bytes(memory.yardsticks()));
    row(text, "  JVM, libtorch", Units.bytes(memory.base()));
    text.append('\n');
    row(
        text,
        "energy",
        String.format(
            Locale.ROOT, "%.1f Wh at %.0f W", forecast.energyWattHours(), forecast.watts()));
    row(text, "money", String.format(Locale.ROOT, "%.4f", forecast.price()));
    row(
        text,
        "expected loss",
        String.format(Locale.ROOT, "%.3f bits per byte", forecast.bitsPerByte()));
    forecast.notes().forEach(note -> text.append("\nnote: ").append(note));
    return text.append(forecast.notes().isEmpty() ? "" : "\n").toString();
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "%-18s %s%n", name, value));
  }
}
