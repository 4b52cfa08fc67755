package dev.slipway.recipe;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Range;
import dev.slipway.model.factorisation.FactorisationConfig;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.model.seq2seq.EncoderDecoderConfig;
import dev.slipway.model.sequential.Head;
import dev.slipway.model.sequential.Initialiser;
import dev.slipway.model.sequential.Layer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The network. */
public sealed interface ModelSettings {
  @Doc("A decoder-only transformer")
  record Gpt(
      @Doc("Its dimensions; auto takes those with the least expected loss within the budget")
          @Default("auto")
          Auto<GptSize> size,
      @Doc("The longest sequence, in tokens") @Default("256") @Range(min = 8, max = 131_072)
          int context,
      @Doc("The Hugging Face architecture that it is written as") @Default("qwen3") Layout layout,
      @Doc("Whether the output layer is the embedding") @Default("true") boolean tiedHead,
      @Doc("Added to the variance in norms") @Default("1e-6") @Range(min = 1e-12, max = 1e-2)
          double normEpsilon,
      @Doc("Base of the rotary frequencies; gpt2 has none")
          @Default("10000")
          @Range(min = 1, max = 1e9)
          double ropeTheta)
      implements ModelSettings {
    public Gpt {
      if (!size.isAuto()) {
        GptSize given = size.value();
        if (layout == Layout.GPT2 && given.keyValueHeads().orElse(given.heads()) != given.heads()) {
          throw new InvalidSetting(
              "size.key-value-heads",
              given.keyValueHeads().value() + " for " + given.heads() + " heads",
              given.heads() + " or auto, since layout gpt2 has as many as heads");
        }
        if (layout == Layout.GPT2 && given.heads() * given.resolvedHeadDim() != given.hidden()) {
          throw new InvalidSetting(
              "size.head-dim",
              given.resolvedHeadDim() + " for hidden " + given.hidden(),
              given.hidden() / given.heads()
                  + " or auto, since layout gpt2 has heads x head-dim = hidden");
        }
        if (layout != Layout.GPT2 && given.resolvedHeadDim() % 2 != 0) {
          throw new InvalidSetting(
              "size.head-dim",
              "an odd " + given.resolvedHeadDim(),
              "an even number, since layout " + layout.word() + " has rotary positions");
        }
      }
    }

    public Gpt withSize(GptSize size) {
      return new Gpt(Auto.of(size), context, layout, tiedHead, normEpsilon, ropeTheta);
    }

    /** The network's own configuration; a bug where the size is still {@code auto}. */
    public GptConfig config(int vocabularySize) {
      GptSize given = size.value();
      return new GptConfig(
          layout.layout,
          vocabularySize,
          context,
          given.hidden(),
          given.layers(),
          given.heads(),
          given.keyValueHeads().orElse(given.heads()),
          given.resolvedHeadDim(),
          given.intermediate().orElse(defaultIntermediate(layout, given.hidden())),
          tiedHead,
          normEpsilon,
          ropeTheta);
    }

    /**
     * Inner width of the feed-forward network: 4 C, or 8/3 C where a gate makes a third matrix
     * (Shazeer 2020), rounded up to 32.
     */
    public static int defaultIntermediate(Layout layout, int hidden) {
      return layout == Layout.GPT2 ? 4 * hidden : (8 * hidden / 3 + 31) / 32 * 32;
    }
  }

  /** A network for the tasks that are learnt of examples. */
  sealed interface ExampleModel extends ModelSettings {}

  @Doc("Layers, one after the other; shapes follow from what they are given")
  record Sequential(
      @Doc("The layers") List<Layer> layers,
      @Doc("Layers behind them for each task of several") @Default("[]") List<Head> heads,
      @Doc("Where first values come from") @Default("pytorch") Initialiser initialiser,
      @Doc(
              "A safetensors file or folder with torchvision's weights of the ready network among the layers; a classifier of other classes is learnt anew")
          @Default("none")
          Optional<String> weights,
      @Doc(
              "Parameters that keep their first values, by name with * for any characters, such as 0.layer1.*")
          @Default("[]")
          List<String> freeze)
      implements ExampleModel {
    public Sequential {
      layers = List.copyOf(layers);
      heads = List.copyOf(heads);
      freeze = List.copyOf(freeze);
    }
  }

  @Doc("A matrix factorisation with biases, of a user's and an item's id (Koren et al. 2009)")
  record Factorisation(@Doc("Its size") @Default("{}") FactorisationConfig.Size size)
      implements ExampleModel {}

  @Doc("An encoder-decoder transformer: a text from another (Vaswani et al. 2017)")
  record EncoderDecoder(@Doc("Its size") @Default("{}") EncoderDecoderConfig.Size size)
      implements ExampleModel {}

  @Doc("A published model, or one of Slipway's own, to go on from")
  record Pretrained(
      @Doc("A model folder, a run, or a pulled model's name, ORG/NAME or ORG/NAME@REVISION")
          String path,
      @Doc("The longest sequence, in tokens; auto is 512, or less where the model has less")
          @Default("auto")
          @Range(min = 8, max = 131_072)
          Auto<Integer> context)
      implements ExampleModel {
    public Pretrained withContext(int context) {
      return new Pretrained(path, Auto.of(context));
    }
  }

  /** Dimensions of a transformer. */
  record GptSize(
      @Doc("Transformer blocks") @Range(min = 1, max = 1000) int layers,
      @Doc("Width of the residual stream") @Range(min = 8, max = 65_536) int hidden,
      @Doc("Query heads") @Range(min = 1, max = 1024) int heads,
      @Doc("Heads of keys and values; auto is as many as heads")
          @Default("auto")
          @Range(min = 1, max = 1024)
          Auto<Integer> keyValueHeads,
      @Doc("Width of a head; auto is hidden / heads") @Default("auto") @Range(min = 2, max = 1024)
          Auto<Integer> headDim,
      @Doc(
              "Inner width of the feed-forward network; auto is 4 hidden, or 8/3 hidden where it is gated")
          @Default("auto")
          @Range(min = 8, max = 1_000_000)
          Auto<Integer> intermediate) {
    public GptSize {
      if (headDim.isAuto() && hidden % heads != 0) {
        throw new InvalidSetting(
            "heads",
            heads + " for hidden " + hidden,
            "a number that divides hidden, or a head-dim");
      }
      if (heads % keyValueHeads.orElse(heads) != 0) {
        throw new InvalidSetting(
            "key-value-heads",
            keyValueHeads.value() + " for " + heads + " heads",
            "a number that divides heads");
      }
    }

    int resolvedHeadDim() {
      return headDim.orElse(hidden / heads);
    }
  }

  /** Architectures. */
  enum Layout {
    @Doc("LayerNorm, learned positions, GELU, biases")
    GPT2(GptConfig.Layout.GPT2),
    @Doc("RMSNorm, rotary positions, SwiGLU, no biases")
    LLAMA(GptConfig.Layout.LLAMA),
    @Doc("As llama, and RMSNorm on the queries and keys of each head")
    QWEN3(GptConfig.Layout.QWEN3);

    private final GptConfig.Layout layout;

    Layout(GptConfig.Layout layout) {
      this.layout = layout;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
