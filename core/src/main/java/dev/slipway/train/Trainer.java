package dev.slipway.train;

import dev.slipway.base.Exit;
import dev.slipway.base.Hashing;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;
import dev.slipway.optim.GradientClipping;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.Schedule;
import dev.slipway.task.Objective;
import dev.slipway.task.ShownRow;
import dev.slipway.tensor.Engine;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * The training loop. A run is a pure function of its config, its objective and the parameters it
 * begins with: what a step does depends on the step's number and the tensors alone, so that a run
 * that was killed and goes on from a checkpoint ends with the same bytes.
 *
 * <p>Runs on one platform thread, which owns the tensors and tells the listeners.
 */
public final class Trainer {
  private static final String PARAMETERS = "parameters";

  private final TrainConfig config;
  private final Objective objective;
  private final CheckpointStore checkpoints;
  private final List<TrainListener> listeners;
  private final BooleanSupplier stopRequested;
  private final MemoryAdvice memoryAdvice;
  private final SequencedMap<String, String> settings;

  /**
   * @param checkpoints of this run; the newest whole one is where {@link #run} goes on
   * @param stopRequested asked between steps, from Ctrl-C; may be set by any thread
   * @param memoryAdvice asked when memory runs out
   */
  public Trainer(
      TrainConfig config,
      Objective objective,
      CheckpointStore checkpoints,
      List<TrainListener> listeners,
      BooleanSupplier stopRequested,
      MemoryAdvice memoryAdvice) {
    this.config = config;
    this.objective = objective;
    this.checkpoints = checkpoints;
    this.listeners = List.copyOf(listeners);
    this.stopRequested = stopRequested;
    this.memoryAdvice = memoryAdvice;
    if (config.schedule() instanceof Schedule.ReduceOnPlateau && !objective.hasValidation()) {
      throw new SlipwayException(
          Exit.USAGE,
          "train.plateau-without-validation",
          "the schedule goes by validations, and there is no validation split",
          "hold examples out by data.split.validation, or take another schedule");
    }
    this.settings = config.decisive();
    settings.put("parameters", layout(objective.parameters()));
  }

  private static String layout(ParameterSet parameters) {
    String names =
        parameters.specs().stream()
            .map(spec -> spec.name() + " " + spec.shape())
            .collect(Collectors.joining("\n"));
    return parameters.numel() + " values, layout " + Hashing.sha256(names).substring(0, 16);
  }

  /** What one step came to. */
  private record StepOutcome(double loss, double gradNorm, long targets) {}

  /**
   * Trains to the end, or until it is asked to stop.
   *
   * @throws SlipwayException of {@link Exit#TRAINING} when loss or gradients are not finite or the
   *     loss explodes, of {@link Exit#RESOURCE} when memory or the disk is full; the parameters are
   *     then those of the last good step
   */
  public TrainResult run() {
    long started = System.nanoTime();
    long[] reached = {0};
    objective.begin(config.steps());
    try (Optimizer optimizer = config.optimizer().bind(objective.parameters())) {
      return train(optimizer, started, reached);
    } catch (SlipwayException e) {
      throw told(reached[0], e);
    } catch (OutOfMemoryError | RuntimeException e) {
      if (!Engine.isOutOfMemory(e)) {
        throw e;
      }
      SlipwayException problem =
          new SlipwayException(
              Exit.RESOURCE,
              "train.out-of-memory",
              "memory ran out in step "
                  + (reached[0] + 1)
                  + " with micro-batches of "
                  + config.rows()
                  + " rows",
              memoryAdvice.fix(config),
              e);
      throw told(reached[0], problem);
    }
  }

  /** A listener that fails too, such as a log on the same full disk, must not hide the problem. */
  private SlipwayException told(long step, SlipwayException problem) {
    try {
      tell(new TrainEvent.Failed(step, problem.code(), String.valueOf(problem.getMessage())));
    } catch (RuntimeException e) {
      problem.addSuppressed(e);
    }
    return problem;
  }

