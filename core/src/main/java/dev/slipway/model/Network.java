package dev.slipway.model;

import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.Tensor;
import java.util.SequencedMap;

/**
 * A network of any kind, differentiated by autograd: named inputs to named raw outputs (logits,
 * estimates). Its parameters are leaves whose gradients lie in {@link
 * ParameterSet#flatGradients()}.
 */
public interface Network extends AutoCloseable {
  /** The name of the output of a network with one head. */
  String OUTPUT = "output";

  /** What is learnt. */
  ParameterSet parameters();

  /**
   * What training changes without gradients, such as the running mean of a batch norm; saved and
   * loaded with the parameters. Often empty.
   */
  ParameterSet buffers();

  /** Raw outputs by head, (B, …) each; one head is named {@link #OUTPUT}. */
  SequencedMap<String, Tensor> forward(Inputs inputs, Pass pass);

  /**
   * The only output of a network with one head.
   *
   * @throws IllegalStateException if it has others
   */
  default Tensor output(Inputs inputs, Pass pass) {
    Tensor output = forward(inputs, pass).get(OUTPUT);
    if (output == null) {
      throw new IllegalStateException("the network has several heads");
    }
    return output;
  }

  /**
   * Whether its matrix products are large enough that oneDNN carries out float32 faster, where the
   * processor allows it ({@link dev.slipway.tensor.Matmul.Float32ByOneDnn}).
   */
  default boolean hasLargeProducts() {
    return false;
  }

  /** Frees parameters and buffers. */
  @Override
  void close();
}
