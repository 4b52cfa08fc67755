package dev.slipway.model;

import dev.slipway.nn.ParameterSpec;
import java.util.List;

/** What defines a network; a record for each kind. */
public interface ModelConfig {
  /** Its parameters, in the order in which they lie in memory. */
  List<ParameterSpec> parameters();

  /** Number of trainable values. */
  default long parameterCount() {
    return parameters().stream().mapToLong(ParameterSpec::numel).sum();
  }
}
