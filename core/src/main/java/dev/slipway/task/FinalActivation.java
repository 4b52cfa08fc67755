package dev.slipway.task;

import dev.slipway.model.sequential.Activation;
import dev.slipway.model.sequential.ActivationLayer;
import dev.slipway.model.sequential.BasicLayer.Dense;
import dev.slipway.model.sequential.Head;
import dev.slipway.model.sequential.Layer;
import dev.slipway.model.sequential.SequentialConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A textbook network ends in a sigmoid or a softmax. Losses here take logits, since {@code log
 * σ(x)} from the logit stays finite where {@code log} of a rounded probability does not; the last
 * activation is therefore taken away, and the task applies it when it reads an answer. The network
 * computes the same function.
 */
public final class FinalActivation {
  private FinalActivation() {}

  /** The network without the activation that the task applies itself. */
  public static SequentialConfig folded(SequentialConfig config, Task task) {
    if (!config.heads().isEmpty()) {
      List<Head> heads =
          config.heads().stream()
              .map(head -> new Head(head.name(), folded(head.layers(), of(task, head.name()))))
              .toList();
      return new SequentialConfig(config.inputs(), config.layers(), heads);
    }
    return SequentialConfig.of(
        config.inputs(), folded(config.layers(), of(task, dev.slipway.model.Network.OUTPUT)));
  }

  /** What the task applies to an output. */
  private static Optional<Activation> of(Task task, String output) {
    return switch (task) {
      case BinaryClassification _, MultiLabelClassification _ -> Optional.of(Activation.SIGMOID);
      case MultiClassClassification _, SequenceTagging _, Transcription _ ->
          Optional.of(Activation.SOFTMAX);
      case Regression _,
          SequenceToSequence _,
          Recommendation _,
          Ranking _,
          SpanAnswering _,
          Contrastive _ ->
          Optional.empty();
      case MultiTask(List<MultiTask.Part> parts) ->
          parts.stream()
              .filter(part -> part.name().equals(output))
              .findFirst()
              .flatMap(part -> of(part.task(), output));
    };
  }

  private static List<Layer> folded(List<Layer> layers, Optional<Activation> applied) {
    if (applied.isEmpty() || layers.isEmpty()) {
      return layers;
    }
    List<Layer> folded = new ArrayList<>(layers);
    switch (layers.getLast()) {
      case Dense(int units, Optional<Activation> activation, boolean bias)
          when activation.equals(applied) ->
          folded.set(folded.size() - 1, new Dense(units, Optional.empty(), bias));
      case ActivationLayer.Sigmoid _ when applied.get() == Activation.SIGMOID ->
          folded.removeLast();
      case ActivationLayer.Softmax _ when applied.get() == Activation.SOFTMAX ->
          folded.removeLast();
      case ActivationLayer.ActivationByName(Activation function) when function == applied.get() ->
          folded.removeLast();
      default -> {}
    }
    return folded;
  }
}
