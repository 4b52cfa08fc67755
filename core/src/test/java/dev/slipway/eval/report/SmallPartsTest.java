package dev.slipway.eval.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.jsoup.Jsoup;
import org.jsoup.parser.Parser;
import org.junit.jupiter.api.Test;

class SmallPartsTest {
  @Test
  void markupEscapesTextAndKeepsMarkup() {
    Markup inner = Markup.html("<b>{}</b>", "a<b>&\"'");
    assertThat(Markup.html("<p title=\"{}\">{}{}</p>", "\"x", inner, List.of(inner)).source())
        .isEqualTo(
            "<p title=\"&quot;x\"><b>a&lt;b&gt;&amp;&quot;&#39;</b><b>a&lt;b&gt;&amp;&quot;&#39;</b></p>");
    assertThat(Markup.html("{}", "a\u0000b\uD800c\n").source()).isEqualTo("a\uFFFDb\uFFFDc\n");
    assertThat(Markup.html("{}", "{}").source()).isEqualTo("{}");
    assertThatThrownBy(() -> Markup.html("{}")).hasMessageContaining("fewer values");
    assertThatThrownBy(() -> Markup.html("", 1)).hasMessageContaining("more values");
  }

  @Test
  void figuresAsPeopleWriteThem() {
    assertThat(Figures.si(1_234_567)).isEqualTo("1.23 M");
    assertThat(Figures.si(999_999)).isEqualTo("1.00 M");
    assertThat(Figures.si(1234)).isEqualTo("1,234");
    assertThat(Figures.si(12.345)).isEqualTo("12.3");
    assertThat(Figures.bytes(1023)).isEqualTo("1023 B");
    assertThat(Figures.bytes(1.5 * (1 << 30))).isEqualTo("1.50 GiB");
    assertThat(Figures.duration(0.0781)).isEqualTo("78.1 ms");
    assertThat(Figures.duration(59.99)).isEqualTo("1 min 0 s");
    assertThat(Figures.duration(3599.7)).isEqualTo("1 h 0 min");
    assertThat(Figures.duration(200_000)).isEqualTo("2 d 8 h");
    assertThat(Figures.signedPercent(-0.125)).isEqualTo("−12.5 %");
    assertThat(Figures.signedPercent(-0.0001)).isEqualTo("0.0 %");
    assertThat(Figures.digits(99.97)).isEqualTo("100");
    assertThat(Figures.digits(0)).isEqualTo("0");
    assertThat(Figures.digits(Double.NaN)).isEqualTo("–");
  }

  @Property(tries = 300)
  void ticksAreFewAndWithin(
      @ForAll @DoubleRange(min = -1e4, max = 1e4) double low,
      @ForAll @DoubleRange(min = 0.01, max = 1e7) double spread) {
    Axis axis = Axis.rounded(low, low + spread, 5, 100, 0);
    assertThat(axis.low()).isLessThanOrEqualTo(low + 1e-6 * spread);
    assertThat(axis.high()).isGreaterThanOrEqualTo(low + spread * (1 - 1e-6));
    assertThat(axis.ticks()).hasSizeBetween(2, 9);
    assertThat(axis.ticks().stream().map(axis::label)).doesNotHaveDuplicates();
    assertThat(axis.pixel(axis.low())).isCloseTo(100, within(1e-9));
    assertThat(axis.pixel(axis.high())).isCloseTo(0, within(1e-9));
  }

  @Test
  void smoothingFollowsASteepStartAndSettles() {
    double[] flat = new double[500];
    Arrays.fill(flat, 3);
    assertThat(Smoothing.exponential(flat, 50)).containsOnly(3);
    double[] step = new double[400];
    Arrays.fill(step, 200, 400, 1);
    double[] smooth = Smoothing.exponential(step, 20);
    assertThat(smooth[199]).isZero();
    assertThat(smooth[200 + 19]).isCloseTo(1 - Math.pow(0.95, 20), within(1e-12));
    int[] kept = Smoothing.extremes(smooth, 10);
    assertThat(kept.length).isLessThanOrEqualTo(22);
    assertThat(kept).isSorted().contains(0, 399);
  }

  @Test
  void picturesOfACurve() throws IOException {
    Curve curve = SampleReport.curves().getFirst();
    Parser parser = Parser.xmlParser().setTrackErrors(5);
    assertThat(Jsoup.parse(CurvePictures.svg(curve), "", parser).select("svg > text.title").text())
        .isEqualTo("Loss (nats per token)");
    assertThat(parser.getErrors()).isEmpty();
    var image = ImageIO.read(new ByteArrayInputStream(CurvePictures.png(curve)));
    assertThat(image.getWidth()).isEqualTo(1120);
    assertThat(image.getRGB(1, 1) & 0xFFFFFF).isEqualTo(0xFFFFFF);
  }
}
