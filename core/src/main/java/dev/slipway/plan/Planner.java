package dev.slipway.plan;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.gpt.GptConfig;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Chooses the size of a model, its vocabulary, batch and steps so that the expected loss is least
 * within a budget of time and memory.
 *
 * <p>Of each rung of a ladder of sizes it reckons how much text the machine gets through in the
 * time, and what loss the {@link ScalingLaw} expects from that: the compute-optimal rule of
 * Hoffmann et al. 2022 (section 3.3), with measured speed in place of counted operations, since
 * small networks are far from the peak, and with repeated text counted for less.
 *
 * @param stages how fast everything beside training is
 */
public record Planner(
    MachineProfile machine, ScalingLaw law, MemoryModel memory, StageRates stages) {
  /** The most that a step may take to be tried before the run. */
  private static final double PROBE_SECONDS_PER_STEP = 1;

  private static final long PROBE_BYTES = 3L << 30;

  /** Part of the training time that stays free, so that a slow minute does not break the budget. */
  private static final double RESERVE = 0.04;

  private static final int FEWEST_STEPS = 20;

  /** Steps that a run could ever want: past them a number would not fit its setting. */
  private static final double MOST_STEPS = 1e9;

  public static Planner of(MachineProfile machine) {
    return new Planner(machine, ScalingLaw.SOURCE_CODE, MemoryModel.MEASURED, StageRates.MEASURED);
  }

  /**
   * The best run within the request's budget.
   *
   * @throws SlipwayException if the budget is too small for any, or nothing fits into memory
   */
  public Forecast plan(PlanRequest request) {
    List<Forecast> within = new ArrayList<>();
    List<RunShape> tooLarge = new ArrayList<>();
    double leastSeconds = Double.POSITIVE_INFINITY;
    for (GptConfig config : candidates(request)) {
      Optional<RunShape> fitted = fit(shape(request, config), request);
      if (fitted.isEmpty()) {
        tooLarge.add(shape(request, config));
        continue;
      }
      Forecast forecast = forecast(request, fitted.get());
      double overBudget = forecast.seconds().total() - request.seconds();
      if (forecast.steps() >= FEWEST_STEPS || request.steps().isPresent()) {
        if (overBudget <= 0 || (request.steps().isPresent() && request.sizeGiven())) {
          within.add(forecast);
        }
      }
      leastSeconds = Math.min(leastSeconds, least(request, forecast));
    }
    if (within.isEmpty() && !tooLarge.isEmpty() && Double.isInfinite(leastSeconds)) {
      RunShape least =
          tooLarge.stream()
              .min(Comparator.comparingLong(s -> s.config().parameterCount()))
              .orElseThrow();
      MemoryFit.check(
          least,
          memory(request),
          dataTokens(request, least.config()),
          request.memory(),
          request.memorySource());
    }
    if (within.isEmpty()) {
      throw new SlipwayException(
          Exit.USAGE,
          "plan.budget-too-small",
          String.format(
              Locale.ROOT,
              "a budget with %s left is too small for %s, expected at least %s",
              span(request.seconds()),
              request.sizeGiven() ? "the size that is given" : "even the smallest model",
              span(leastSeconds)),
          "set budget.time to more, such as --budget "
              + (long) Math.ceil(Math.max(2, leastSeconds / 60 * 1.5))
              + "m");
    }
    return within.stream()
        .min(
            Comparator.comparingDouble(Forecast::bitsPerByte)
                .thenComparingLong(Forecast::parameters))
        .orElseThrow();
  }

  /**
   * Steps worth measuring before {@link #plan}: of the size that the machine's primitives alone
   * would choose, and of the rungs below and above it.
   */
  public List<RunShape> probes(PlanRequest request) {
    List<GptConfig> candidates = candidates(request);
    Forecast first;
    try {
      first = plan(request);
    } catch (SlipwayException e) {
      return List.of(); // planning itself will say so
    }
    List<RunShape> affordable =
        candidates.stream()
            .map(config -> fit(shape(request, config), request))
            .flatMap(Optional::stream)
            .filter(shape -> isCheap(request, shape))
            .toList();
    // Of a size that takes long to try, the largest below it that does not has to tell.
    int at = affordable.size() - 1;
    while (at > 0
        && affordable.get(at).config().parameterCount() > first.config().parameterCount()) {
      at--;
    }
    return IntStream.of(at - 2, at, at + 2)
        .filter(i -> i >= 0 && i < affordable.size())
        .mapToObj(affordable::get)
        .toList();
  }

  /** Whether a few steps take neither the time nor the memory of a run of its own. */
  private boolean isCheap(PlanRequest request, RunShape shape) {
    return new SpeedModel(machine).secondsPerStep(shape) <= PROBE_SECONDS_PER_STEP
        && memory(request).forecast(shape, 0).total() <= PROBE_BYTES;
  }

  /** Forecast of a run all of whose settings are known but the steps, which fill the time. */
  public Forecast forecast(PlanRequest request, RunShape shape) {
    GptConfig config = shape.config();
    SpeedModel speed = new SpeedModel(machine);
    double perStep = speed.secondsPerStep(shape);
    Forecast.Stages without = stages.stages(request, shape, perStep);
    double left = Math.max(0, request.seconds() - without.total()) * (1 - RESERVE);
    long steps =
        request.steps().isPresent()
            ? request.steps().getAsInt()
            : (long) Math.min(MOST_STEPS, left / perStep);
    double bytesPerToken =
        request
            .data()
            .bytesPerToken()
            .orElseGet(() -> Sizes.bytesPerToken(config.vocabularySize()));
    long tokens = steps * shape.tokensPerStep();
    double bytes = tokens * bytesPerToken;
    double unique = Math.max(1, request.data().trainBytes());
    Forecast.Stages seconds =
        new Forecast.Stages(
            without.prepare(),
            without.tokenizer(),
            steps * perStep + without.train(),
            without.evaluate(),
            without.finish());
    double rate = shape.tokensPerStep() / perStep;
    double flops = TrainingFlops.perToken(config) * tokens;
    List<String> notes = new ArrayList<>();
    notes.add(
        "loss by L(N, D) = E + A/N^alpha + B/D^beta (Hoffmann et al. 2022), constants: "
            + law.provenance());
    if (!speed.isMeasured(shape)) {
      notes.add("speed is reckoned from matrix products and bandwidth, no step was measured");
    }
    if (bytes > 4 * unique) {
      notes.add(
          String.format(
              Locale.ROOT,
              "the text is passed over %.1f times; more text would help more than more time",
              bytes / unique));
    }
    return new Forecast(
        shape,
        Sizes.learningRate(Math.max(1, flops)),
        config.parameterCount(),
        TrainingFlops.perToken(config),
        steps,
        tokens,
        bytes,
        bytes / unique,
        rate,
        machine.shareOfPeak(shape, rate),
        speed.isMeasured(shape),
        seconds,
        memory(request).forecast(shape, dataTokens(request, config)),
        request.memory(),
        request.watts(),
        request.watts() * seconds.total() / 3600,
        request.pricePerHour() * seconds.total() / 3600,
        law.loss(config.parameterCount(), ScalingLaw.effectiveBytes(unique, bytes)),
        notes);
  }

  private MemoryModel memory(PlanRequest request) {
    return memory.withYardsticks(request.data().yardstickBytes());
  }

  /** Time with the fewest steps that make sense. */
  private static double least(PlanRequest request, Forecast forecast) {
    double perStep = forecast.shape().tokensPerStep() / forecast.tokensPerSecond();
    long steps = request.steps().isPresent() ? forecast.steps() : FEWEST_STEPS;
    double beside = forecast.seconds().total() - forecast.seconds().train();
    return beside + steps * perStep / (1 - RESERVE);
  }

  private List<GptConfig> candidates(PlanRequest request) {
    GptConfig template = request.template();
    List<GptConfig> sizes = new ArrayList<>();
    if (request.sizeGiven()) {
      sizes.add(template);
    } else {
      for (Sizes.Rung rung : Sizes.ladder()) {
        sizes.add(sized(template, rung.hidden(), rung.layers()));
      }
    }
    return sizes.stream()
        .map(
            c ->
                request.vocabularyGiven()
                    ? c.withVocabularySize(template.vocabularySize())
                    : c.withVocabularySize(Sizes.vocabulary(c)))
        .toList();
  }

  /** The template at another width and depth; heads and inner width follow. */
  public static GptConfig sized(GptConfig template, int hidden, int layers) {
    int headDim = Sizes.headDim(hidden);
    int inner = template.gated() ? (8 * hidden / 3 + 31) / 32 * 32 : 4 * hidden;
    return new GptConfig(
        template.layout(),
        template.vocabularySize(),
        template.context(),
        hidden,
        layers,
        hidden / headDim,
        hidden / headDim,
        headDim,
        inner,
        template.tiedHead(),
        template.normEpsilon(),
        template.ropeTheta());
  }

  private RunShape shape(PlanRequest request, GptConfig config) {
    double seconds = Math.max(1, request.seconds());
    RunShape one =
        new RunShape(
            config,
            8,
            1,
            request.precision(),
            request.way(),
            request.checkpointing().orElse(false),
            request.update());
    double flops =
        seconds * new SpeedModel(machine).tokensPerSecond(one) * TrainingFlops.perToken(config);
    int parts = request.accumulate().orElse(1);
    int batch =
        request.batch().orElseGet(() -> Math.max(parts, Sizes.batch(flops, config.context())));
    int rounded = request.batch().isPresent() ? batch : (batch + parts - 1) / parts * parts;
    return one.withBatch(rounded, parts);
  }

  /** The shape itself, or with what was left open changed so that it fits. */
  private Optional<RunShape> fit(RunShape shape, PlanRequest request) {
    long tokens = dataTokens(request, shape.config());
    if (MemoryFit.fits(shape, memory(request), tokens, request.memory())) {
      return Optional.of(shape);
    }
    return MemoryFit.remedy(shape, memory(request), tokens, request.memory())
        .map(MemoryFit.Remedy::shape)
        .filter(s -> request.accumulate().isEmpty() || s.accumulate() == shape.accumulate())
        .filter(
            s -> request.checkpointing().isEmpty() || s.checkpointing() == shape.checkpointing());
  }

  private static long dataTokens(PlanRequest request, GptConfig config) {
    double bytesPerToken =
        request
            .data()
            .bytesPerToken()
            .orElseGet(() -> Sizes.bytesPerToken(config.vocabularySize()));
    return (long) (request.data().bytes() / bytesPerToken);
  }

  static String span(double seconds) {
    if (seconds < 120) {
      return String.format(Locale.ROOT, "%.0f s", Math.ceil(seconds));
    }
    return seconds < 7200
        ? String.format(Locale.ROOT, "%.0f min", Math.ceil(seconds / 60))
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }
}
