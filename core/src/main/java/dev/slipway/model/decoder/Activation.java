package dev.slipway.model.decoder;

import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The activations of {@code hidden_act}, under the names of transformers' {@code ACT2FN}. */
public enum Activation {
  SILU(Tensor::silu, "silu", "swish"),
  /** {@code x Φ(x)}. Hendrycks, Gimpel 2016. */
  GELU(x -> x.gelu(false), "gelu", "gelu_python"),
  /** GELU by tanh; the names differ in how the same formula is written. */
  GELU_TANH(
      x -> x.gelu(true),
      "gelu_new",
      "gelu_pytorch_tanh",
      "gelu_python_tanh",
      "gelu_fast",
      "gelu_accurate"),
  /** {@code x σ(1.702 x)}. */
  QUICK_GELU(x -> x.mul(x.mul(1.702).sigmoid()), "quick_gelu"),
  RELU(Layers::relu, "relu"),
  /** {@code max(x, 0)²}. So et al. 2021. */
  RELU2(x -> Layers.relu(x).pow(2), "relu2"),
  RELU6(x -> Layers.clip(x, 0, 6), "relu6"),
  LEAKY_RELU(x -> Layers.leakyRelu(x, 0.01), "leaky_relu"),
  SIGMOID(Tensor::sigmoid, "sigmoid"),
  TANH(Tensor::tanh, "tanh"),
  MISH(Layers::mish, "mish"),
  HARDSWISH(Layers::hardswish, "hardswish"),
  LINEAR(x -> x, "linear");

  private final UnaryOperator<Tensor> function;
  private final List<String> names;

  Activation(UnaryOperator<Tensor> function, String... names) {
    this.function = function;
    this.names = List.of(names);
  }

  public Tensor apply(Tensor x) {
    return function.apply(x);
  }

  static @Nullable Activation named(String name) {
    for (Activation activation : values()) {
      if (activation.names.contains(name)) {
        return activation;
      }
    }
    return null;
  }

  static List<String> names() {
    List<String> names = new ArrayList<>();
    for (Activation activation : values()) {
      names.addAll(activation.names);
    }
    return names;
  }
}
