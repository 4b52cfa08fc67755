package dev.slipway.model.sequential;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Main;
import dev.slipway.base.binding.Named;
import dev.slipway.base.binding.Range;
import dev.slipway.model.LayerTable;
import dev.slipway.model.sequential.BasicLayer.Dense;
import dev.slipway.model.sequential.BasicLayer.Dropout;
import dev.slipway.model.sequential.ConvolutionLayer.Conv2d;
import dev.slipway.model.sequential.Part.Leaf;
import dev.slipway.model.sequential.Part.Row;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.InputShape.Kind;
import dev.slipway.nn.ParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Networks of the textbooks under one word, to stand alone in a list of layers or among others.
 * Those on pictures are torchvision's: their parameters have its names, see {@link Torchvision}.
 */
public sealed interface ReadyNetwork extends Layer {
  /** How many outputs; 0 for the features before the classifier. */
  Auto<Integer> classes();

  /** The same network with so many outputs. */
  ReadyNetwork withClasses(int classes);

  /** Its layers for an input. */
  Part parts(InputShape input);

  /** First values as the network's authors have them. */
  default ParameterSpec initialised(ParameterSpec spec) {
    return spec;
  }

  /** The layers with the outputs of the last one set where it leaves them to the task. */
  static List<Layer> resolved(List<Layer> layers, int outputs) {
    List<Layer> resolved = new ArrayList<>(layers);
    if (!layers.isEmpty()
        && layers.getLast() instanceof ReadyNetwork ready
        && ready.classes().isAuto()) {
      resolved.set(layers.size() - 1, ready.withClasses(outputs));
    }
    return List.copyOf(resolved);
  }

  @Override
  default InputShape output(InputShape input) {
    if (classes().isAuto()) {
      throw new Mismatch(
          "a number of classes, since another layer follows or no task tells it",
          "set its classes, 0 for the features before the classifier");
    }
    return parts(input).output(input);
  }

  @Override
  default List<ParameterSpec> parameters(String path, InputShape input) {
    return parts(input).parameters(path, input).stream().map(this::initialised).toList();
  }

  @Override
  default List<ParameterSpec> buffers(String path, InputShape input) {
    return parts(input).buffers(path, input);
  }

  @Override
  default double flops(InputShape input) {
    return parts(input).flops(input);
  }

  @Override
  default List<LayerTable.Row> rows(String path, InputShape input) {
    return parts(input).rows(path, input);
  }

  @Override
  default Input forward(Input x, Step step) {
    long[] shape = x.values().shape();
    List<Long> sizes = new ArrayList<>();
    for (int i = 1; i < shape.length; i++) {
      sizes.add(shape[i]);
    }
    return parts(Shapes.floats(sizes)).forward(x, step);
  }

  /** The classifier behind what leads to it, where one is wanted. */
  private static Row head(List<Part> before, String name, Auto<Integer> classes) {
    List<Part> parts = new ArrayList<>(before);
    if (classes.orElse(0) > 0) {
      parts.add(new Leaf(name, dense(classes.value())));
    }
    return new Row("", parts);
  }

  private static Dense dense(int units) {
    return new Dense(units, Optional.empty(), true);
  }

  /** A square convolution without activation. */
  static Conv2d convolution(
      int filters, int kernel, int stride, int padding, int groups, boolean bias) {
    return new Conv2d(
        filters,
        Window.of(kernel),
        Window.of(stride),
        new Padding.Zeros(padding),
        Window.of(1),
        groups,
        Optional.empty(),
        bias);
  }

  private static Leaf plain(Layer layer) {
    return new Leaf("", layer);
  }

  private static Leaf norm(String name) {
    return new Leaf(name, new NormLayer.BatchNorm(0.1, 1e-5));
  }

  private static Leaf maxPool(int size, int stride, int padding) {
    return plain(
        new PoolingLayer.MaxPool2d(
            Window.of(size), Auto.of(Window.of(stride)), Window.of(padding)));
  }

  /** Normal with deviation {@code √(2 / fan-out)} for convolutions (He et al. 2015). */
  private static ParameterSpec kaiming(ParameterSpec spec) {
    if (spec.shape().size() != 4) {
      return spec;
    }
    long fanOut = spec.shape().get(0) * spec.shape().get(2) * spec.shape().get(3);
    return new ParameterSpec(
        spec.name(),
        spec.shape(),
        spec.role(),
        new ParameterSpec.Init.Normal(Math.sqrt(2.0 / fanOut)));
  }

