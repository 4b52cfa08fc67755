package dev.slipway.model.decoder;

import dev.slipway.nn.Nf4Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.WeightRoom;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Weights of a checkpoint for answering, and for tuning around them: without gradients. A tensor
 * that is stored in the type it is used in is the mapped file itself, any other a copy in that
 * type; the source must live as long. Linear maps may be quantized instead, one after the other:
 * their whole weights are then read once and not kept.
 */
public final class MappedWeights implements Weights, AutoCloseable {
  private record Key(String name, DType type) {}

  private final Checkpoint checkpoint;
  private final DType computeType;
  private final Map<Key, Tensor> kept = new LinkedHashMap<>();
  private final List<Nf4Projection> quantized = new ArrayList<>();
  private final @Nullable WeightRoom room;

  /**
   * @param computeType of matrix products, FLOAT32 or BFLOAT16
   */
  public MappedWeights(Checkpoint checkpoint, DType computeType) {
    this(checkpoint, computeType, false);
  }

  /**
   * @param quantized whether linear maps but the head are kept in NF4
   */
  public MappedWeights(Checkpoint checkpoint, DType computeType, boolean quantized) {
    this.checkpoint = checkpoint;
    this.computeType = computeType;
    room = quantized ? new WeightRoom(computeType) : null;
  }

  @Override
  public ProjectionSlot linear(String name, boolean bias) {
    if (room == null) {
      return Weights.super.linear(name, bias);
    }
    try (Scope _ = Scope.open()) {
      return quantize(name, checkpoint.tensor(name + ".weight"), bias, room);
    }
  }

  @Override
  public ProjectionSlot conv1d(String name) {
    if (room == null) {
      return Weights.super.conv1d(name);
    }
    try (Scope _ = Scope.open()) {
      Tensor weight = checkpoint.tensor(name + ".weight").transpose(0, 1); // (out, in)
      return quantize(name, weight, true, room);
    }
  }

  private ProjectionSlot quantize(String name, Tensor weight, boolean bias, WeightRoom inRoom) {
    Nf4Projection projection =
        Nf4Projection.quantize(weight, bias ? operand(name + ".bias") : null, inRoom);
    quantized.add(projection);
    return new ProjectionSlot(name, weight.size(1), weight.size(0), projection);
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
    quantized.forEach(Nf4Projection::close);
    quantized.clear();
    if (room != null) {
      room.close();
    }
  }
}
