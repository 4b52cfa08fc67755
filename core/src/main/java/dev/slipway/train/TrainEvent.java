package dev.slipway.train;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.slipway.task.ShownRow;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * What a run tells the world while it trains. All come on the thread that trains, in order. Losses
 * are means per target in the task's unit (nats), times are seconds.
 */
public sealed interface TrainEvent {
  /** Steps done when it happened. */
  long step();

  /** The first event of a run that begins at step 0. */
  record Started(long step, long steps, long parameters) implements TrainEvent {}

  /**
   * The first event of a run that goes on from a checkpoint; what was told of later steps is void.
   *
   * @param exact whether engine, processor and threads are those that made the checkpoint, so that
   *     the end will have the same bytes as that of an undisturbed run
   */
  record Resumed(long step, long steps, boolean exact) implements TrainEvent {}

  /** What a run learns from first, token by token, before its first step. */
  record FirstBatch(long step, List<ShownRow> rows) implements TrainEvent {
    public FirstBatch {
      rows = List.copyOf(rows);
    }
  }

  /** A checkpoint cannot be used; the one before it is. */
  record CheckpointDamaged(long step, String problem) implements TrainEvent {}

  /**
   * @param step counted from 1
   * @param gradNorm before clipping
   * @param targets positions learnt from in this step
   * @param totalTargets in all steps so far
   */
  record StepDone(
      long step,
      double loss,
      double learningRate,
      double gradNorm,
      long targets,
      long totalTargets,
      double seconds,
      double targetsPerSecond)
      implements TrainEvent {}

  /**
   * The validation split was gone through.
   *
   * @param metrics of the task by name, such as {@code accuracy}; empty where it has none
   */
  record Evaluated(
      long step,
      double loss,
      boolean best,
      double seconds,
      @JsonInclude(JsonInclude.Include.NON_EMPTY) SequencedMap<String, Double> metrics)
      implements TrainEvent {
    public Evaluated {
      metrics = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metrics));
    }

    /** Of a task without metrics beside its loss. */
    public Evaluated(long step, double loss, boolean best, double seconds) {
      this(step, loss, best, seconds, new LinkedHashMap<>());
    }
  }

  /**
   * How layers fare in a step, now and then.
   *
   * @param parameters layers that learn, in the order of the network
   * @param outputs what layers gave, in the order in which they ran; empty where the execution has
   *     none to show
   * @param diagnoses what is wrong; empty when all is well
   */
  record LayersWatched(
      long step,
      List<LayerParameters> parameters,
      List<LayerOutput> outputs,
      List<Diagnosis> diagnoses)
      implements TrainEvent {
    public LayersWatched {
      parameters = List.copyOf(parameters);
      outputs = List.copyOf(outputs);
      diagnoses = List.copyOf(diagnoses);
    }
  }

  /**
   * A checkpoint is on the disk.
   *
   * @param step that it holds, which may be some steps ago
   */
  record Checkpointed(long step, long bytes, double seconds) implements TrainEvent {}

  /** The last step is done; the parameters of the best evaluation were put back. */
  record BestRestored(long step, long bestStep, double bestLoss) implements TrainEvent {}

  record EarlyStopped(long step, long bestStep, double bestLoss) implements TrainEvent {}

  /** Stopped on request; a checkpoint of this step is on the disk. */
  record Interrupted(long step) implements TrainEvent {}

  record Finished(long step, double loss, long totalTargets, double seconds)
      implements TrainEvent {}

  record Failed(long step, String code, String error) implements TrainEvent {}
}