  @Doc("A multi-layer perceptron: dense layers, of pictures over all their values")
  record Mlp(
      @Main @Doc("Units of the hidden layers") @Default("[128, 64]") List<Integer> units,
      @Doc("Function of the hidden layers") @Default("relu") Activation activation,
      @Doc("Share of their values that is zeroed in training")
          @Default("0")
          @Range(min = 0, max = 0.99)
          double dropout,
      @Doc("Outputs; auto is what the task needs, 0 the last hidden layer")
          @Default("auto")
          @Range(min = 0, max = 10_000_000)
          Auto<Integer> classes)
      implements ReadyNetwork {
    public Mlp {
      units = List.copyOf(units);
      if (units.stream().anyMatch(unit -> unit < 1)) {
        throw new InvalidSetting("units", units.toString(), "numbers of at least 1");
      }
    }

    @Override
    public ReadyNetwork withClasses(int classes) {
      return new Mlp(units, activation, dropout, Auto.of(classes));
    }

    @Override
    public Part parts(InputShape input) {
      List<Part> parts = new ArrayList<>();
      if (input.sizes().size() > 1) {
        parts.add(plain(new ShapeLayer.Flatten()));
      }
      for (int i = 0; i < units.size(); i++) {
        parts.add(new Leaf("hidden." + i, new Dense(units.get(i), Optional.of(activation), true)));
        if (dropout > 0) {
          parts.add(plain(new Dropout(dropout)));
        }
      }
      return head(parts, "classifier", classes);
    }
  }

  @Doc("AlexNet as torchvision has it (Krizhevsky 2014), for pictures of at least 63 pixels")
  record Alexnet(
      @Main
          @Doc("Outputs; auto is what the task needs, 0 the 4096 features before them")
          @Default("auto")
          @Range(min = 0, max = 10_000_000)
          Auto<Integer> classes,
      @Doc("Share of the values before dense layers that is zeroed in training")
          @Default("0.5")
          @Range(min = 0, max = 0.99)
          double dropout)
      implements ReadyNetwork {
    @Override
    public ReadyNetwork withClasses(int classes) {
      return new Alexnet(Auto.of(classes), dropout);
    }

    @Override
    public Part parts(InputShape input) {
      Leaf relu = plain(new ActivationLayer.Relu());
      return head(
          List.of(
              new Leaf("features.0", convolution(64, 11, 4, 2, 1, true)),
              relu,
              maxPool(3, 2, 0),
              new Leaf("features.3", convolution(192, 5, 1, 2, 1, true)),
              relu,
              maxPool(3, 2, 0),
              new Leaf("features.6", convolution(384, 3, 1, 1, 1, true)),
              relu,
              new Leaf("features.8", convolution(256, 3, 1, 1, 1, true)),
              relu,
              new Leaf("features.10", convolution(256, 3, 1, 1, 1, true)),
              relu,
              maxPool(3, 2, 0),
              plain(new PoolingLayer.AdaptiveAvgPool2d(Window.of(6))),
              plain(new ShapeLayer.Flatten()),
              plain(new Dropout(dropout)),
              new Leaf("classifier.1", dense(4096)),
              relu,
              plain(new Dropout(dropout)),
              new Leaf("classifier.4", dense(4096)),
              relu),
          "classifier.6",
          classes);
    }
  }

  /** How a residual network begins. */
  enum Stem {
    @Doc("A window of 7 with step 2 and pooling, for pictures of 224 pixels, as torchvision has it")
    TORCHVISION,
    @Doc("A window of 3, for pictures of about 32 pixels (He et al. 2016, section 4.2)")
    SMALL
  }

  private static Row residual(
      Stem stem, List<Integer> blocks, boolean bottleneck, Auto<Integer> classes) {
    List<Part> parts = new ArrayList<>();
    boolean small = stem == Stem.SMALL;
    parts.add(
        new Leaf("conv1", convolution(64, small ? 3 : 7, small ? 1 : 2, small ? 1 : 3, 1, false)));
    parts.add(norm("bn1"));
    parts.add(plain(new ActivationLayer.Relu()));
    if (!small) {
      parts.add(maxPool(3, 2, 1));
    }
    int in = 64;
    for (int stage = 0; stage < 4; stage++) {
      int width = 64 << stage;
      int out = bottleneck ? 4 * width : width;
      for (int i = 0; i < blocks.get(stage); i++) {
        int stride = i == 0 && stage > 0 ? 2 : 1;
        Row inner = bottleneck ? bottleneck(width, out, stride) : basic(width, stride);
        List<Part> around =
            stride == 1 && in == out
                ? List.of()
                : List.of(
                    new Leaf("downsample.0", convolution(out, 1, stride, 0, 1, false)),
                    norm("downsample.1"));
        parts.add(
            new Part.Sum(
                "layer" + (stage + 1) + "." + i,
                inner,
                new Row("", around),
                Optional.of(Activation.RELU),
                0));
        in = out;
      }
    }
    parts.add(plain(new PoolingLayer.GlobalAvgPool()));
    return head(parts, "fc", classes);
  }

