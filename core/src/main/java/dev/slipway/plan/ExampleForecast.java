package dev.slipway.plan;

import java.util.List;

/**
 * What a run that learns of examples will take, measured on steps of its own network before it
 * begins.
 *
 * @param parameters that are learnt
 * @param flopsPerExample forward and backward
 * @param steps of the optimizer
 * @param examples seen in all
 * @param epochs passes over the training split
 * @param examplesPerSecond while training
 * @param seconds by stage
 * @param memory by part
 * @param memoryLimit bytes that the process may take
 * @param watts assumed or given
 * @param energyWattHours watts times time
 * @param price price an hour times time
 * @param notes assumptions, in sentences
 */
public record ExampleForecast(
    long parameters,
    double flopsPerExample,
    long steps,
    long examples,
    double epochs,
    double examplesPerSecond,
    Forecast.Stages seconds,
    MemoryForecast memory,
    long memoryLimit,
    double watts,
    double energyWattHours,
    double price,
    List<String> notes) {
  public ExampleForecast {
    notes = List.copyOf(notes);
  }
}
