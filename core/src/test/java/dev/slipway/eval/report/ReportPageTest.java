package dev.slipway.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.eval.report.Curve.Series;
import dev.slipway.eval.report.Curve.Style;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Forecast;
import dev.slipway.eval.report.ReportData.Ledger;
import dev.slipway.eval.report.ReportData.LedgerRow;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.eval.report.ReportData.Tile;
import dev.slipway.eval.report.ReportData.Unit;
import dev.slipway.eval.yardstick.Yardstick;
import java.util.List;
import java.util.Locale;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.Test;

class ReportPageTest {
  private static final String HOSTILE =
      "</pre></title></style><script>alert(1)</script>\"'><b onx=y>&amp;\u0000";

  @Test
  void parsesWithoutErrorAndShowsEachSection() {
    Parser parser = Parser.htmlParser().setTrackErrors(20);
    Document page = Jsoup.parse(ReportPage.render(SampleReport.data()), "", parser);
    assertThat(parser.getErrors()).isEmpty();
    assertThat(page.select("section").eachAttr("id"))
        .containsExactly("quality", "training", "samples", "ledger", "forecast", "facts");
    assertThat(page.select("h1").text()).startsWith("The model needs 0.8");
    assertThat(page.select("#training svg.chart")).hasSize(4);
    assertThat(page.select("#quality .bars.wide .bar .name").eachText())
        .containsExactly(
            "this model",
            "the forecast before the run",
            "16-gram of bytes",
            "xz -9e after the training text",
            "xz -9e");
    assertThat(page.select("#quality .bars.wide .bar .whisker")).hasSize(2);
    assertThat(page.select("#ledger tbody tr")).hasSize(6);
    assertThat(page.select("#ledger .good").text()).contains("sums are equal");
    assertThat(page.expectFirst("#samples ins").wholeText()).contains("occurrence of the");
    assertThat(page.select("[id]").eachAttr("id")).doesNotHaveDuplicates();
  }

  @Test
  void asksForNothingAndRunsNothing() {
    Document page = Jsoup.parse(ReportPage.render(SampleReport.data()));
    assertThat(page.select("script, link, img, iframe, object, [src], [href]")).isEmpty();
    assertThat(page.html()).doesNotContain("http://", "https://", "@import");
    assertThat(page.select("style").text()).isEmpty();
    assertThat(page.select("meta[http-equiv=Content-Security-Policy]").attr("content"))
        .startsWith("default-src 'none'");
  }

  @Test
  void escapesWhateverItIsGiven() {
    Series series = new Series(HOSTILE, new double[] {1, 2}, new double[] {3, 4}, Style.DOTS);
    ReportData data =
        new ReportData(
            HOSTILE,
            HOSTILE,
            HOSTILE,
            List.of(new Tile(HOSTILE, HOSTILE, HOSTILE)),
            List.of(new Curve(HOSTILE, HOSTILE, HOSTILE, HOSTILE, List.of(series, series), true)),
            null,
            List.of(new Sample(HOSTILE, HOSTILE, HOSTILE)),
            new Ledger(List.of(new LedgerRow(HOSTILE, HOSTILE, 1, 2, 3)), 1, 3),
            List.of(new Forecast(HOSTILE, Unit.COUNT, 1, 2.0)),
            HOSTILE,
            List.of(new Fact(HOSTILE, HOSTILE)),
            List.of(),
            List.of());
    Parser parser = Parser.htmlParser().setTrackErrors(20);
    Document page = Jsoup.parse(ReportPage.render(data), "", parser);
    assertThat(parser.getErrors()).isEmpty();
    assertThat(page.select("script, [onx]")).isEmpty();
    assertThat(page.title()).startsWith("</pre>");
    assertThat(page.select("#samples ins").text()).isEqualTo(HOSTILE.replace('\0', '\uFFFD'));
    assertThat(page.select("#ledger .poor").text()).contains("sums differ");
  }

  @Test
  void theSameBytesInTurkishToo() {
    String page = ReportPage.render(SampleReport.data());
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.of("tr", "TR"));
      assertThat(ReportPage.render(SampleReport.data())).isEqualTo(page);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void chartsOfNothingAndOfOnePointAreDrawn() {
    for (int points = 0; points < 2; points++) {
      double[] values = new double[points];
      Curve curve =
          new Curve(
              "x",
              "X",
              "u",
              "step",
              List.of(new Series("s", values, values, Style.SMOOTHED)),
              false);
      Element svg = Jsoup.parse(LineChart.svg(curve, "x").source()).expectFirst("svg");
      assertThat(svg.outerHtml()).doesNotContain("NaN", "Infinity");
    }
    double[] broken = {1, Double.NaN, Double.POSITIVE_INFINITY, 2};
    Curve gaps =
        new Curve(
            "x",
            "X",
            "u",
            "step",
            List.of(new Series("s", new double[] {1, 2, 3, 4}, broken, Style.LINE)),
            false);
    assertThat(LineChart.svg(gaps, "x").source()).doesNotContain("NaN", "Infinity", "∞");
    assertThat(Plot.of(gaps).lines().getFirst().runs()).hasSize(2);
  }

  @Test
  void verdictsSayWhicheverCameOut() {
    assertThat(Verdict.of(SampleReport.evaluation())).contains("fewer than the best yardstick");
    ReportData.Evaluation sample = SampleReport.evaluation();
    double model = sample.metrics().bitsPerByte().estimate();
    assertThat(Verdict.of(beside(sample, model * 1.01))).contains("about as many as");
    assertThat(Verdict.of(beside(sample, model / 2)))
        .contains("100.0 % more than", "which it does not beat");
  }

  private static ReportData.Evaluation beside(ReportData.Evaluation sample, double bitsPerByte) {
    return new ReportData.Evaluation(
        sample.metrics(),
        List.of(new Yardstick("other", bitsPerByte, null, 1, "all", "us")),
        null,
        sample.heldOut());
  }
}
