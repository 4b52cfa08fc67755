package dev.slipway.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * What tuning a published model will take, measured on steps of the model itself before the run
 * begins.
 *
 * @param parameters of the whole model, with what tuning adds
 * @param trained those that learn
 * @param steps of the optimizer
 * @param tokens trained on
 * @param epochs passes over the training split
 * @param tokensPerSecond while training
 * @param seconds by stage
 * @param memory by part
 * @param memoryLimit bytes that the process may take
 * @param watts assumed or given
 * @param energyWattHours watts times time
 * @param price price an hour times time
 * @param notes assumptions, in sentences
 */
public record TuneForecast(
    long parameters,
    long trained,
    long steps,
    long tokens,
    double epochs,
    double tokensPerSecond,
    Forecast.Stages seconds,
    MemoryForecast memory,
    long memoryLimit,
    double watts,
    double energyWattHours,
    double price,
    List<String> notes) {
  public TuneForecast {
    notes = List.copyOf(notes);
  }

  /**
   * Forecast and actual side by side; of the loss there is no forecast.
   *
   * @param counted what training counts, one of them, such as {@code token}
   */
  public List<Actual.Row> compare(Actual actual, String counted) {
    List<Actual.Row> rows = new ArrayList<>();
    rows.add(Actual.Row.of("trained parameters", "", trained, actual.parameters()));
    rows.add(Actual.Row.of("steps", "", steps, actual.steps()));
    rows.add(Actual.Row.of(counted + "s", "", tokens, actual.tokens()));
    rows.add(
        Actual.Row.of(
            "training speed", counted + "s/s", tokensPerSecond, actual.tokensPerSecond()));
    rows.add(Actual.Row.of("training time", "s", seconds.train(), actual.seconds().train()));
    rows.add(Actual.Row.of("whole time", "s", seconds.total(), actual.seconds().total()));
    rows.add(Actual.Row.of("peak memory", "bytes", memory.total(), actual.peakMemory()));
    rows.add(Actual.Row.of("energy", "Wh", energyWattHours, actual.energyWattHours()));
    rows.add(Actual.Row.of("price", "", price, actual.price()));
    return List.copyOf(rows);
  }
}
