package dev.slipway.data.feature;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Range;
import dev.slipway.data.column.CategoryConfig;
import dev.slipway.data.column.MissingCategories;
import dev.slipway.data.column.MissingNumbers;
import dev.slipway.data.column.NumberConfig;
import dev.slipway.data.column.Outliers;
import dev.slipway.data.column.Scaling;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.picture.PictureSettings;
import dev.slipway.data.sound.LogMelSettings;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One of a network's inputs as a recipe asks for it, before it is fitted. */
public sealed interface FeatureConfig {
  /** Of the network's input. */
  String name();

  /**
   * @param training examples to fit on
   * @throws dev.slipway.base.SlipwayException if a field is missing or of another kind
   */
  Feature fit(ExampleSet examples, int[] training);

  /**
   * The same for a feature whose fitting may look at what is learnt.
   *
   * @param examples without the targets
   * @param target what a training example is to be answered with; null where it is missing
   */
  default Feature fit(
      ExampleSet examples, int[] training, Supplier<IntFunction<@Nullable String>> target) {
    return fit(examples, training);
  }

  /** The features that it becomes, one an input; most become one. */
  default List<Feature> features(
      ExampleSet examples, int[] training, Supplier<IntFunction<@Nullable String>> target) {
    return List.of(fit(examples, training, target));
  }

