package dev.slipway.model.sequential;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Range;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ParameterSpec.Init;
import dev.slipway.nn.ParameterSpec.Role;
import dev.slipway.tensor.Convolution;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Windows of weights that slide over sequences and pictures. First values are PyTorch's. */
public sealed interface ConvolutionLayer extends Layer {
  private static List<ParameterSpec> weights(
      String path, List<Long> shape, long out, long fanIn, boolean bias) {
    Init init = new Init.Uniform(1 / Math.sqrt(fanIn));
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(new ParameterSpec(path + ".weight", shape, Role.MATRIX, init));
    if (bias) {
      specs.add(new ParameterSpec(path + ".bias", List.of(out), Role.VECTOR, init));
    }
    return specs;
  }

  private static @Nullable Tensor biasOf(Step step, boolean there) {
    return there ? step.weight("bias") : null;
  }

  private static void divides(int groups, long channels, String what) {
    if (channels % groups != 0) {
      throw new Mismatch(
          what + " that " + groups + " groups divide", "choose groups that divide " + channels);
    }
  }

  private static Input activated(
      Tensor y, Optional<Activation> activation, @Nullable Tensor lengths) {
    return new Input(activation.map(f -> f.apply(y)).orElse(y), lengths);
  }

  private static void dividedBy(int filters, int groups) {
    if (filters % groups != 0) {
      throw new InvalidSetting(
          "groups", groups + " for " + filters + " filters", "a number that divides filters");
    }
  }

  @Doc("Filters over a sequence (B, time, features)")
  record Conv1d(
      @Doc("Features that it gives") @Range(min = 1, max = 1_000_000) int filters,
      @Doc("Length of the window") @Default("3") @Range(min = 1, max = 100_000) int kernel,
      @Doc("Step of the window") @Default("1") @Range(min = 1, max = 100_000) int stride,
      @Doc("What is put around the sequence") @Default("valid") Padding padding,
      @Doc("Distance of the window's places") @Default("1") @Range(min = 1, max = 100_000)
          int dilation,
      @Doc("Parts of the features that see only each other")
          @Default("1")
          @Range(min = 1, max = 1_000_000)
          int groups,
      @Doc("Function of what it gives") @Default("none") Optional<Activation> activation,
      @Doc("Whether a bias is added") @Default("true") boolean bias)
      implements ConvolutionLayer {
    public Conv1d {
      dividedBy(filters, groups);
    }

    @Override
    public InputShape output(InputShape input) {
      InputShape sequence = Shapes.sequence(input);
      divides(groups, Shapes.last(sequence), "features");
      return Shapes.floats(
          List.of(
              Shapes.window(
                  sequence.sizes().getFirst(),
                  kernel,
                  stride,
                  padding.of(kernel, dilation),
                  dilation),
              (long) filters));
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      long in = Shapes.last(input) / groups;
      return weights(path, List.of((long) filters, in, (long) kernel), filters, in * kernel, bias);
    }

    @Override
    public double flops(InputShape input) {
      return 2.0 * Shapes.values(output(input)) * kernel * Shapes.last(input) / groups;
    }

    @Override
    public Input forward(Input x, Step step) {
      Tensor y =
          Convolution.conv1d(
                  x.values().transpose(1, 2),
                  step.weight("weight"),
                  biasOf(step, bias),
                  stride,
                  padding.of(kernel, dilation),
                  dilation,
                  groups)
              .transpose(1, 2);
      boolean sameLength = stride == 1 && padding instanceof Padding.Same;
      return activated(y, activation, sameLength ? x.lengths() : null);
    }
  }

  @Doc("Filters over a picture (B, channels, height, width)")
  record Conv2d(
      @Doc("Channels that it gives") @Range(min = 1, max = 1_000_000) int filters,
      @Doc("Height and width of the window") @Default("3") Window kernel,
      @Doc("Step of the window") @Default("1") Window stride,
      @Doc("What is put around the picture") @Default("valid") Padding padding,
      @Doc("Distance of the window's places") @Default("1") Window dilation,
      @Doc("Parts of the channels that see only each other")
          @Default("1")
          @Range(min = 1, max = 1_000_000)
          int groups,
      @Doc("Function of what it gives") @Default("none") Optional<Activation> activation,
      @Doc("Whether a bias is added") @Default("true") boolean bias)
      implements ConvolutionLayer {
    public Conv2d {
      dividedBy(filters, groups);
    }

    private long[] sides() {
      return new long[] {
        padding.of(kernel.height(), dilation.height()), padding.of(kernel.width(), dilation.width())
      };
    }

    @Override
    public InputShape output(InputShape input) {
      List<Long> sizes = Shapes.picture(input).sizes();
      divides(groups, sizes.get(0), "channels");
      long[] sides = sides();
      return Shapes.floats(
          List.of(
              (long) filters,
              Shapes.window(
                  sizes.get(1), kernel.height(), stride.height(), sides[0], dilation.height()),
              Shapes.window(
                  sizes.get(2), kernel.width(), stride.width(), sides[1], dilation.width())));
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      long in = input.sizes().getFirst() / groups;
      long window = (long) kernel.height() * kernel.width();
      return weights(
          path,
          List.of((long) filters, in, (long) kernel.height(), (long) kernel.width()),
          filters,
          in * window,
          bias);
    }

    @Override
    public double flops(InputShape input) {
      return 2.0
          * Shapes.values(output(input))
          * kernel.height()
          * kernel.width()
          * input.sizes().getFirst()
          / groups;
    }

    @Override
    public Input forward(Input x, Step step) {
      Tensor y =
          Convolution.conv2d(
              x.values(),
              step.weight("weight"),
              biasOf(step, bias),
              stride.pair(),
              sides(),
              dilation.pair(),
              groups);
      return activated(y, activation, null);
    }
  }

