package dev.slipway.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * What a run took and reached; the counterpart of {@link Forecast}.
 *
 * @param seconds by stage
 * @param peakMemory bytes, of the whole process
 */
public record Actual(
    long parameters,
    long steps,
    long tokens,
    double tokensPerSecond,
    Forecast.Stages seconds,
    long peakMemory,
    double energyWattHours,
    double price,
    double bitsPerByte) {

  /**
   * One figure beside its forecast.
   *
   * @param errorPercent how far the forecast was off, in percent of the actual; positive where it
   *     was too high; 0 where both are 0
   */
  public record Row(String name, String unit, double forecast, double actual, double errorPercent) {
    static Row of(String name, String unit, double forecast, double actual) {
      double error = actual == 0 ? 0 : 100 * (forecast - actual) / Math.abs(actual);
      return new Row(name, unit, forecast, actual, error);
    }
  }

  /** Both side by side. */
  public List<Row> compare(Forecast forecast) {
    List<Row> rows = new ArrayList<>();
    rows.add(Row.of("parameters", "", forecast.parameters(), parameters));
    rows.add(Row.of("steps", "", forecast.steps(), steps));
    rows.add(Row.of("tokens", "", forecast.tokens(), tokens));
    rows.add(Row.of("training speed", "tokens/s", forecast.tokensPerSecond(), tokensPerSecond));
    rows.add(Row.of("training time", "s", forecast.seconds().train(), seconds.train()));
    rows.add(Row.of("whole time", "s", forecast.seconds().total(), seconds.total()));
    rows.add(Row.of("peak memory", "bytes", forecast.memory().total(), peakMemory));
    rows.add(Row.of("energy", "Wh", forecast.energyWattHours(), energyWattHours));
    rows.add(Row.of("price", "", forecast.price(), price));
    rows.add(Row.of("loss", "bits/byte", forecast.bitsPerByte(), bitsPerByte));
    return List.copyOf(rows);
  }
}