  @Doc("Columns of numbers, as one vector")
  record Numbers(
      @Doc("The columns of numbers") List<String> columns,
      @Doc("Columns of categories that join the vector as ones and zeros") @Default("[]")
          List<String> oneHot,
      @Doc("What stands for a missing number") @Default("median") MissingNumbers missing,
      @Doc("What is done with numbers far from the others") @Default("keep") Outliers outliers,
      @Doc("The range that each column is brought to") @Default("standard") Scaling scaling,
      @Doc("The input's name") @Default("numbers") String name)
      implements FeatureConfig {
    public Numbers {
      columns = List.copyOf(columns);
      oneHot = List.copyOf(oneHot);
    }

    /** Columns treated as usual. */
    public static Numbers of(List<String> columns) {
      NumberConfig usual = NumberConfig.usual();
      return new Numbers(
          columns, List.of(), usual.missing(), usual.outliers(), usual.scaling(), "numbers");
    }

    NumberConfig treatment() {
      return new NumberConfig(missing, outliers, scaling);
    }

    CategoryConfig categories() {
      return CategoryConfig.usual();
    }

    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      return NumbersFeature.fit(this, examples, training);
    }
  }

  @Doc("Columns of categories, as one id each for an embedding")
  record Categories(
      @Doc("The columns") List<String> columns,
      @Doc("What stands for a missing category") @Default("own-category") MissingCategories missing,
      @Doc("A category that fewer training rows have counts as unknown")
          @Default("1")
          @Range(min = 1, max = 1_000_000_000)
          int minFrequency,
      @Doc("Of more categories only the most frequent are kept")
          @Default("1000000")
          @Range(min = 1, max = 10_000_000)
          int maxCategories,
      @Doc("The input's name") @Default("categories") String name)
      implements FeatureConfig {
    public Categories {
      columns = List.copyOf(columns);
    }

    /** Columns treated as usual. */
    public static Categories of(List<String> columns) {
      CategoryConfig usual = CategoryConfig.usual();
      return new Categories(
          columns, usual.missing(), usual.minFrequency(), usual.maxCategories(), "categories");
    }

    CategoryConfig treatment() {
      return new CategoryConfig(missing, minFrequency, maxCategories);
    }

    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      return CategoriesFeature.fit(this, examples, training);
    }
  }

  @Doc("A text, as ids of its most frequent words")
  record Words(
      @Doc("How many ids there are; two of them are padding and unknown words")
          @Default("10000")
          @Range(min = 3, max = 10_000_000)
          int size,
      @Doc("Most words that are read of a text") @Default("250") @Range(min = 1, max = 1_000_000)
          int length,
      @Doc("Which part of a longer text is read") @Default("beginning") Keep keep,
      @Doc("How short texts are filled up") @Default("post") Padding padding,
      @Doc("What a word is") @Default("letters") dev.slipway.data.feature.Words split,
      @Doc("A word that comes fewer times counts as unknown")
          @Default("1")
          @Range(min = 1, max = 1_000_000_000)
          int minFrequency,
      @Doc("The field; none takes the only text there is") @Default("none") Optional<String> field,
      @Doc("The input's name") @Default("text") String name)
      implements FeatureConfig {
    /** The usual ones of a field. */
    public static Words of(String field, int size, int length) {
      return new Words(
          size,
          length,
          Keep.BEGINNING,
          Padding.POST,
          dev.slipway.data.feature.Words.LETTERS,
          1,
          Optional.of(field),
          "text");
    }

    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      return WordsFeature.fit(
          this, field.orElseGet(() -> Fields.only(examples, Field.Kind.TEXT)), examples, training);
    }
  }

  @Doc("A text, as one number for each of the most frequent words and runs of words")
  record BagOfWords(
      @Doc("Most terms that there are") @Default("20000") @Range(min = 1, max = 10_000_000)
          int size,
      @Doc("Words of the longest run that is a term") @Default("1") @Range(min = 1, max = 8)
          int ngrams,
      @Doc("What a term counts for") @Default("tf-idf") TermWeights weights,
      @Doc("Whether each text is brought to the Euclidean length 1") @Default("true")
          boolean unitLength,
      @Doc("What a word is") @Default("letters") dev.slipway.data.feature.Words split,
      @Doc("A term that fewer training texts have is left out")
          @Default("1")
          @Range(min = 1, max = 1_000_000_000)
          int minFrequency,
      @Doc("The field; none takes the only text there is") @Default("none") Optional<String> field,
      @Doc("The input's name") @Default("text") String name)
      implements FeatureConfig {
    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      return fit(
          examples,
          training,
          () -> {
            throw new IllegalStateException("no target was handed to " + name);
          });
    }

    @Override
    public Feature fit(
        ExampleSet examples, int[] training, Supplier<IntFunction<@Nullable String>> target) {
      return BagFeature.fit(
          this,
          field.orElseGet(() -> Fields.only(examples, Field.Kind.TEXT)),
          examples,
          training,
          target);
    }
  }

  @Doc("A text, as ids of the pieces of a byte-level BPE that is trained on it")
  record Pieces(
      @Doc("How many ids there are") @Default("8000") @Range(min = 259, max = 1_000_000) int size,
      @Doc("Most pieces that are read of a text") @Default("256") @Range(min = 1, max = 1_000_000)
          int length,
      @Doc("How short texts are filled up") @Default("post") Padding padding,
      @Doc("The field; none takes the only text there is") @Default("none") Optional<String> field,
      @Doc("The input's name") @Default("text") String name)
      implements FeatureConfig {
    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      return PiecesFeature.fit(this, fieldOf(examples), examples, training);
    }

    /** The field that it reads: the one that is named, or the only text there is. */
    public String fieldOf(ExampleSet examples) {
      return field.orElseGet(() -> Fields.only(examples, Field.Kind.TEXT));
    }
  }

  @Doc("A text, a pair or words, as the tokenizer of a pretrained model reads them")
  record Tokens(
      @Doc("The field; none takes the only text there is") @Default("none") Optional<String> field,
      @Doc("The field of a second text, which is read after the first") @Default("none")
          Optional<String> pair,
      @Doc("Most tokens that are read, special ones included")
          @Default("128")
          @Range(min = 4, max = 65_536)
          int length,
      @Doc("Which part of a longer text is read; of pairs and words the beginning is")
          @Default("beginning")
          Keep keep,
      @Doc("Whether the field holds words, each of which has a tag") @Default("false")
          boolean words,
      @Doc("Tokens that windows over a long second text have in common; none cuts it")
          @Default("none")
          @Range(min = 0, max = 65_536)
          Optional<Integer> stride,
      @Doc("A folder or a tokenizer.json; model takes that of the pretrained model")
          @Default("model")
          String tokenizer,
      @Doc("The input's name") @Default("input_ids") String name)
      implements FeatureConfig {
    /** {@link #tokenizer} where the pretrained model's is taken. */
    public static final String OF_MODEL = "model";

    public Tokens {
      if (stride.isPresent() && stride.get() > length / 2) {
        throw new InvalidSetting(
            "stride", stride.get() + " of " + length + " tokens", "at most half of the length");
      }
      if (stride.isPresent() && pair.isEmpty() || words && pair.isPresent()) {
        throw new InvalidSetting(
            words ? "words" : "stride",
            words ? "words of a pair" : "windows over a single text",
            words ? "the words of one field" : "a pair, whose second text is long");
      }
    }

    /** A text as usual. */
    public static Tokens of(String field, int length) {
      return new Tokens(
          Optional.of(field),
          Optional.empty(),
          length,
          Keep.BEGINNING,
          false,
          Optional.empty(),
          OF_MODEL,
          "input_ids");
    }

    public Tokens withTokenizer(String path) {
      return new Tokens(field, pair, length, keep, words, stride, path, name);
    }

    /** The field that it reads: the one that is named, or the only text there is. */
    public String fieldOf(ExampleSet examples) {
      return field.orElseGet(() -> Fields.only(examples, Field.Kind.TEXT));
    }

    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      return TokensFeature.fit(this, examples).getLast();
    }

    @Override
    public List<Feature> features(
        ExampleSet examples, int[] training, Supplier<IntFunction<@Nullable String>> target) {
      return TokensFeature.fit(this, examples);
    }
  }

  @Doc("A picture, as channels x height x width")
  record Picture(
      @Doc("Height in pixels") @Range(min = 1, max = 4096) int height,
      @Doc("Width in pixels") @Range(min = 1, max = 4096) int width,
      @Doc("1 for grey, 3 for red, green and blue") @Default("3") @Range(min = 1, max = 3)
          int channels,
      @Doc("How a picture comes to the size") @Default("stretch") PictureSettings.Fit fit,
      @Doc("What 0 to 255 becomes") @Default("unit") PictureSettings.Scale scale,
      @Doc("Taken away from each channel, in 0 to 1; none, one number or one a channel")
          @Default("[]")
          List<Double> mean,
      @Doc("What each channel is divided by, in 0 to 1") @Default("[]") List<Double> deviation,
      @Doc("The field; none takes the only picture there is") @Default("none")
          Optional<String> field,
      @Doc("The input's name") @Default("picture") String name)
      implements FeatureConfig {
    public Picture {
      mean = List.copyOf(mean);
      deviation = List.copyOf(deviation);
      if (channels == 2) {
        throw new InvalidSetting("channels", "2", "1 or 3");
      }
      new PictureSettings(height, width, channels, fit, scale, mean, deviation);
    }

    /** Stretched, from 0 to 1. */
    public static Picture of(int height, int width, int channels) {
      return new Picture(
          height,
          width,
          channels,
          PictureSettings.Fit.STRETCH,
          PictureSettings.Scale.UNIT,
          List.of(),
          List.of(),
          Optional.empty(),
          "picture");
    }

    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      return new PictureFeature(
          name,
          field.orElseGet(() -> Fields.only(examples, Field.Kind.PICTURE)),
          new PictureSettings(height, width, channels, fit, scale, mean, deviation));
    }
  }

  @Doc("A sound, as its logarithmic mel spectrogram")
  record LogMel(
      @Doc("Samples a second that every sound is brought to")
          @Default("16000")
          @Range(min = 100, max = 768_000)
          int rate,
      @Doc("Seconds that every sound is cut or filled up to; with own-length the most of them")
          @Default("1")
          @Range(min = 0.01, max = 3600)
          double seconds,
      @Doc("Samples of a window") @Default("400") @Range(min = 2, max = 1_048_576) int window,
      @Doc("Samples from window to window") @Default("160") @Range(min = 1, max = 1_048_576)
          int hop,
      @Doc("Bands of pitch") @Default("64") @Range(min = 1, max = 1024) int mels,
      @Doc("Lowest pitch in Hz") @Default("0") @Range(min = 0, max = 384_000) double lowest,
      @Doc("Highest pitch in Hz; 0 for half of the rate")
          @Default("0")
          @Range(min = 0, max = 384_000)
          double highest,
      @Doc("How Hz becomes pitch") @Default("htk") LogMelSettings.Scale scale,
      @Doc("The field; none takes the only sound there is") @Default("none") Optional<String> field,
      @Doc("Whether a sound keeps its length: a sequence of frames, for recurrent layers")
          @Default("false")
          boolean ownLength,
      @Doc("The input's name") @Default("sound") String name)
      implements FeatureConfig {
    public LogMel {
      new LogMelSettings(rate, seconds, window, hop, mels, lowest, highest, scale);
    }

    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      String found = field.orElseGet(() -> Fields.only(examples, Field.Kind.SOUND));
      LogMelSettings settings =
          new LogMelSettings(rate, seconds, window, hop, mels, lowest, highest, scale);
      return ownLength
          ? new LogMelFramesFeature(name, found, settings)
          : new LogMelFeature(name, found, settings);
    }
  }

  @Doc("A user or an item, as one id")
  record Ids(@Doc("The column") String column, @Doc("The input's name") String name)
      implements FeatureConfig {
    @Override
    public Feature fit(ExampleSet examples, int[] training) {
      return IdsFeature.fit(this, examples, training);
    }
  }

  /** The most distinct words that a column of categories has; more are taken for text. */
  int FEW_WORDS = 200;

  /**
   * The inputs that the kinds of a set's fields suggest: pictures and sounds at a size that is
   * small, columns of numbers, text of a few distinct values as categories and other text as words.
   *
   * @param targets fields that are learnt, which are no input
   * @throws dev.slipway.base.SlipwayException {@code data.no-inputs}
   */
  static List<FeatureConfig> inferred(ExampleSet examples, int[] training, List<String> targets) {
    return InferredFeatures.of(examples, training, targets);
  }
}
