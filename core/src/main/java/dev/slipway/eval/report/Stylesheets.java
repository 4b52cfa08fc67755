package dev.slipway.eval.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The style sheets that go into each file, so that it needs no other. */
final class Stylesheets {
  private Stylesheets() {}

  static Markup chart() {
    return read("chart.css");
  }

  static Markup report() {
    return read("report.css");
  }

  private static Markup read(String name) {
    try (InputStream in = Stylesheets.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing from the class path");
      }
      return new Markup(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
