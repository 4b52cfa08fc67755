package dev.slipway.data.augment;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;
import java.nio.file.Path;

/** A change of training texts, drawn anew in each epoch. */
public sealed interface TextStep extends Augmentation {
  @Doc("Each word is left out with this probability, but never all of them (Wei and Zou 2019)")
  record WordDrop(
      @Doc("The probability") @Default("0.1") @Range(min = 0, max = 1) double probability)
      implements TextStep {}

  @Doc("Each word changes places with the next with this probability")
  record WordSwap(
      @Doc("The probability") @Default("0.1") @Range(min = 0, max = 1) double probability)
      implements TextStep {}

  @Doc("Each word that has synonyms is replaced by one of them with this probability")
  record Synonyms(
      @Doc("A text file: words that mean the same, with commas between them, a line each")
          Path file,
      @Doc("The probability") @Default("0.1") @Range(min = 0, max = 1) double probability)
      implements TextStep {}

  @Doc(
      "A text is replaced by one of its paraphrases, such as a translation there and back that some"
          + " other tool has made, with this probability")
  record Paraphrases(
      @Doc(
              "JSON lines with the fields id, of the example, and text; several for an id may be there")
          Path file,
      @Doc("The probability") @Default("0.5") @Range(min = 0, max = 1) double probability)
      implements TextStep {}
}
