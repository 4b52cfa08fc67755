package dev.slipway.model.sequential;

import dev.slipway.base.binding.Doc;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ParameterSpec.Init;
import dev.slipway.nn.ParameterSpec.Role;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where the first values of a network of layers come from. */
public enum Initialiser {
  @Doc("PyTorch's: uniform within 1/√in, embeddings normal with deviation 1")
  PYTORCH,
  @Doc(
      "Keras': Glorot's uniform, recurrent weights orthogonal, embeddings uniform within 0.05, biases 0 and"
          + " an LSTM's forget gates 1")
  KERAS;

  private static final double EMBEDDING = 0.05;
  private static final String RECURRENT = "weight_hh";
  private static final String BIAS = "bias_ih";

  /** The same parameters with these first values; constants, as norms have, stay. */
  List<ParameterSpec> of(List<ParameterSpec> specs) {
    if (this == PYTORCH) {
      return specs;
    }
    Map<String, ParameterSpec> named = new LinkedHashMap<>();
    specs.forEach(spec -> named.put(spec.name(), spec));
    return specs.stream()
        .map(spec -> new ParameterSpec(spec.name(), spec.shape(), spec.role(), keras(spec, named)))
        .toList();
  }

  private static Init keras(ParameterSpec spec, Map<String, ParameterSpec> named) {
    if (spec.init() instanceof Init.Constant) {
      return spec.init();
    }
    if (spec.role() == Role.EMBEDDING) {
      return new Init.Uniform(EMBEDDING);
    }
    if (spec.shape().size() < 2) {
      return bias(spec, named);
    }
    return spec.name().contains(RECURRENT) ? new Init.Orthogonal() : glorot(spec.shape());
  }

  /** 0, and 1 for the second of an LSTM's four gates. */
  private static Init bias(ParameterSpec spec, Map<String, ParameterSpec> named) {
    ParameterSpec recurrent =
        spec.name().contains(BIAS) ? named.get(spec.name().replace(BIAS, RECURRENT)) : null;
    boolean lstm =
        recurrent != null && recurrent.shape().getFirst() == 4 * recurrent.shape().getLast();
    return lstm ? new Init.Parts(List.of(0.0, 1.0, 0.0, 0.0)) : new Init.Constant(0);
  }

  /** Uniform within {@code √(6 / (in + out))} (Glorot and Bengio 2010, equation 16). */
  private static Init glorot(List<Long> shape) {
    long field = shape.subList(2, shape.size()).stream().reduce(1L, Math::multiplyExact);
    return new Init.Uniform(Math.sqrt(6.0 / ((shape.get(0) + shape.get(1)) * field)));
  }
}
