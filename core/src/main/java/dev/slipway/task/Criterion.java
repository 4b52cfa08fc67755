package dev.slipway.task;

import dev.slipway.data.example.ExampleBatch;
import dev.slipway.data.example.Values;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.loss.Loss;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * What training makes small: a loss for each head.
 *
 * <p>With one head the mean is over its targets: examples, tokens, or labels. With several it is
 * over examples: {@code Σʰ wʰ · (mean of head h over its targets in the micro-batch)}, so that a
 * head with many targets an example does not drown the others.
 */
public record Criterion(SequencedMap<String, Part> parts) {
  /** A head's loss and how much it counts beside the others. */
  public record Part(Loss loss, double weight) {}

  public Criterion {
    parts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(parts));
  }

  static Criterion of(String head, Loss loss) {
    SequencedMap<String, Part> one = new LinkedHashMap<>();
    one.put(head, new Part(loss, 1));
    return new Criterion(one);
  }

  /** How many parts the summed loss of a batch has. */
  public int count(ExampleBatch batch) {
    if (parts.size() > 1) {
      return batch.rows();
    }
    Map.Entry<String, Part> only = parts.firstEntry();
    return count(only.getValue().loss, target(batch.targets(), only.getKey()));
  }

  /**
   * The loss of each example: the sum over its targets, (B) float32, with a gradient.
   *
   * @param inputs of the network, whose lengths a loss of whole sequences asks for
   * @param outputs raw, by head
   * @param targets by head
   */
  public Tensor perExample(
      Inputs inputs, SequencedMap<String, Tensor> outputs, SequencedMap<String, Input> targets) {
    Tensor sum = null;
    for (Map.Entry<String, Part> entry : parts.entrySet()) {
      Part part = entry.getValue();
      Tensor output = Heads.output(outputs, entry.getKey()).to(DType.FLOAT32);
      Input target = target(targets, entry.getKey());
      Tensor lengths;
      if (part.loss instanceof Loss.Ctc) {
        lengths = frames(inputs, output);
      } else {
        target = fitted(target, output);
        lengths = target.lengths();
      }
      Tensor losses = part.loss.perExample(new Input(output, lengths), target);
      if (parts.size() > 1) {
        long count = Math.max(1, part.loss.count(target));
        losses = losses.mul(part.weight * target.values().size(0) / count);
      }
      sum = sum == null ? losses : sum.add(losses);
    }
    if (sum == null) {
      throw new IllegalStateException("a task without a head");
    }
    return sum;
  }

  /**
   * How many places of an output (B, T, C) are true ones, (B); null where all are. A network that
   * makes a sequence shorter does so to its true length, too.
   */
  static @Nullable Tensor frames(Inputs inputs, Tensor output) {
    for (Input input : inputs.byName().values()) {
      if (input.lengths() != null) {
        long given = Math.max(1, input.values().size(1));
        long told = output.size(1);
        long[] lengths = input.lengths().toLongs();
        for (int i = 0; i < lengths.length; i++) {
          lengths[i] = Math.clamp(Math.ceilDiv(lengths[i] * told, given), 1, told);
        }
        return Tensor.of(lengths, lengths.length);
      }
    }
    return null;
  }

  private static <V> V target(SequencedMap<String, V> targets, String name) {
    V target = targets.get(name);
    if (target == null) {
      throw new IllegalArgumentException("no target of " + name + ", only " + targets.keySet());
    }
    return target;
  }

  /**
   * Targets of tokens as long as the output: cut where the input was, padded where it is longer.
   */
  private static Input fitted(Input target, Tensor output) {
    Tensor lengths = target.lengths();
    if (lengths == null || output.dim() < 3 || target.values().dtype() != DType.INT64) {
      return target;
    }
    long given = target.values().size(1);
    long wanted = output.size(1);
    if (given == wanted) {
      return target;
    }
    if (given > wanted) {
      Tensor most = Tensor.full(wanted, DType.INT64, lengths.size(0));
      Tensor over = lengths.ge(most).to(DType.INT64);
      Tensor cut = lengths.mul(over.neg().add(1)).add(over.mul(wanted)).to(DType.INT64);
      return new Input(target.values().narrow(1, 0, wanted).contiguous(), cut);
    }
    Tensor padding =
        Tensor.full(Loss.IGNORED, DType.INT64, target.values().size(0), wanted - given);
    return new Input(Tensor.cat(java.util.List.of(target.values(), padding), 1), lengths);
  }

  private static int count(Loss loss, Values target) {
    return switch (loss) {
      case Loss.CrossEntropy _ -> positions(target);
      case Loss.BinaryCrossEntropy _, Loss.Mse _, Loss.Mae _, Loss.Huber _ -> elements(target);
      case Loss.Ctc _,
          Loss.Triplet _,
          Loss.InfoNce _,
          Loss.Bpr _,
          Loss.LambdaRank _,
          Loss.ListNet _ ->
          (int) target.shape()[0];
    };
  }

  private static int positions(Values target) {
    if (!(target instanceof Values.Ids(int[] ids, long[] shape, int[] lengths))) {
      return (int) target.shape()[0];
    }
    int width = shape.length > 1 ? (int) shape[1] : 1;
    int count = 0;
    for (int i = 0; i < ids.length; i++) {
      boolean within = lengths.length == 0 || i % width < lengths[i / width];
      count += within && ids[i] != Loss.IGNORED ? 1 : 0;
    }
    return count;
  }

  private static int elements(Values target) {
    return switch (target) {
      case Values.Floats(float[] values, long[] _) -> values.length;
      case Values.Ids(int[] ids, long[] _, int[] _) -> ids.length;
      case Values.Ragged(float[] values, long[] shape, int[] lengths) -> {
        long each = values.length / Math.max(1, shape[0] * shape[1]);
        long sum = 0;
        for (int length : lengths) {
          sum += length * each;
        }
        yield Math.toIntExact(sum);
      }
    };
  }
}
