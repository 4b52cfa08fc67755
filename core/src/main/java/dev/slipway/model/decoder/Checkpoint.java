package dev.slipway.model.decoder;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.TensorNames;
import dev.slipway.weights.WeightSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The tensors of a published model against what its configuration calls for. Names and shapes are
 * checked before anything is read, values while they are.
 *
 * @param source stays the caller's
 * @param config what they should be
 * @param today current names to those in the source
 * @param name what the checkpoint is called in an error
 */
public record Checkpoint(
    WeightSource source, DecoderConfig config, Map<String, String> today, String name) {
  /**
   * Checks names and shapes. A head that is said to be tied, and is stored with other values than
   * the embedding, is not tied, as transformers has it.
   *
   * @throws SlipwayException {@code weights.missing-tensor}, {@code weights.surplus-tensor} or
   *     {@code weights.wrong-shape}
   */
  public static Checkpoint check(WeightSource source, DecoderConfig config, String name) {
    int layers = config.shape().layers();
    if (layers > source.names().size()) {
      throw new SlipwayException(
          Exit.INPUT,
          "weights.missing-tensor",
          name
              + " holds "
              + source.names().size()
              + " tensors, too few for the "
              + layers
              + " layers of config.json",
          TensorNames.MISMATCH);
    }
    Checkpoint checkpoint =
        new Checkpoint(source, config, config.names().today(source.names()), name);
    checkpoint.checkNames();
    checkpoint.checkShapes();
    return checkpoint.hasHeadOfItsOwn()
        ? new Checkpoint(source, config.untied(), checkpoint.today, name)
        : checkpoint;
  }

  private boolean hasHeadOfItsOwn() {
    CheckpointNames names = config.names();
    if (!names.tiedHead() || !today.containsKey(CheckpointNames.HEAD)) {
      return false;
    }
    try (Scope _ = Scope.open()) {
      Tensor head = source.tensor(stored(CheckpointNames.HEAD));
      Tensor embedding = source.tensor(stored(names.embedding()));
      return Arrays.equals(head.shape(), embedding.shape()) && !head.eq(embedding).all();
    }
  }

  private void checkNames() {
    List<String> missing = new ArrayList<>();
    Set<String> surplus = new LinkedHashSet<>(today.keySet());
    for (ParameterSpec spec : config.parameters()) {
      if (!surplus.remove(spec.name())) {
        missing.add(spec.name());
      }
    }
    if (config.names().tiedHead()) {
      surplus.remove(CheckpointNames.HEAD);
    }
    TensorNames.requireSame(name, missing, surplus);
  }

  private void checkShapes() {
    for (ParameterSpec spec : config.parameters()) {
      List<Long> shape = source.shape(stored(spec.name()));
      if (!shape.equals(spec.shape())) {
        throw new SlipwayException(
            Exit.INPUT,
            "weights.wrong-shape",
            stored(spec.name())
                + " in "
                + name
                + " has shape "
                + shape
                + ", expected "
                + spec.shape(),
            TensorNames.MISMATCH);
      }
    }
  }

  /** The same with a head of its own, which begins as the embedding where none is stored. */
  public Checkpoint untied() {
    return new Checkpoint(source, config.untied(), today, name);
  }

  /** The same with a score in the head's place, which begins anew where none is stored. */
  public Checkpoint scoring(ScoringConfig scoring) {
    return new Checkpoint(source, scoring, today, name);
  }

  private boolean isNew(String parameter) {
    return parameter.equals(ScoringConfig.SCORE) && !today.containsKey(parameter);
  }

  private String stored(String parameter) {
    String stored = today.get(parameter);
    return stored == null && parameter.equals(CheckpointNames.HEAD)
        ? Objects.requireNonNull(today.get(config.names().embedding()))
        : Objects.requireNonNull(stored, parameter);
  }

  /**
   * A parameter as a view of the file, in the type that it has there.
   *
   * @throws SlipwayException {@code weights.not-finite} or {@code weights.unsupported-type}
   */
  public Tensor tensor(String parameter) {
    String stored = stored(parameter);
    Tensor tensor = source.tensor(stored);
    DType type = tensor.dtype();
    if (type != DType.FLOAT32 && type != DType.BFLOAT16 && type != DType.FLOAT16) {
      throw new SlipwayException(
          Exit.INPUT,
          "weights.unsupported-type",
          stored + " in " + name + " is of type " + type + ", expected F32, BF16 or F16",
          "convert the weights to BF16 or F32 first");
    }
    // A sum is not finite if a value isn't, and costs one pass; only then is each one looked at.
    if (!Double.isFinite(tensor.sum().item()) && !tensor.isFinite().all()) {
      throw new SlipwayException(
          Exit.INPUT,
          "weights.not-finite",
          stored + " in " + name + " holds NaN or infinite values",
          "take weights of a training that did not diverge");
    }
    return tensor;
  }

  /** Copies the values of all parameters of the configuration that there are, in float32. */
  public void load(ParameterSet parameters) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      for (ParameterSpec spec : config.parameters()) {
        if (!parameters.has(spec.name()) || isNew(spec.name())) {
          continue;
        }
        try (Scope _ = Scope.open()) {
          parameters.value(spec.name()).copyInPlace(tensor(spec.name()));
        }
      }
    }
  }
}
