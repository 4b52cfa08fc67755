package dev.slipway.recipe.run;

import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.tensor.Engine;
import java.util.List;

/** The programs that made a run. */
public final class Versions {
  private Versions() {}

  public static List<Fact> facts() {
    return List.of(
        new Fact("Slipway", "0.1.0"),
        new Fact("Java", Runtime.version().toString()),
        new Fact("libtorch", Engine.version()),
        new Fact("system", System.getProperty("os.name") + " " + System.getProperty("os.arch")));
  }
}
