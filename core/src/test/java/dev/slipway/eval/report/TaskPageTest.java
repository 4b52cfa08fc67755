package dev.slipway.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Curve;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.report.TaskEvaluation.Beside;
import dev.slipway.eval.report.TaskSection.Input;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.parser.Parser;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TaskPageTest {
  private static final String HOSTILE =
      "</pre></title><script>alert(1)</script>\"'><b onx=y>\u0000";

  /** Its intervals take a second to draw. */
  private static final TaskReport REPORT = SampleTaskReport.report();

  @Test
  void parsesWithoutErrorAndShowsEachSection() {
    Parser parser = Parser.htmlParser().setTrackErrors(20);
    Document page = Jsoup.parse(TaskPage.render(REPORT), "", parser);
    assertThat(parser.getErrors()).isEmpty();
    assertThat(page.select("section").eachAttr("id"))
        .containsExactly(
            "quality",
            "decisions",
            "costs",
            "folds",
            "compared",
            "training",
            "watch",
            "slices",
            "fairness",
            "worst",
            "texts",
            "data",
            "augmented",
            "layers",
            "forecast",
            "facts");
    assertThat(page.select("[id]").eachAttr("id")).doesNotHaveDuplicates();
    assertThat(page.select("h1").text())
        .startsWith("The model's accuracy on 600 held-out examples is 0.9")
        .contains("better than the best yardstick (logistic regression on pixels, 0.9040)");
    assertThat(page.select("#quality .bars.wide .name").eachText())
        .containsExactly("this model", "logistic regression on pixels", "majority class");
    assertThat(page.select("#decisions svg")).hasSize(4);
    assertThat(page.select("#decisions svg[aria-label^=Confusion] text").eachText())
        .contains("predicted class", "true class", "9");
    assertThat(page.select("#slices tr.flagged th").text()).contains("radio or television");
    assertThat(page.select("#worst img")).hasSize(8);
    assertThat(page.expectFirst("#worst img").attr("src")).startsWith("data:image/png;base64,");
    assertThat(page.select("#augmented .original img")).hasSize(1);
    assertThat(page.select("#layers tfoot td").eachText()).contains("54,410", "–");
    assertThat(page.select("#training .finding").text()).contains("learnt its training examples");
    assertThat(page.html()).doesNotContain("NaN", "Infinity");
  }

  @Test
  void asksForNothingAndRunsNothing() {
    Document page = Jsoup.parse(TaskPage.render(REPORT));
    assertThat(page.select("script, link, iframe, object, [href], img:not([src^=data:])"))
        .isEmpty();
    assertThat(page.html()).doesNotContain("http://", "https://", "@import");
  }

  @Test
  void escapesWhateverItIsGiven() {
    TaskReport report =
        new TaskReport(
            HOSTILE,
            HOSTILE,
            HOSTILE,
            List.of(),
            List.of(
                new TaskSection.Decisions(
                    SampleTaskReport.multiClass(List.of(HOSTILE, "b", "c")).curves()),
                new TaskSection.Examples(
                    "x",
                    HOSTILE,
                    HOSTILE,
                    List.of(
                        new TaskSection.Shown(
                            HOSTILE,
                            new Input.Text(HOSTILE.repeat(50)),
                            HOSTILE,
                            HOSTILE,
                            null,
                            HOSTILE))),
                new TaskSection.Compared(List.of(HOSTILE)),
                new TaskSection.Table(
                    "t", HOSTILE, HOSTILE, List.of(HOSTILE), List.of(List.of(HOSTILE)))),
            HOSTILE,
            List.of(),
            List.of(),
            List.of());
    Parser parser = Parser.htmlParser().setTrackErrors(20);
    Document page = Jsoup.parse(TaskPage.render(report), "", parser);
    assertThat(parser.getErrors()).isEmpty();
    assertThat(page.select("script, [onx]")).isEmpty();
  }

  @Test
  void theSameBytesInTurkishToo() {
    String page = TaskPage.render(REPORT);
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.of("tr", "TR"));
      assertThat(TaskPage.render(REPORT)).isEqualTo(page);
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void theFirstLineSaysWhenTheYardstickWins() {
    Interval close = new Interval(0.86, 0.855, 0.865);
    assertThat(verdict(Better.HIGHER, 0.86, close, 0.906))
        .isEqualTo(
            "The model's ROC AUC on 25,000 held-out examples is 0.8600, worse than the best"
                + " yardstick (TF-IDF, 0.9060): the model loses to its yardstick.");
    assertThat(verdict(Better.HIGHER, 0.86, close, 0.82)).contains("better than the best");
    assertThat(verdict(Better.HIGHER, 0.86, close, 0.858)).contains("about that of");
    assertThat(verdict(Better.HIGHER, 0.86, close, 0.862)).contains("does not beat");
    assertThat(verdict(Better.LOWER, 0.9, null, 0.8)).contains("worse than");
    assertThat(verdict(Better.LOWER, 0.9, null, 0.95)).contains("better than");
  }

  private static String verdict(
      Better better, double model, @Nullable Interval interval, double yardstick) {
    TaskEvaluation evaluation =
        new TaskEvaluation(
            "all",
            25_000,
            List.of(new MetricRow("roc-auc", better, Measured.of(model), interval, "")),
            List.of(new Beside("TF-IDF", yardstick, null, 9, "texts", "us")),
            List.of());
    return TaskVerdict.of(evaluation);
  }

  @Test
  void everyChartIsAPngToo() throws IOException {
    Map<String, byte[]> pictures = REPORT.pictures();
    assertThat(pictures.keySet())
        .containsExactly(
            "roc.png",
            "precision-recall.png",
            "calibration.png",
            "confusion.png",
            "loss.png",
            "classes.png",
            "lengths.png");
    for (byte[] png : pictures.values()) {
      assertThat(ImageIO.read(new ByteArrayInputStream(png)).getWidth()).isGreaterThan(800);
    }
  }

  @Test
  void confusionMatricesHoldUpToAHundredClasses() {
    for (int classes : new int[] {2, 13, 41, 100}) {
      List<String> names = IntStream.range(0, classes).mapToObj(c -> "class " + c).toList();
      long[][] counts = new long[classes][classes];
      for (int i = 0; i < 3 * classes * classes; i++) {
        counts[i % classes][i % 7 == 0 ? i / classes % classes : i % classes] += i % 900;
      }
      Picture matrix = DecisionPictures.of(List.of(new Curve.Confusion(names, counts))).getLast();
      assertThat(matrix.name()).isEqualTo("confusion");
      assertThat(matrix.height()).isBetween(150, 760);
      String svg = PictureSvg.svg(matrix).source();
      assertThat(svg).doesNotContain("NaN");
      assertThat(svg.contains("class 1<")).isEqualTo(classes <= 40);
    }
  }

  @Test
  void numbersShowHowFarOffTheyAre() {
    List<Picture> pictures = Pictures.of(SampleTaskReport.numbers());
    assertThat(pictures.stream().map(Picture::name))
        .containsExactly("predicted-and-true", "residuals");
    assertThat(PictureSvg.svg(pictures.getLast()).source()).doesNotContain("NaN");
    double[] one = {5};
    assertThat(
            PictureSvg.svg(Pictures.of(new TaskSection.Numbers(one, one, "x")).getFirst()).source())
        .doesNotContain("NaN");
    double[] none = {};
    assertThat(Pictures.of(new TaskSection.Numbers(none, none, "x"))).isEmpty();
  }

  @Test
  void metricsHaveTheNamesThatPeopleUse() {
    assertThat(MetricLabels.of("roc-auc-ovr-macro")).isEqualTo("ROC AUC, ovr macro");
    assertThat(MetricLabels.of("recall[a cat]")).isEqualTo("recall of a cat");
    assertThat(MetricLabels.of("balanced-accuracy")).isEqualTo("balanced accuracy");
    assertThat(MetricLabels.value(12_345.6)).isEqualTo("12,346");
  }
}
