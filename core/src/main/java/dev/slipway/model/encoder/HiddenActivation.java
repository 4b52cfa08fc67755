package dev.slipway.model.encoder;

import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What stands between a block's two outer projections, {@code hidden_act} in config.json. */
public enum HiddenActivation {
  /** {@code x Φ(x)}. Hendrycks and Gimpel 2016. */
  GELU("gelu", "gelu_python"),
  /** The approximation of {@link #GELU} by tanh. */
  GELU_TANH("gelu_new", "gelu_pytorch_tanh", "gelu_fast"),
  RELU("relu"),
  /** {@code x sigmoid(x)}. */
  SILU("silu", "swish"),
  TANH("tanh");

  private final List<String> spellings;

  HiddenActivation(String... spellings) {
    this.spellings = List.of(spellings);
  }

  /** The activation that config.json calls so; null if there is none. */
  public static @Nullable HiddenActivation of(String spelling) {
    for (HiddenActivation activation : values()) {
      if (activation.spellings.contains(spelling)) {
        return activation;
      }
    }
    return null;
  }

  /** What config.json calls it. */
  public String spelling() {
    return spellings.getFirst();
  }

  public Tensor apply(Tensor x) {
    return switch (this) {
      case GELU -> x.gelu(false);
      case GELU_TANH -> x.gelu(true);
      case RELU -> Layers.relu(x);
      case SILU -> x.silu();
      case TANH -> x.tanh();
    };
  }
}
