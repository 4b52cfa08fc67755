package dev.slipway.model.decoder;

import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Weights of a checkpoint for answering, and for tuning around them: without gradients. A tensor
 * that is stored in the type it is used in is the mapped file itself, any other a copy in that
 * type; the source must live as long.
 */
public final class MappedWeights implements Weights, AutoCloseable {
  private record Key(String name, DType type) {}

  private final Checkpoint checkpoint;
  private final DType computeType;
  private final Map<Key, Tensor> kept = new LinkedHashMap<>();

  /**
   * @param computeType of matrix products, FLOAT32 or BFLOAT16
   */
  public MappedWeights(Checkpoint checkpoint, DType computeType) {
    this.checkpoint = checkpoint;
    this.computeType = computeType;
  }

  @Override
  public Tensor value(String name) {
    return in(DType.FLOAT32, name);
  }

  @Override
  public Tensor table(String name) {
    return in(computeType, name);
  }

  @Override
  public Tensor operand(String... names) {
    if (names.length != 1) {
      throw new IllegalArgumentException("tensors of a file are no neighbours in memory");
    }
    return in(computeType, names[0]);
  }

  private Tensor in(DType type, String name) {
    return kept.computeIfAbsent(
        new Key(name, type),
        _ -> {
          try (Scope scope = Scope.open();
              NoGrad _ = NoGrad.open()) {
            Tensor stored = checkpoint.tensor(name);
            boolean aligned = stored.segment().address() % stored.dtype().bytes() == 0;
            return scope.keep(aligned || stored.dtype() != type ? stored.to(type) : stored.copy());
          }
        });
  }

  @Override
  public DType computeType() {
    return computeType;
  }

  @Override
  public void close() {
    kept.values().forEach(Tensor::close);
    kept.clear();
  }
}
