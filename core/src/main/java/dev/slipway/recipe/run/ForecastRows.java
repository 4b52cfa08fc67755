package dev.slipway.recipe.run;

import dev.slipway.eval.report.ReportData.Forecast;
import dev.slipway.eval.report.ReportData.Unit;
import dev.slipway.plan.Actual;
import java.util.List;

/** What was forecast beside what came, as the report shows it. */
public final class ForecastRows {
  private ForecastRows() {}

  static List<Forecast> of(dev.slipway.plan.Forecast forecast, Actual actual) {
    return of(actual.compare(forecast));
  }

  public static List<Forecast> of(List<Actual.Row> rows) {
    return rows.stream()
        .map(row -> new Forecast(row.name(), unit(row.name()), row.forecast(), row.actual()))
        .toList();
  }

  private static Unit unit(String name) {
    return switch (name) {
      case "training time", "whole time" -> Unit.SECONDS;
      case "peak memory" -> Unit.BYTES;
      case "training speed" -> Unit.RATE;
      case "energy" -> Unit.WATT_HOURS;
      case "price" -> Unit.MONEY;
      case "loss" -> Unit.DECIMAL;
      default -> Unit.COUNT;
    };
  }
}
