package dev.slipway.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.tensor.DType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class PlannerTest {
  private static final GptConfig TEMPLATE =
      new GptConfig(GptConfig.Layout.QWEN3, 4096, 256, 192, 4, 6, 6, 32, 512, true, 1e-6, 10_000);

  private static final MachineProfile TWO_CORES =
      new MachineProfile("two cores", 2, 20L << 30, "a test", 180, 700, 2e10, List.of());

  private static final Planner PLANNER = Planner.of(TWO_CORES);

  private static PlanRequest request(double seconds, long memory) {
    return new PlanRequest(
        "test",
        seconds,
        memory,
        "a test",
        3.6,
        34,
        new PlanRequest.Data(48_000_000, 500_000, 500_000, OptionalDouble.empty(), 49_000_000, 0),
        TEMPLATE,
        false,
        false,
        DType.BFLOAT16,
        RunShape.Way.KERNELS,
        RunShape.Update.MUON,
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        Optional.empty());
  }

  @Test
  void eightMinutesOnTwoCoresGiveASmallModel() {
    Forecast forecast = PLANNER.plan(request(480, 20L << 30));
    assertThat(forecast.parameters()).isBetween(800_000L, 3_500_000L);
    assertThat(forecast.config().vocabularySize()).isEqualTo(4096);
    assertThat(forecast.shape().tokensPerStep()).isBetween(1024L, 8192L);
    assertThat(forecast.seconds().total()).isBetween(430.0, 480.0);
    assertThat(forecast.bitsPerByte()).isBetween(0.7, 1.1);
    assertThat(forecast.price()).isEqualTo(3.6 * forecast.seconds().total() / 3600);
    assertThat(forecast.energyWattHours()).isEqualTo(34 * forecast.seconds().total() / 3600);
    assertThat(forecast.parameters()).isEqualTo(forecast.config().parameterCount());
    assertThat(Json.parse(Json.write(forecast), "forecast", Forecast.class)).isEqualTo(forecast);
  }

  @Property(tries = 200)
  void thePlanStaysWithinTimeAndMemory(
      @ForAll @DoubleRange(min = 60, max = 1e6) double seconds,
      @ForAll @DoubleRange(min = 0.6, max = 64) double gigabytes) {
    PlanRequest request = request(seconds, (long) (gigabytes * (1L << 30)));
    Forecast forecast = PLANNER.plan(request);
    assertThat(forecast.seconds().total()).isLessThanOrEqualTo(seconds);
    assertThat(forecast.memory().total()).isLessThanOrEqualTo(request.memory());
    assertThat(forecast.steps()).isPositive();
  }

  @Property(tries = 100)
  void moreTimeNeverMakesTheExpectedLossWorse(
      @ForAll @DoubleRange(min = 60, max = 1e5) double seconds) {
    double less = PLANNER.plan(request(seconds, 20L << 30)).bitsPerByte();
    double more = PLANNER.plan(request(seconds * 1.5, 20L << 30)).bitsPerByte();
    assertThat(more).isLessThanOrEqualTo(less);
  }

  @Test
  void aSecondIsRefusedWithWhatIsEnough() {
    SlipwayException refused =
        catchThrowableOfType(SlipwayException.class, () -> PLANNER.plan(request(1, 20L << 30)));
    assertThat(refused.exit()).isEqualTo(Exit.USAGE);
    assertThat(refused.code()).isEqualTo("plan.budget-too-small");
    assertThat(refused)
        .hasMessageStartingWith(
            "a budget with 1 s left is too small for even the smallest model, expected at least ")
        .hasMessageEndingWith("set budget.time to more, such as --budget 2m");
  }

  @Test
  void tenDaysGiveALargeModelThatFits() {
    Forecast forecast = PLANNER.plan(request(864_000, 20L << 30));
    assertThat(forecast.parameters()).isBetween(10_000_000L, 1_000_000_000L);
    assertThat(forecast.epochs()).isGreaterThan(4);
    assertThat(forecast.notes()).anyMatch(n -> n.contains("more text would help"));
  }

  @Test
  void aMachineWithoutRoomIsToldWhatFits() {
    SlipwayException refused =
        catchThrowableOfType(SlipwayException.class, () -> PLANNER.plan(request(480, 64L << 20)));
    assertThat(refused.exit()).isEqualTo(Exit.RESOURCE);
    assertThat(refused).hasMessageContaining("and 64 MiB may be taken (a test)");
  }

  @Test
  void givenStepsAndSizeAreForecastAsTheyAre() {
    PlanRequest open = request(60, 20L << 30);
    PlanRequest given =
        new PlanRequest(
            "test",
            60,
            open.memory(),
            "a test",
            0,
            34,
            open.data(),
            TEMPLATE,
            true,
            true,
            DType.FLOAT32,
            RunShape.Way.AUTOGRAD,
            RunShape.Update.ADAMW,
            OptionalInt.of(12),
            OptionalInt.of(3),
            OptionalInt.of(1000),
            Optional.of(true));
    Forecast forecast = PLANNER.plan(given);
    assertThat(forecast.steps()).isEqualTo(1000);
    assertThat(forecast.shape())
        .isEqualTo(
            new RunShape(
                TEMPLATE,
                12,
                3,
                DType.FLOAT32,
                RunShape.Way.AUTOGRAD,
                true,
                RunShape.Update.ADAMW));
    assertThat(forecast.tokens()).isEqualTo(1000L * 12 * 256);
  }

  @Test
  void probesOfTenDaysTakeNoDays() {
    PlanRequest request = request(864_000, 20L << 30);
    long chosen = PLANNER.plan(request).parameters();
    List<RunShape> probes = PLANNER.probes(request);
    assertThat(probes).isNotEmpty();
    for (RunShape probe : probes) {
      assertThat(probe.config().parameterCount()).isLessThan(chosen);
      assertThat(new SpeedModel(TWO_CORES).secondsPerStep(probe)).isLessThanOrEqualTo(1);
      assertThat(MemoryModel.MEASURED.forecast(probe, 0).total()).isLessThanOrEqualTo(3L << 30);
    }
  }

  @Test
  void probesSurroundTheChoice() {
    PlanRequest request = request(480, 20L << 30);
    List<RunShape> probes = PLANNER.probes(request);
    assertThat(probes).hasSize(3);
    assertThat(probes.get(1).config()).isEqualTo(PLANNER.plan(request).config());
    assertThat(probes.get(0).config().parameterCount())
        .isLessThan(probes.get(2).config().parameterCount());
  }

  @Test
  void measuredStepsCorrectTheSpeed() {
    RunShape shape = PLANNER.plan(request(480, 20L << 30)).shape();
    double counted = new SpeedModel(TWO_CORES).secondsPerStep(shape);
    MachineProfile slower =
        TWO_CORES.withProbes(List.of(new MachineProfile.SpeedProbe(shape, 3 * counted)));
    SpeedModel model = new SpeedModel(slower);
    assertThat(model.secondsPerStep(shape)).isCloseTo(3 * counted, within(1e-12));
    assertThat(model.isMeasured(shape)).isTrue();
    RunShape other =
        new RunShape(
            shape.config(),
            8,
            1,
            DType.FLOAT32,
            RunShape.Way.AUTOGRAD,
            false,
            RunShape.Update.ADAMW);
    assertThat(model.isMeasured(other)).isFalse();
    assertThat(model.secondsPerStep(other))
        .isEqualTo(new SpeedModel(TWO_CORES).secondsPerStep(other));
  }

  private static org.assertj.core.data.Offset<Double> within(double offset) {
    return org.assertj.core.data.Offset.offset(offset);
  }
}