  private static Row basic(int width, int stride) {
    return new Row(
        "",
        List.of(
            new Leaf("conv1", convolution(width, 3, stride, 1, 1, false)),
            norm("bn1"),
            plain(new ActivationLayer.Relu()),
            new Leaf("conv2", convolution(width, 3, 1, 1, 1, false)),
            norm("bn2")));
  }

  private static Row bottleneck(int width, int out, int stride) {
    return new Row(
        "",
        List.of(
            new Leaf("conv1", convolution(width, 1, 1, 0, 1, false)),
            norm("bn1"),
            plain(new ActivationLayer.Relu()),
            new Leaf("conv2", convolution(width, 3, stride, 1, 1, false)),
            norm("bn2"),
            plain(new ActivationLayer.Relu()),
            new Leaf("conv3", convolution(out, 1, 1, 0, 1, false)),
            norm("bn3")));
  }

  @Doc("ResNet-18 as torchvision has it (He et al. 2016)")
  record Resnet18(
      @Main
          @Doc("Outputs; auto is what the task needs, 0 the 512 features before them")
          @Default("auto")
          @Range(min = 0, max = 10_000_000)
          Auto<Integer> classes,
      @Doc("Its first layers") @Default("torchvision") Stem stem)
      implements ReadyNetwork {
    @Override
    public ReadyNetwork withClasses(int classes) {
      return new Resnet18(Auto.of(classes), stem);
    }

    @Override
    public Part parts(InputShape input) {
      return residual(stem, List.of(2, 2, 2, 2), false, classes);
    }

    @Override
    public ParameterSpec initialised(ParameterSpec spec) {
      return kaiming(spec);
    }
  }

  @Doc("ResNet-50 as torchvision has it (He et al. 2016, the step in the 3x3 window)")
  record Resnet50(
      @Main
          @Doc("Outputs; auto is what the task needs, 0 the 2048 features before them")
          @Default("auto")
          @Range(min = 0, max = 10_000_000)
          Auto<Integer> classes,
      @Doc("Its first layers") @Default("torchvision") Stem stem)
      implements ReadyNetwork {
    @Override
    public ReadyNetwork withClasses(int classes) {
      return new Resnet50(Auto.of(classes), stem);
    }

    @Override
    public Part parts(InputShape input) {
      return residual(stem, List.of(3, 4, 6, 3), true, classes);
    }

    @Override
    public ParameterSpec initialised(ParameterSpec spec) {
      return kaiming(spec);
    }
  }

  @Doc("EfficientNet-B0 as torchvision has it (Tan, Le 2019)")
  @Named("efficientnet-b0")
  record EfficientNetB0(
      @Main
          @Doc("Outputs; auto is what the task needs, 0 the 1280 features before them")
          @Default("auto")
          @Range(min = 0, max = 10_000_000)
          Auto<Integer> classes,
      @Doc("Share of the features that is zeroed in training")
          @Default("0.2")
          @Range(min = 0, max = 0.99)
          double dropout,
      @Doc("Share of the examples for which the last block is left out in training, less before")
          @Default("0.2")
          @Range(min = 0, max = 0.99)
          double stochasticDepth)
      implements ReadyNetwork {
    /** Expansion, window, step, channels, blocks of each stage: table 1 of the paper. */
    private static final int[][] STAGES = {
      {1, 3, 1, 16, 1},
      {6, 3, 2, 24, 2},
      {6, 5, 2, 40, 2},
      {6, 3, 2, 80, 3},
      {6, 5, 1, 112, 3},
      {6, 5, 2, 192, 4},
      {6, 3, 1, 320, 1}
    };

    private static final int BLOCKS = 16;

    @Override
    public String kind() {
      return "efficientnet-b0";
    }

    @Override
    public ReadyNetwork withClasses(int classes) {
      return new EfficientNetB0(Auto.of(classes), dropout, stochasticDepth);
    }

    private static Row step(String name, int filters, int kernel, int stride, int groups) {
      return new Row(
          name,
          List.of(
              new Leaf("0", convolution(filters, kernel, stride, (kernel - 1) / 2, groups, false)),
              norm("1"),
              plain(new ActivationLayer.Silu())));
    }

    private static Row project(String name, int filters) {
      return new Row(
          name, List.of(new Leaf("0", convolution(filters, 1, 1, 0, 1, false)), norm("1")));
    }

    @Override
    public Part parts(InputShape input) {
      List<Part> parts = new ArrayList<>();
      parts.add(step("features.0", 32, 3, 2, 1));
      int in = 32;
      int done = 0;
      for (int stage = 0; stage < STAGES.length; stage++) {
        int[] given = STAGES[stage];
        for (int i = 0; i < given[4]; i++) {
          int stride = i == 0 ? given[2] : 1;
          int wide = in * given[0];
          List<Part> inner = new ArrayList<>();
          if (wide != in) {
            inner.add(step("block." + inner.size(), wide, 1, 1, 1));
          }
          inner.add(step("block." + inner.size(), wide, given[1], stride, wide));
          inner.add(new Part.SqueezeExcitation("block." + inner.size(), Math.max(1, in / 4)));
          inner.add(project("block." + inner.size(), given[3]));
          String name = "features." + (stage + 1) + "." + i;
          parts.add(
              stride == 1 && in == given[3]
                  ? new Part.Sum(
                      name,
                      new Row("", inner),
                      new Row("", List.of()),
                      Optional.empty(),
                      stochasticDepth * done / BLOCKS)
                  : new Row(name, inner));
          in = given[3];
          done++;
        }
      }
      parts.add(step("features.8", 1280, 1, 1, 1));
      parts.add(plain(new PoolingLayer.GlobalAvgPool()));
      parts.add(plain(new Dropout(dropout)));
      return head(parts, "classifier.1", classes);
    }

    @Override
    public ParameterSpec initialised(ParameterSpec spec) {
      if (spec.name().endsWith("classifier.1.weight")) {
        return new ParameterSpec(
            spec.name(),
            spec.shape(),
            spec.role(),
            new ParameterSpec.Init.Uniform(1 / Math.sqrt(spec.shape().getFirst())));
      }
      return spec.name().endsWith(".bias")
          ? ParameterSpec.vector(spec.name(), spec.numel(), 0)
          : kaiming(spec);
    }
  }

