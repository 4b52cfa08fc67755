package dev.slipway.model.sequential;

import dev.slipway.model.LayerTable;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSpec;
import java.util.List;

/**
 * A layer as a recipe writes it. Sequences are (B, T, C) as embeddings and recurrent layers have
 * them, pictures (B, C, H, W); a batch's dimension is in no {@link InputShape}.
 */
public sealed interface Layer
    permits ActivationLayer,
        AttentionLayer,
        BasicLayer,
        CompositeLayer,
        ConvolutionLayer,
        NormLayer,
        PoolingLayer,
        ReadyNetwork,
        RecurrentLayer,
        ShapeLayer {
  /**
   * The shape of what it gives.
   *
   * @throws Mismatch if it cannot take the input
   */
  InputShape output(InputShape input);

  /** What is learnt; names begin with {@code path}. */
  default List<ParameterSpec> parameters(String path, InputShape input) {
    return List.of();
  }

  /** What training changes without gradients. */
  default List<ParameterSpec> buffers(String path, InputShape input) {
    return List.of();
  }

  /** Multiplications and additions of the forward pass of one example. */
  default double flops(InputShape input) {
    return 0;
  }

  /** Values that training keeps of one example until the backward pass: what it gives, and more. */
  default long kept(InputShape input) {
    return Shapes.values(output(input));
  }

  /** What it gives and costs: one row, or those of the layers inside. */
  default List<LayerTable.Row> rows(String path, InputShape input) {
    return List.of(
        LayerTable.row(
            path,
            kind(),
            Shapes.text(output(input)),
            parameters(path, input),
            kept(input),
            flops(input)));
  }

  /** Runs it; what it is given has the shape that it was checked with. */
  Input forward(Input x, Step step);

  /** What a recipe calls it. */
  default String kind() {
    return getClass()
        .getSimpleName()
        .replaceAll("([a-z0-9])([A-Z])", "$1-$2")
        .toLowerCase(java.util.Locale.ROOT);
  }
}
