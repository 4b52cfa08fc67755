package dev.slipway.model.sequential;

import dev.slipway.base.binding.Doc;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;

/** Functions of each value (softmax: of each row). */
public enum Activation {
  @Doc("max(x, 0)")
  RELU,
  @Doc("x times the normal distribution function of x")
  GELU,
  @Doc("The tanh approximation of gelu")
  GELU_TANH,
  @Doc("x sigmoid(x), also called swish")
  SILU,
  @Doc("1 / (1 + exp(-x))")
  SIGMOID,
  @Doc("Hyperbolic tangent")
  TANH,
  @Doc("exp(x) over the sum of exp along the last dimension")
  SOFTMAX,
  @Doc("max(x, 0.01 x)")
  LEAKY_RELU,
  @Doc("x where positive, else exp(x) - 1")
  ELU,
  @Doc("ln(1 + exp(x))")
  SOFTPLUS,
  @Doc("x tanh(softplus(x))")
  MISH,
  @Doc("x clip(x + 3, 0, 6) / 6")
  HARDSWISH,
  @Doc("min(max(x, 0), 6)")
  RELU6;

  Tensor apply(Tensor x) {
    return switch (this) {
      case RELU -> Layers.relu(x);
      case GELU -> x.gelu(false);
      case GELU_TANH -> x.gelu(true);
      case SILU -> x.silu();
      case SIGMOID -> x.sigmoid();
      case TANH -> x.tanh();
      case SOFTMAX -> x.softmax(-1);
      case LEAKY_RELU -> Layers.leakyRelu(x, 0.01);
      case ELU -> Layers.elu(x, 1);
      case SOFTPLUS -> Layers.softplus(x);
      case MISH -> Layers.mish(x);
      case HARDSWISH -> Layers.hardswish(x);
      case RELU6 -> Layers.clip(x, 0, 6);
    };
  }
}
