package dev.slipway.model.sequential;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Named;
import dev.slipway.base.binding.Range;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;

/** A function of each value, as a layer of its own. */
public sealed interface ActivationLayer extends Layer {
  /** The values. */
  Tensor apply(Tensor x);

  @Override
  default InputShape output(InputShape input) {
    return Shapes.features(input);
  }

  @Override
  default double flops(InputShape input) {
    return Shapes.values(input);
  }

  @Override
  default Input forward(Input x, Step step) {
    return new Input(apply(x.values()), x.lengths());
  }

  @Doc("An activation by its name")
  @Named("activation")
  record ActivationByName(@Doc("Which one") Activation function) implements ActivationLayer {
    @Override
    public Tensor apply(Tensor x) {
      return function.apply(x);
    }

    @Override
    public String kind() {
      return "activation";
    }
  }

  @Doc("max(x, 0)")
  record Relu() implements ActivationLayer {
    @Override
    public Tensor apply(Tensor x) {
      return Activation.RELU.apply(x);
    }
  }

  @Doc("x times the normal distribution function of x (Hendrycks, Gimpel 2016)")
  record Gelu() implements ActivationLayer {
    @Override
    public Tensor apply(Tensor x) {
      return Activation.GELU.apply(x);
    }
  }

  @Doc("x sigmoid(x), also called swish")
  record Silu() implements ActivationLayer {
    @Override
    public Tensor apply(Tensor x) {
      return Activation.SILU.apply(x);
    }
  }

  @Doc("1 / (1 + exp(-x)); as a network's last layer it is folded into the loss")
  record Sigmoid() implements ActivationLayer {
    @Override
    public Tensor apply(Tensor x) {
      return Activation.SIGMOID.apply(x);
    }
  }

  @Doc("Hyperbolic tangent")
  record Tanh() implements ActivationLayer {
    @Override
    public Tensor apply(Tensor x) {
      return Activation.TANH.apply(x);
    }
  }

  @Doc(
      "exp(x) over its sum along the last dimension; as a network's last layer it is folded into the loss")
  record Softmax() implements ActivationLayer {
    @Override
    public Tensor apply(Tensor x) {
      return Activation.SOFTMAX.apply(x);
    }
  }

  @Doc("max(x, slope x)")
  record LeakyRelu(@Doc("Slope below 0") @Default("0.01") @Range(min = 0, max = 1) double slope)
      implements ActivationLayer {
    @Override
    public Tensor apply(Tensor x) {
      return Layers.leakyRelu(x, slope);
    }
  }

  @Doc("x where positive, else alpha (exp(x) - 1)")
  record Elu(@Doc("Scale below 0") @Default("1") @Range(min = 0, max = 100) double alpha)
      implements ActivationLayer {
    @Override
    public Tensor apply(Tensor x) {
      return Layers.elu(x, alpha);
    }
  }
}