  private TrainResult train(Optimizer optimizer, long started, long[] reached) {
    SequencedMap<String, Tensor> tensors = learnt();
    tensors.putAll(optimizer.state());
    Progress progress = begin(tensors);
    reached[0] = progress.step();
    long lastCheckpoint = System.nanoTime();
    long savedStep = progress.step();
    TrainResult.Ending ending = TrainResult.Ending.COMPLETED;
    FreedMemory freed = new FreedMemory();
    while (progress.step() < config.steps()) {
      if (stale(progress)) {
        ending = TrainResult.Ending.EARLY_STOPPED;
        break;
      }
      if (stopRequested.getAsBoolean()) {
        ending = TrainResult.Ending.INTERRUPTED;
        break;
      }
      progress = step(optimizer, progress);
      freed.stepped();
      reached[0] = progress.step();
      if (evaluationIsDue(progress)) {
        progress = evaluate(progress);
      }
      checkpoints.written().ifPresent(this::tellWritten);
      // A best one must be there before any later one counts; one by time can wait for its turn.
      boolean due =
          System.nanoTime() - lastCheckpoint >= config.checkpointEvery().toNanos()
              && !checkpoints.busy();
      if (progress.isBest() || due) {
        save(progress, tensors);
        lastCheckpoint = System.nanoTime();
        savedStep = progress.step();
      }
    }
    if (savedStep != progress.step()) {
      save(progress, tensors);
    }
    checkpoints.await().ifPresent(this::tellWritten);
    return end(ending, progress, started);
  }

  /** What makes the model: the parameters, and what else the objective keeps. */
  private SequencedMap<String, Tensor> learnt() {
    SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(PARAMETERS, objective.parameters().flat());
    tensors.putAll(objective.state());
    return tensors;
  }

  private Progress begin(SequencedMap<String, Tensor> tensors) {
    List<TrainEvent.CheckpointDamaged> damaged = new ArrayList<>();
    Optional<CheckpointStore.Restored> restored =
        checkpoints.restore(settings, tensors, damaged::add);
    if (restored.isPresent()) {
      objective.parametersChanged();
      tell(
          new TrainEvent.Resumed(
              restored.get().progress().step(), config.steps(), restored.get().exact()));
    } else {
      tell(new TrainEvent.Started(0, config.steps(), objective.parameters().numel()));
      List<ShownRow> first = objective.firstBatch();
      if (!first.isEmpty()) {
        tell(new TrainEvent.FirstBatch(0, first));
      }
      objective.checkFirstBatch();
    }
    damaged.forEach(this::tell);
    return restored.map(CheckpointStore.Restored::progress).orElse(Progress.START);
  }

  private Progress step(Optimizer optimizer, Progress progress) {
    long started = System.nanoTime();
    long step = progress.step();
    double factor = progress.factor(config.schedule(), config.steps());
    StepOutcome outcome;
    try (Scope _ = Scope.open();
        LayerWatch watch =
            LayerWatch.due(step, config.steps()) ? new LayerWatch(objective) : null) {
      outcome = accumulate(progress);
      if (watch != null) {
        watch.beforeUpdate();
      }
      double gradientScale = GradientClipping.scale(outcome.gradNorm(), config.clip());
      objective.updating(step);
      optimizer.step(step, factor, gradientScale);
      objective.stepped(step + 1, gradientScale);
      objective.parametersChanged();
      if (watch != null) {
        tell(watch.afterUpdate(step + 1));
      }
    }
    Progress next = progress.afterStep(outcome.loss(), outcome.targets());
    double seconds = (System.nanoTime() - started) / 1e9;
    tell(
        new TrainEvent.StepDone(
            next.step(),
            outcome.loss(),
            config.optimizer().learningRate() * factor,
            outcome.gradNorm(),
            outcome.targets(),
            next.totalTargets(),
            seconds,
            outcome.targets() / seconds));
    return next;
  }

  /**
   * Gradients of the mean loss over all targets of a step, however its micro-batches share them.
   */
  private StepOutcome accumulate(Progress progress) {
    long step = progress.step();
    long first = step * config.accumulate();
    long targets = 0;
    for (int i = 0; i < config.accumulate(); i++) {
      targets += objective.targetCount(first + i);
    }
    double scale = 1.0 / Math.max(1, targets);
    objective.parameters().flatGradients().zeroInPlace();
    double sum = 0;
    for (int i = 0; i < config.accumulate(); i++) {
      long microBatch = first + i;
      // Whatever draws from libtorch's own generator, such as dropout, follows from the position.
      Engine.manualSeed(mixed(config.seed(), microBatch));
      double loss = objective.forwardBackward(microBatch, scale);
      if (!Double.isFinite(loss)) {
        throw new NonFinite(objective).loss(step + 1, microBatch, loss, "");
      }
      refuseExplosion(progress, microBatch, loss / Math.max(1, objective.targetCount(microBatch)));
      sum += loss;
    }
    double form = objective.regularise();
    double norm = GradientClipping.globalNorm(objective.parameters());
    if (!Double.isFinite(norm)) {
      throw new NonFinite(objective).gradients(step + 1, first, config.accumulate(), norm);
    }
    return new StepOutcome(sum * scale + form, norm, targets);
  }

