package dev.slipway.task;

import dev.slipway.data.example.ExampleBatch;
import dev.slipway.data.example.Values;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A batch's arrays as tensors. */
final class BatchTensors {
  private BatchTensors() {}

  static Inputs inputs(ExampleBatch batch) {
    return new Inputs(tensors(batch.inputs()));
  }

  static SequencedMap<String, Input> targets(ExampleBatch batch) {
    return tensors(batch.targets());
  }

  private static SequencedMap<String, Input> tensors(SequencedMap<String, Values> values) {
    SequencedMap<String, Input> tensors = new LinkedHashMap<>();
    values.forEach((name, value) -> tensors.put(name, tensor(value)));
    return tensors;
  }

  private static Input tensor(Values values) {
    return switch (values) {
      case Values.Floats(float[] floats, long[] shape) -> Input.of(Tensor.of(floats, shape));
      case Values.Ids(int[] ids, long[] shape, int[] lengths) ->
          new Input(Tensor.of(ids, shape).to(DType.INT64), lengths(lengths));
      case Values.Ragged(float[] floats, long[] shape, int[] lengths) ->
          new Input(Tensor.of(floats, shape), lengths(lengths));
    };
  }

  private static @Nullable Tensor lengths(int[] lengths) {
    return lengths.length == 0 ? null : Tensor.of(lengths, lengths.length).to(DType.INT64);
  }
}
