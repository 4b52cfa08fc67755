package dev.slipway.train;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.task.Objective;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** Finds where a step went wrong, and says it. */
final class NonFinite {
  private static final int RECORDS_NAMED = 8;

  private final Objective objective;

  NonFinite(Objective objective) {
    this.objective = objective;
  }

  /** A loss that is no number, or far too large; the gradients are those of that micro-batch. */
  SlipwayException loss(long step, long microBatch, double loss, String why) {
    return problem(
        "train.loss-" + (Double.isFinite(loss) ? "exploded" : "not-finite"),
        "the loss is " + loss + " at step " + step + why + ", " + records(microBatch),
        parameters());
  }

  /**
   * Gradients that are not finite though the losses are: runs each micro-batch of the step again,
   * by itself, until one shows it. The parameters have not changed, so it does.
   */
  SlipwayException gradients(long step, long firstMicroBatch, int count, double norm) {
    for (long batch = firstMicroBatch; batch < firstMicroBatch + count; batch++) {
      objective.parameters().flatGradients().zeroInPlace();
      objective.forwardBackward(batch, 1);
      if (!allFinite(objective.parameters().flatGradients())) {
        return problem(
            "train.gradient-not-finite",
            "the gradient's norm is " + norm + " at step " + step + ", " + records(batch),
            parameters());
      }
    }
    return problem(
        "train.gradient-not-finite",
        "the gradient's norm is " + norm + " at step " + step + ", " + records(firstMicroBatch),
        "; each micro-batch by itself has finite gradients, their sum overflows");
  }

  private static SlipwayException problem(String code, String sentence, String where) {
    return new SlipwayException(
        Exit.TRAINING,
        code,
        sentence + where,
        "lower the learning rate, clip gradients at a lower norm, or look at these records; the last"
            + " checkpoint is from before");
  }

  private String records(long microBatch) {
    List<String> ids = objective.recordIds(microBatch);
    String named = String.join(", ", ids.subList(0, Math.min(RECORDS_NAMED, ids.size())));
    return "in micro-batch "
        + microBatch
        + " of the records "
        + named
        + (ids.size() > RECORDS_NAMED ? " and " + (ids.size() - RECORDS_NAMED) + " more" : "");
  }

  private String parameters() {
    ParameterSet parameters = objective.parameters();
    Optional<String> broken =
        parameters.specs().stream()
            .filter(spec -> !allFinite(slice(parameters, parameters.flat(), spec)))
            .map(ParameterSpec::name)
            .findFirst();
    if (broken.isPresent()) {
      return "; the values of " + broken.get() + " are themselves not finite";
    }
    // Backward runs from the loss to the input: the last in memory is the first it met.
    List<ParameterSpec> notFinite =
        parameters.specs().reversed().stream()
            .filter(spec -> !allFinite(slice(parameters, parameters.flatGradients(), spec)))
            .toList();
    if (notFinite.isEmpty()) {
      return "";
    }
    return "; going back from the loss the first gradient that is not finite is that of "
        + notFinite.getFirst().name()
        + " ("
        + notFinite.size()
        + " of "
        + parameters.specs().size()
        + " are not)";
  }

  private static boolean allFinite(Tensor tensor) {
    try (Scope _ = Scope.open()) {
      return tensor.isFinite().all();
    }
  }

  private static Tensor slice(ParameterSet parameters, Tensor flat, ParameterSpec spec) {
    return flat.narrow(0, parameters.offset(spec.name()), spec.numel());
  }
}
