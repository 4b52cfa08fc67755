package dev.slipway.data.feature;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.slipway.data.augment.Augmentation;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.List;
import java.util.Optional;

/**
 * A fitted feature: makes one named input of a network out of some fields. It is all that a request
 * needs to become what training saw, and is written to {@code preprocessor.json} as an object of
 * one key.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
@JsonSubTypes({
  @JsonSubTypes.Type(value = NumbersFeature.class, name = "numbers"),
  @JsonSubTypes.Type(value = CategoriesFeature.class, name = "categories"),
  @JsonSubTypes.Type(value = WordsFeature.class, name = "words"),
  @JsonSubTypes.Type(value = BagFeature.class, name = "bag-of-words"),
  @JsonSubTypes.Type(value = PiecesFeature.class, name = "pieces"),
  @JsonSubTypes.Type(value = TokensFeature.class, name = "tokens"),
  @JsonSubTypes.Type(value = PictureFeature.class, name = "picture"),
  @JsonSubTypes.Type(value = LogMelFeature.class, name = "log-mel"),
  @JsonSubTypes.Type(value = LogMelFramesFeature.class, name = "log-mel-frames"),
  @JsonSubTypes.Type(value = IdsFeature.class, name = "ids")
})
public sealed interface Feature
    permits NumbersFeature,
        CategoriesFeature,
        WordsFeature,
        BagFeature,
        TokenizerFeature,
        PictureFeature,
        LogMelFeature,
        LogMelFramesFeature,
        IdsFeature {
  /** Of the network's input. */
  String name();

  /** The fields that it reads. */
  default List<String> fields() {
    return requested().stream().map(Field::name).toList();
  }

  /** The fields that a request gives, with the kind of their values. */
  List<Field> requested();

  InputShape shape();

  /** Whether a step of augmentation changes what this gives. */
  default boolean takes(Augmentation step) {
    return false;
  }

  /** Why an example cannot be taken; empty where it can. */
  Optional<Dropped> problem(ExampleSet examples, int example);

  /**
   * All examples of a set. The set must outlive what comes.
   *
   * @throws dev.slipway.base.SlipwayException if the set lacks a field, or has it of another kind
   */
  Encoded encode(ExampleSet examples, Augmented augmented);

  /** {@link #encode} with what takes time, such as a table of words, made once. */
  default Encoder encoder() {
    return this::encode;
  }

  /** Encodes set after set. Safe for several threads at once. */
  @FunctionalInterface
  interface Encoder {
    Encoded encode(ExampleSet examples, Augmented augmented);
  }

  /** As it is when a request is answered. */
  default Encoded encode(ExampleSet examples) {
    return encode(examples, Augmented.NOT);
  }
}
