package dev.slipway.data.feature;

import dev.slipway.data.augment.Augmentation;
import dev.slipway.data.augment.TextStep;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A text as ids of the pieces of a byte-level BPE, of which id 0 is padding.
 *
 * @param tokenizer the text of its {@code tokenizer.json}; in a model folder the name of the file
 *     that holds it
 * @param size how many ids there are
 * @param length most pieces that are read; the beginning of a longer text is
 */
public record PiecesFeature(
    String name, String field, String tokenizer, int size, int length, Padding padding)
    implements TokenizerFeature {
  /** Special tokens of a tokenizer that is trained here: padding, and the ends of a text. */
  public static final List<String> SPECIAL = List.of("<pad>", "<s>", "</s>");

  static PiecesFeature fit(
      FeatureConfig.Pieces config, String field, ExampleSet examples, int[] training) {
    Fields.named(examples, field, Field.Kind.TEXT);
    Tokenizer tokenizer =
        BpeTrainer.train(
            Arrays.stream(training).mapToObj(i -> text(examples, i, field)).iterator(),
            new BpeConfig(config.size(), 2, SPECIAL));
    return of(config, field, tokenizer);
  }

  /** With a tokenizer that is learnt already, of which id 0 is padding. */
  public static PiecesFeature of(FeatureConfig.Pieces config, String field, Tokenizer tokenizer) {
    return new PiecesFeature(
        config.name(),
        field,
        tokenizer.json(),
        tokenizer.vocabularySize(),
        config.length(),
        config.padding());
  }

  private static String text(ExampleSet examples, int example, String field) {
    return examples.value(example, field) instanceof Value.Text(String text) ? text : "";
  }

  @Override
  public PiecesFeature withTokenizer(String text) {
    return new PiecesFeature(name, field, text, size, length, padding);
  }

  /** The tokenizer itself. */
  public Tokenizer open() {
    return Tokenizers.of(tokenizer, "the tokenizer of the input " + name);
  }

  @Override
  public List<Field> requested() {
    return List.of(new Field(field, Field.Kind.TEXT));
  }

  @Override
  public InputShape shape() {
    return IdSequences.shape(name, size, length, padding);
  }

  @Override
  public boolean takes(Augmentation step) {
    return step instanceof TextStep;
  }

  @Override
  public Optional<Dropped> problem(ExampleSet examples, int example) {
    return Words.missing(examples, example, field);
  }

  @Override
  public Encoded encode(ExampleSet examples, Augmented augmented) {
    return encoder().encode(examples, augmented);
  }

  @Override
  public Encoder encoder() {
    Tokenizer opened = open();
    return (examples, augmented) -> encode(examples, opened, augmented);
  }

  private Encoded encode(ExampleSet examples, Tokenizer opened, Augmented augmented) {
    Fields.named(examples, field, Field.Kind.TEXT);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      texts.add(text(examples, i, field));
    }
    return AugmentedTexts.of(
        encoded(texts, opened), field, examples, some -> encoded(some, opened), augmented);
  }

  private Encoded encoded(List<String> texts, Tokenizer opened) {
    int[][] ids = opened.encodeOrdinaryBatch(texts).toArray(int[][]::new);
    return IdSequences.of(shape(), ids, length, padding);
  }
}
