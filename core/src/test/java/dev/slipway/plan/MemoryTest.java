package dev.slipway.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.tensor.DType;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final GptConfig GPT2 = GptConfig.gpt2(100, 16, 8, 2, 2);
  private static final MemoryModel MODEL = new MemoryModel(1000, 0);

  private static RunShape shape(GptConfig config, int batch, RunShape.Way way) {
    return new RunShape(config, batch, 1, DType.BFLOAT16, way, false, RunShape.Update.ADAMW);
  }

  @Test
  void operationsOfATokenByHand() {
    // Two layers of 4·8·8 + 2·8·32 = 768, and the output layer's 100·8.
    assertThat(TrainingFlops.multiplied(GPT2)).isEqualTo(2 * 768 + 800);
    assertThat(TrainingFlops.perToken(GPT2)).isEqualTo(6.0 * 2336 + 12 * 2 * 8 * 16);
    // 8x8 four times: 5·(4·512 + 2·512); 32x8 twice: 5·(4·64·32 + 2·512); two layers.
    assertThat(TrainingFlops.muonUpdate(GPT2))
        .isEqualTo(2 * (4 * 5 * 3072.0 + 2 * 5 * (8192 + 1024)));
  }

  @Test
  void memoryOfASmallNetworkByHand() {
    long parameters = GPT2.parameterCount();
    MemoryForecast forecast = MODEL.forecast(shape(GPT2, 4, RunShape.Way.KERNELS), 500);
    assertThat(forecast.weights()).isEqualTo(4 * parameters);
    assertThat(forecast.gradients()).isEqualTo(4 * parameters);
    assertThat(forecast.optimizer()).isEqualTo(8 * parameters);
    assertThat(forecast.shadow()).isEqualTo(2 * parameters);
    assertThat(forecast.logits()).isEqualTo(64 * 100 * 2);
    assertThat(forecast.data()).isEqualTo(2 * 500 + 36 * 64);
    // 64 tokens. Attention: 64·(8+16)·2 + shares 64·2·16·2. A layer: 64·(2·(32+8) +
    // 2·(16+8+32+32)).
    long attention = 64 * 24 * 2 + 64 * 2 * 16 * 2;
    long layer = 64 * (2 * 40 + 2 * 88) + attention;
    long shared = 64 * (64 + 2 * (2 * 24 + 3 * 8 + 4 * 8 + 32)) + attention;
    assertThat(forecast.activations()).isEqualTo(2 * layer + shared);
    assertThat(forecast.total())
        .isEqualTo((18 + 16) * parameters + forecast.activations() + 12800 + 3304 + 1000);
  }

  @Test
  void whatAProcessHasBeenSeenToTakeIsForecastAtLeast() {
    MemoryForecast forecast = MODEL.forecast(shape(GPT2, 4, RunShape.Way.KERNELS), 500);
    assertThat(forecast.atLeast(forecast.total() - 1)).isEqualTo(forecast);
    assertThat(forecast.atLeast(forecast.total() + 7).total()).isEqualTo(forecast.total() + 7);
    assertThat(forecast.atLeast(forecast.total() + 7).base()).isEqualTo(forecast.base() + 7);
  }

  @Test
  void whatStepsTookTakesThePlaceOfWhatWasReckoned() {
    MemoryForecast forecast = MODEL.forecast(shape(GPT2, 4, RunShape.Way.KERNELS), 500);
    long own =
        forecast.weights()
            + forecast.gradients()
            + forecast.optimizer()
            + forecast.shadow()
            + forecast.logits();
    MemoryForecast tried = forecast.tried(50_000, 50_000 + own + 77);
    assertThat(tried.activations()).isEqualTo(77);
    assertThat(tried.base()).isEqualTo(50_000);
    assertThat(tried.total())
        .isEqualTo(50_000 + own + 77 + forecast.data() + forecast.checkpoint());
    assertThat(forecast.tried(10, 10).activations()).isZero();
    assertThat(forecast.tried(10, 10).total())
        .isGreaterThanOrEqualTo(
            1000
                + forecast.weights()
                + forecast.gradients()
                + forecast.optimizer()
                + forecast.data());
  }

  @Property(tries = 200)
  void memoryGrowsWithTheBatchAndShrinksWithCheckpointing(
      @ForAll @IntRange(min = 1, max = 64) int batch,
      @ForAll @IntRange(min = 2, max = 12) int layers,
      @ForAll RunShape.Way way) {
    GptConfig config = GptConfig.gpt2(4096, 128, 128, layers, 4);
    RunShape shape = shape(config, batch, way);
    long total = MODEL.forecast(shape, 0).total();
    assertThat(MODEL.forecast(shape.withBatch(batch + 1, 1), 0).total()).isGreaterThan(total);
    assertThat(MODEL.forecast(shape.withBatch(2 * batch, 2), 0).total()).isEqualTo(total);
    if (layers > 2) {
      assertThat(MODEL.forecast(shape.withCheckpointing(true), 0).total()).isLessThan(total);
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatDoes() {
    GptConfig config = GptConfig.gpt2(4096, 256, 256, 6, 4);
    RunShape shape = shape(config, 64, RunShape.Way.AUTOGRAD);
    long limit = MODEL.forecast(shape, 0).total() / 3;
    SlipwayException refused =
        catchThrowableOfType(
            SlipwayException.class,
            () -> MemoryFit.check(shape, MODEL, 0, limit, "control group v2 memory.max"));
    assertThat(refused.exit()).isEqualTo(Exit.RESOURCE);
    assertThat(refused.getMessage())
        .matches(
            "training would take [0-9.]+ GiB of memory, and [0-9.]+ [GM]iB may be taken"
                + " \\(control group v2 memory.max\\); set train.accumulate: 4"
                + " \\(or train.batch: 16\\)");
    assertThat(MemoryFit.fits(shape.withAccumulate(4), MODEL, 0, limit)).isTrue();
    assertThat(MemoryFit.fits(shape.withAccumulate(2), MODEL, 0, limit)).isFalse();
    assertThat(MemoryFit.fits(shape.withBatch(16, 1), MODEL, 0, limit)).isTrue();
    MemoryFit.check(shape, MODEL, 0, 3 * limit + 3, "enough");
    RunShape one = shape(config, 1, RunShape.Way.AUTOGRAD);
    assertThat(MemoryFit.remedy(one, MODEL, 0, 1L << 20)).isEmpty();
    assertThat(
            catchThrowableOfType(
                SlipwayException.class, () -> MemoryFit.check(one, MODEL, 0, 1L << 20, "none")))
        .hasMessageContaining("choose a smaller model.gpt.size (about ");
  }

  @Test
  void actualBesideForecast() {
    List<Actual.Row> rows =
        List.of(Actual.Row.of("time", "s", 110, 100), Actual.Row.of("price", "", 0, 0));
    assertThat(rows.get(0).errorPercent()).isEqualTo(10);
    assertThat(rows.get(1).errorPercent()).isZero();
  }
}
