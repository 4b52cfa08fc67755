package dev.slipway.model.sequential;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.List;

/** Normalisation. Defaults are PyTorch's. */
public sealed interface NormLayer extends Layer {
  @Override
  default InputShape output(InputShape input) {
    return Shapes.features(input);
  }

  @Override
  default double flops(InputShape input) {
    return 5.0 * Shapes.values(input);
  }

  /** Channels of a picture, features of all else. */
  private static long channels(InputShape input) {
    return input.sizes().size() == 3 ? input.sizes().getFirst() : Shapes.last(input);
  }

  private static List<ParameterSpec> scaleAndShift(String path, long size) {
    return List.of(
        ParameterSpec.vector(path + ".weight", size, 1),
        ParameterSpec.vector(path + ".bias", size, 0));
  }

  @Doc(
      "Each channel by the mean and variance of the batch, running ones when answering (Ioffe, Szegedy 2015)")
  record BatchNorm(
      @Doc("How much of a batch's statistics the running ones take")
          @Default("0.1")
          @Range(min = 0, max = 1)
          double momentum,
      @Doc("Added to the variance") @Default("1e-5") @Range(min = 1e-12, max = 1) double epsilon)
      implements NormLayer {
    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return scaleAndShift(path, channels(input));
    }

    @Override
    public List<ParameterSpec> buffers(String path, InputShape input) {
      return List.of(
          ParameterSpec.vector(path + ".running_mean", channels(input), 0),
          ParameterSpec.vector(path + ".running_var", channels(input), 1));
    }

    @Override
    public Input forward(Input x, Step step) {
      boolean sequence = x.values().dim() == 3;
      // One that is frozen goes by what it has learnt, as Keras' does.
      boolean learns = step.training() && !step.isFrozen("weight");
      Tensor y =
          Layers.batchNorm(
              sequence ? x.values().transpose(1, 2) : x.values(),
              step.weight("weight"),
              step.weight("bias"),
              step.buffer("running_mean"),
              step.buffer("running_var"),
              learns,
              momentum,
              epsilon);
      return new Input(sequence ? y.transpose(1, 2) : y, x.lengths());
    }
  }

  @Doc("Each place by the mean and variance of its features (Ba et al. 2016)")
  record LayerNorm(
      @Doc("Added to the variance") @Default("1e-5") @Range(min = 1e-12, max = 1) double epsilon)
      implements NormLayer {
    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return scaleAndShift(path, Shapes.last(input));
    }

    @Override
    public Input forward(Input x, Step step) {
      return new Input(
          Functional.layerNorm(x.values(), step.weight("weight"), step.weight("bias"), epsilon),
          x.lengths());
    }
  }

  @Doc("Groups of a picture's channels by their mean and variance (Wu, He 2018)")
  record GroupNorm(
      @Doc("How many groups") @Range(min = 1, max = 100_000) int groups,
      @Doc("Added to the variance") @Default("1e-5") @Range(min = 1e-12, max = 1) double epsilon)
      implements NormLayer {
    @Override
    public InputShape output(InputShape input) {
      long channels = Shapes.picture(input).sizes().getFirst();
      if (channels % groups != 0) {
        throw new Mismatch(
            "channels that " + groups + " groups divide", "choose groups that divide " + channels);
      }
      return input;
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return scaleAndShift(path, input.sizes().getFirst());
    }

    @Override
    public Input forward(Input x, Step step) {
      return Input.of(
          Layers.groupNorm(
              x.values(), groups, step.weight("weight"), step.weight("bias"), epsilon));
    }
  }

  @Doc("Each place by the root mean square of its features (Zhang, Sennrich 2019)")
  record RmsNorm(
      @Doc("Added to the mean square") @Default("1e-6") @Range(min = 1e-12, max = 1) double epsilon)
      implements NormLayer {
    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return List.of(ParameterSpec.vector(path + ".weight", Shapes.last(input), 1));
    }

    @Override
    public Input forward(Input x, Step step) {
      return new Input(Functional.rmsNorm(x.values(), step.weight("weight"), epsilon), x.lengths());
    }
  }
}
