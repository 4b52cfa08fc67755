package dev.slipway.train;

import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import dev.slipway.tensor.DType;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * How a run trains.
 *
 * @param seed all randomness follows from it and the micro-batch's index
 * @param steps optimizer steps of the whole run
 * @param rows sequences (or examples) of a micro-batch
 * @param accumulate micro-batches of a step; a step's gradient is the mean over all its targets
 * @param precision of matrix products: {@code FLOAT32} or {@code BFLOAT16}
 * @param optimizer which one, and its settings
 * @param schedule of the learning rate
 * @param clip largest norm of all gradients together; 0 for no clipping
 * @param evaluateEvery steps between evaluations on the validation split; 0 for the last step only
 * @param evaluationBatches of the validation split at each evaluation
 * @param earlyStopping when to end before {@code steps}, or null
 * @param explodingFactor a step whose loss is more than this times the first step's (or 1, when
 *     that is more) is an error; 0 for no such limit
 * @param checkpointEvery time between checkpoints; it has no influence on what is learnt
 * @param keep how many of the newest checkpoints stay, beside the best
 */
public record TrainConfig(
    long seed,
    long steps,
    int rows,
    int accumulate,
    DType precision,
    OptimizerConfig optimizer,
    Schedule schedule,
    double clip,
    long evaluateEvery,
    int evaluationBatches,
    @Nullable EarlyStopping earlyStopping,
    double explodingFactor,
    Duration checkpointEvery,
    int keep) {

  /**
   * Ends a run that no longer gets better; the best parameters are then put back.
   *
   * @param patience evaluations in a row without an improvement
   * @param minDelta by how much the loss must fall to count as one
   */
  public record EarlyStopping(int patience, double minDelta) {
    public EarlyStopping {
      atLeast("early stopping's patience", patience, 1);
      atLeast("early stopping's minDelta", minDelta, 0);
    }
  }

  public TrainConfig {
    atLeast("steps", steps, 1);
    atLeast("rows", rows, 1);
    atLeast("accumulate", accumulate, 1);
    atLeast("clip", clip, 0);
    atLeast("evaluateEvery", evaluateEvery, 0);
    atLeast("evaluationBatches", evaluationBatches, 1);
    atLeast("explodingFactor", explodingFactor, 0);
    atLeast("keep", keep, 1);
    if (precision != DType.FLOAT32 && precision != DType.BFLOAT16) {
      throw new IllegalArgumentException(
          "precision is " + precision + ", expected FLOAT32 or BFLOAT16");
    }
    if (checkpointEvery.isNegative()) {
      throw new IllegalArgumentException(
          "checkpointEvery is " + checkpointEvery + ", expected no less than 0");
    }
  }

  private static void atLeast(String name, double value, double least) {
    if (!(value >= least)) {
      throw new IllegalArgumentException(
          name + " is " + value + ", expected " + least + " or more");
    }
  }

  /** Clipping at 1, an evaluation each 100 steps, a checkpoint a minute, two kept. */
  public static TrainConfig of(
      long seed, long steps, int rows, OptimizerConfig optimizer, Schedule schedule) {
    return new TrainConfig(
        seed,
        steps,
        rows,
        1,
        DType.FLOAT32,
        optimizer,
        schedule,
        1.0,
        100,
        16,
        null,
        3,
        Duration.ofSeconds(60),
        2);
  }

  public TrainConfig withSteps(long steps) {
    return new TrainConfig(
        seed,
        steps,
        rows,
        accumulate,
        precision,
        optimizer,
        schedule,
        clip,
        evaluateEvery,
        evaluationBatches,
        earlyStopping,
        explodingFactor,
        checkpointEvery,
        keep);
  }

  public TrainConfig withAccumulate(int accumulate) {
    return new TrainConfig(
        seed,
        steps,
        rows,
        accumulate,
        precision,
        optimizer,
        schedule,
        clip,
        evaluateEvery,
        evaluationBatches,
        earlyStopping,
        explodingFactor,
        checkpointEvery,
        keep);
  }

  public TrainConfig withPrecision(DType precision) {
    return new TrainConfig(
        seed,
        steps,
        rows,
        accumulate,
        precision,
        optimizer,
        schedule,
        clip,
        evaluateEvery,
        evaluationBatches,
        earlyStopping,
        explodingFactor,
        checkpointEvery,
        keep);
  }

  public TrainConfig withClip(double clip) {
    return new TrainConfig(
        seed,
        steps,
        rows,
        accumulate,
        precision,
        optimizer,
        schedule,
        clip,
        evaluateEvery,
        evaluationBatches,
        earlyStopping,
        explodingFactor,
        checkpointEvery,
        keep);
  }

  public TrainConfig withEvaluation(
      long evaluateEvery, int evaluationBatches, @Nullable EarlyStopping earlyStopping) {
    return new TrainConfig(
        seed,
        steps,
        rows,
        accumulate,
        precision,
        optimizer,
        schedule,
        clip,
        evaluateEvery,
        evaluationBatches,
        earlyStopping,
        explodingFactor,
        checkpointEvery,
        keep);
  }

  public TrainConfig withCheckpoints(Duration checkpointEvery, int keep) {
    return new TrainConfig(
        seed,
        steps,
        rows,
        accumulate,
        precision,
        optimizer,
        schedule,
        clip,
        evaluateEvery,
        evaluationBatches,
        earlyStopping,
        explodingFactor,
        checkpointEvery,
        keep);
  }

  /**
   * What decides the final parameters, by name: a checkpoint made under other values is refused.
   * How often checkpoints are made and kept is not among it.
   */
  SequencedMap<String, String> decisive() {
    SequencedMap<String, String> settings = new LinkedHashMap<>();
    settings.put("seed", Long.toString(seed));
    settings.put("steps", Long.toString(steps));
    settings.put("rows", Integer.toString(rows));
    settings.put("accumulate", Integer.toString(accumulate));
    settings.put("precision", precision.toString());
    settings.put("optimizer", optimizer.toString());
    settings.put("schedule", schedule.toString());
    settings.put("clip", Double.toString(clip));
    settings.put("evaluateEvery", Long.toString(evaluateEvery));
    settings.put("evaluationBatches", Integer.toString(evaluationBatches));
    settings.put("earlyStopping", String.valueOf(earlyStopping));
    return settings;
  }
}
