package dev.slipway.recipe.run;

import dev.slipway.base.Json;
import dev.slipway.eval.report.Curve;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The curves of a training, from its {@code events.jsonl}. */
public record TrainingCurves(List<Step> steps, List<Evaluated> evaluations) {
  /** One optimizer step. */
  public record Step(
      long step, double loss, double learningRate, double gradNorm, double seconds, long targets) {}

  /** One evaluation on the validation split. */
  public record Evaluated(long step, double loss) {}

  public static TrainingCurves read(Path events) {
    List<Step> steps = new ArrayList<>();
    List<Evaluated> evaluations = new ArrayList<>();
    try (Stream<String> lines = Files.lines(events, StandardCharsets.UTF_8)) {
      lines.forEach(
          line -> {
            JsonNode event = Json.parse(line, events.toString());
            switch (event.path("event").asString("")) {
              case "step" ->
                  steps.add(
                      new Step(
                          event.path("step").asLong(),
                          event.path("loss").asDouble(),
                          event.path("learning_rate").asDouble(),
                          event.path("grad_norm").asDouble(),
                          event.path("seconds").asDouble(),
                          event.path("targets").asLong()));
              case "evaluated" ->
                  evaluations.add(
                      new Evaluated(event.path("step").asLong(), event.path("loss").asDouble()));
              default -> {
                // checkpoints and endings draw no curve
              }
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new TrainingCurves(steps, evaluations);
  }

  /** Seconds of all steps, those of earlier processes included. */
  public double seconds() {
    return steps.stream().mapToDouble(Step::seconds).sum();
  }

  /**
   * The median step's speed, which a pause or the first steps of a JVM do not change.
   *
   * @return tokens per second; 0 when there were no steps
   */
  public double tokensPerSecond() {
    double[] speeds =
        steps.stream().mapToDouble(step -> step.targets / step.seconds).sorted().toArray();
    return speeds.length == 0 ? 0 : speeds[speeds.length / 2];
  }

  /**
   * @param target what is counted: {@code token}, {@code example}
   * @param unit of the loss
   */
  public List<Curve> curves(String target, String unit) {
    List<Curve.Series> loss = new ArrayList<>();
    loss.add(series("training", Step::loss, Curve.Style.SMOOTHED));
    if (!evaluations.isEmpty()) {
      loss.add(
          new Curve.Series(
              "validation",
              evaluations.stream().mapToDouble(Evaluated::step).toArray(),
              evaluations.stream().mapToDouble(Evaluated::loss).toArray(),
              Curve.Style.DOTS));
    }
    return List.of(
        new Curve("loss", "Loss", unit, "step", loss, false),
        curve(
            "throughput",
            "Throughput",
            target + "s a second",
            s -> s.targets / s.seconds,
            Curve.Style.SMOOTHED,
            true),
        curve("learning-rate", "Learning rate", "", Step::learningRate, Curve.Style.LINE, true),
        curve(
            "gradient-norm",
            "Gradient norm",
            "before clipping",
            Step::gradNorm,
            Curve.Style.SMOOTHED,
            true));
  }

  private Curve curve(
      String name,
      String title,
      String unit,
      ToDoubleFunction<Step> value,
      Curve.Style style,
      boolean fromZero) {
    return new Curve(name, title, unit, "step", List.of(series(title, value, style)), fromZero);
  }

  private Curve.Series series(String name, ToDoubleFunction<Step> value, Curve.Style style) {
    return new Curve.Series(
        name,
        steps.stream().mapToDouble(Step::step).toArray(),
        steps.stream().mapToDouble(value).toArray(),
        style);
  }
}