  private void refuseExplosion(Progress progress, long microBatch, double loss) {
    double usual = Math.max(1, progress.firstLoss());
    if (progress.step() > 0
        && config.explodingFactor() > 0
        && loss > config.explodingFactor() * usual) {
      throw new NonFinite(objective)
          .loss(
              progress.step() + 1,
              microBatch,
              loss,
              String.format(
                  Locale.ROOT,
                  ", more than %s times the %.4f it began with",
                  config.explodingFactor(),
                  progress.firstLoss()));
    }
  }

  /** SplitMix64's finaliser (Steele et al. 2014) over seed and position. */
  private static long mixed(long seed, long position) {
    long z = seed + 0x9E3779B97F4A7C15L * (position + 1);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  private boolean evaluationIsDue(Progress progress) {
    return objective.hasValidation()
        && (progress.step() == config.steps()
            || (config.evaluateEvery() > 0 && progress.step() % config.evaluateEvery() == 0));
  }

  private Progress evaluate(Progress progress) {
    long started = System.nanoTime();
    double loss;
    try (Scope _ = Scope.open()) {
      loss = objective.validationLoss(config.evaluationBatches());
    }
    if (!Double.isFinite(loss)) {
      throw new SlipwayException(
          Exit.TRAINING,
          "train.validation-loss-not-finite",
          "the validation loss is " + loss + " after step " + progress.step(),
          "lower the learning rate or clip gradients at a lower norm");
    }
    double minDelta = config.earlyStopping() == null ? 0 : config.earlyStopping().minDelta();
    Progress next = progress.afterEvaluation(loss, minDelta, config.schedule());
    double seconds = (System.nanoTime() - started) / 1e9;
    tell(
        new TrainEvent.Evaluated(
            next.step(), loss, next.isBest(), seconds, objective.validationMetrics()));
    return next;
  }

  private boolean stale(Progress progress) {
    return config.earlyStopping() != null
        && progress.staleEvaluations() >= config.earlyStopping().patience();
  }

  private void save(Progress progress, SequencedMap<String, Tensor> tensors) {
    checkpoints.save(progress, settings, tensors).ifPresent(this::tellWritten);
  }

  private TrainResult end(TrainResult.Ending ending, Progress progress, long started) {
    double seconds = (System.nanoTime() - started) / 1e9;
    switch (ending) {
      case INTERRUPTED -> tell(new TrainEvent.Interrupted(progress.step()));
      case COMPLETED -> {
        Progress.Best best = progress.best();
        if (config.earlyStopping() != null && best != null && best.step() < progress.step()) {
          restore(best);
          tell(new TrainEvent.BestRestored(progress.step(), best.step(), best.loss()));
        }
      }
      case EARLY_STOPPED -> {
        Progress.Best best = progress.best();
        if (best == null) {
          throw new IllegalStateException("stopped early without an evaluation");
        }
        restore(best);
        tell(new TrainEvent.EarlyStopped(progress.step(), best.step(), best.loss()));
      }
    }
    if (ending != TrainResult.Ending.INTERRUPTED) {
      tell(
          new TrainEvent.Finished(
              progress.step(), progress.loss(), progress.totalTargets(), seconds));
    }
    return new TrainResult(
        ending,
        progress.step(),
        progress.loss(),
        progress.best(),
        progress.totalTargets(),
        seconds);
  }

  private void restore(Progress.Best best) {
    checkpoints
        .load(best.step(), learnt())
        .ifPresent(problem -> tell(new TrainEvent.CheckpointDamaged(best.step(), problem)));
    objective.parametersChanged();
  }

  private void tellWritten(CheckpointStore.Written written) {
    tell(new TrainEvent.Checkpointed(written.step(), written.bytes(), written.seconds()));
  }

  private void tell(TrainEvent event) {
    listeners.forEach(listener -> listener.on(event));
  }
}
