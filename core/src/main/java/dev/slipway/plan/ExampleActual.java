package dev.slipway.plan;

import java.util.List;

/**
 * What a run that learns of examples took; the counterpart of {@link ExampleForecast}.
 *
 * @param peakMemory bytes, of the whole process
 */
public record ExampleActual(
    long parameters,
    long steps,
    long examples,
    double epochs,
    double examplesPerSecond,
    Forecast.Stages seconds,
    long peakMemory,
    double energyWattHours,
    double price) {
  /** Both side by side. */
  public List<Actual.Row> compare(ExampleForecast forecast) {
    return List.of(
        Actual.Row.of("parameters", "", forecast.parameters(), parameters),
        Actual.Row.of("steps", "", forecast.steps(), steps),
        Actual.Row.of("examples", "", forecast.examples(), examples),
        Actual.Row.of(
            "training speed", "examples/s", forecast.examplesPerSecond(), examplesPerSecond),
        Actual.Row.of("training time", "s", forecast.seconds().train(), seconds.train()),
        Actual.Row.of("whole time", "s", forecast.seconds().total(), seconds.total()),
        Actual.Row.of("peak memory", "bytes", forecast.memory().total(), peakMemory),
        Actual.Row.of("energy", "Wh", forecast.energyWattHours(), energyWattHours),
        Actual.Row.of("price", "", forecast.price(), price));
  }
}
