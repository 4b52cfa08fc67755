package dev.slipway.task;

import dev.slipway.data.example.ExampleSet;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Tensor;
import java.util.List;
import java.util.SequencedMap;

/** A task whose answers are read off the outputs of one forward pass. */
public sealed interface DirectTask extends Task permits HeadTask, MultiTask {
  /**
   * An answer for each row of a batch. Evaluation and prediction both come here, so that they give
   * the same numbers.
   *
   * @param outputs of the forward pass for these inputs
   */
  List<Answer> read(SequencedMap<String, Tensor> outputs, Inputs inputs);

  @Override
  default List<Answer> predict(Network network, Inputs inputs, ExampleSet examples, int[] rows) {
    try (NoGrad _ = NoGrad.open()) {
      return read(network.forward(inputs, Pass.INFERENCE), inputs);
    }
  }
}