  @Doc("A transformer encoder over ids that answers from its first place (Devlin et al. 2019)")
  record Bert(
      @Doc("Width of the stream") @Default("256") @Range(min = 2, max = 65_536) int hidden,
      @Doc("Transformer blocks") @Default("4") @Range(min = 1, max = 1000) int layers,
      @Doc("Heads of attention") @Default("4") @Range(min = 1, max = 1024) int heads,
      @Doc("The longest sequence, in ids") @Default("512") @Range(min = 1, max = 1_000_000)
          int longest,
      @Doc("Share of the values that is zeroed in training")
          @Default("0.1")
          @Range(min = 0, max = 0.99)
          double dropout,
      @Main
          @Doc("Outputs; auto is what the task needs, 0 the pooled first place")
          @Default("auto")
          @Range(min = 0, max = 10_000_000)
          Auto<Integer> classes)
      implements ReadyNetwork {
    public Bert {
      if (hidden % heads != 0) {
        throw new InvalidSetting(
            "heads", heads + " for hidden " + hidden, "a number that divides hidden");
      }
    }

    @Override
    public ReadyNetwork withClasses(int classes) {
      return new Bert(hidden, layers, heads, longest, dropout, Auto.of(classes));
    }

    @Override
    public InputShape output(InputShape input) {
      if (input.kind() != Kind.IDS || input.sizes().size() != 1) {
        throw new Mismatch("ids (B, T)", "give the network pieces, words or ids of texts");
      }
      return ReadyNetwork.super.output(input);
    }

    @Override
    public Part parts(InputShape input) {
      List<Part> parts = new ArrayList<>();
      parts.add(new Leaf("embeddings", new BasicLayer.Embedding(hidden)));
      parts.add(
          new Leaf(
              "positions",
              new AttentionLayer.PositionalEncoding(AttentionLayer.Places.LEARNED, longest)));
      parts.add(new Leaf("norm", new NormLayer.LayerNorm(1e-5)));
      parts.add(plain(new Dropout(dropout)));
      for (int i = 0; i < layers; i++) {
        parts.add(
            new Leaf(
                "layers." + i,
                new AttentionLayer.TransformerBlock(
                    heads,
                    Auto.auto(),
                    Activation.GELU,
                    AttentionLayer.NormPlace.POST,
                    false,
                    dropout)));
      }
      parts.add(new Part.FirstPlace());
      parts.add(new Leaf("pooler", new Dense(hidden, Optional.of(Activation.TANH), true)));
      parts.add(plain(new Dropout(dropout)));
      return head(parts, "classifier", classes);
    }

    /** Normal with deviation 0.02, biases 0: the paper's appendix A.2. */
    @Override
    public ParameterSpec initialised(ParameterSpec spec) {
      if (spec.shape().size() == 2) {
        return new ParameterSpec(
            spec.name(), spec.shape(), spec.role(), new ParameterSpec.Init.Normal(0.02));
      }
      return spec.name().endsWith("bias")
          ? ParameterSpec.vector(spec.name(), spec.numel(), 0)
          : spec;
    }
  }
}