  @Doc("The backward of conv1d as a forward: makes sequences longer")
  record ConvTranspose1d(
      @Doc("Features that it gives") @Range(min = 1, max = 1_000_000) int filters,
      @Doc("Length of the window") @Default("3") @Range(min = 1, max = 100_000) int kernel,
      @Doc("Step of the window in the output") @Default("1") @Range(min = 1, max = 100_000)
          int stride,
      @Doc("Places that are cut off on each side of the output")
          @Default("0")
          @Range(min = 0, max = 100_000)
          int padding,
      @Doc("Places that are added at the output's end") @Default("0") @Range(min = 0, max = 100_000)
          int outputPadding,
      @Doc("Function of what it gives") @Default("none") Optional<Activation> activation,
      @Doc("Whether a bias is added") @Default("true") boolean bias)
      implements ConvolutionLayer {
    public ConvTranspose1d {
      if (outputPadding >= stride && outputPadding > 0) {
        throw new InvalidSetting("output-padding", "" + outputPadding, "less than stride");
      }
    }

    @Override
    public InputShape output(InputShape input) {
      long time = Shapes.sequence(input).sizes().getFirst();
      return Shapes.floats(
          List.of(
              time == InputShape.VARIABLE
                  ? time
                  : (time - 1) * stride - 2L * padding + kernel + outputPadding,
              (long) filters));
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      return weights(
          path,
          List.of(Shapes.last(input), (long) filters, (long) kernel),
          filters,
          (long) filters * kernel,
          bias);
    }

    @Override
    public double flops(InputShape input) {
      return 2.0 * Shapes.values(input) * kernel * filters;
    }

    @Override
    public Input forward(Input x, Step step) {
      Tensor y =
          Convolution.convTranspose1d(
                  x.values().transpose(1, 2),
                  step.weight("weight"),
                  biasOf(step, bias),
                  stride,
                  padding,
                  outputPadding,
                  1,
                  1)
              .transpose(1, 2);
      return activated(y, activation, null);
    }
  }

  @Doc("The backward of conv2d as a forward: makes pictures larger")
  record ConvTranspose2d(
      @Doc("Channels that it gives") @Range(min = 1, max = 1_000_000) int filters,
      @Doc("Height and width of the window") @Default("3") Window kernel,
      @Doc("Step of the window in the output") @Default("1") Window stride,
      @Doc("Places that are cut off on each side of the output") @Default("0") Window padding,
      @Doc("Places that are added at the output's end") @Default("0") Window outputPadding,
      @Doc("Function of what it gives") @Default("none") Optional<Activation> activation,
      @Doc("Whether a bias is added") @Default("true") boolean bias)
      implements ConvolutionLayer {
    @Override
    public InputShape output(InputShape input) {
      List<Long> sizes = Shapes.picture(input).sizes();
      return Shapes.floats(
          List.of(
              (long) filters,
              (sizes.get(1) - 1) * stride.height()
                  - 2L * padding.height()
                  + kernel.height()
                  + outputPadding.height(),
              (sizes.get(2) - 1) * stride.width()
                  - 2L * padding.width()
                  + kernel.width()
                  + outputPadding.width()));
    }

    @Override
    public List<ParameterSpec> parameters(String path, InputShape input) {
      long window = (long) kernel.height() * kernel.width();
      return weights(
          path,
          List.of(
              input.sizes().getFirst(),
              (long) filters,
              (long) kernel.height(),
              (long) kernel.width()),
          filters,
          filters * window,
          bias);
    }

    @Override
    public double flops(InputShape input) {
      return 2.0 * Shapes.values(input) * kernel.height() * kernel.width() * filters;
    }

    @Override
    public Input forward(Input x, Step step) {
      Tensor y =
          Convolution.convTranspose2d(
              x.values(),
              step.weight("weight"),
              biasOf(step, bias),
              stride.pair(),
              padding.pair(),
              outputPadding.pair(),
              1,
              1,
              1);
      return activated(y, activation, null);
    }
  }
}
