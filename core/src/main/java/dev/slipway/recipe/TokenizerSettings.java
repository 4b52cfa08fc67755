package dev.slipway.recipe;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;

/** How text becomes ids. */
public sealed interface TokenizerSettings {
  @Doc("Byte-level byte pair encoding, trained on the training split")
  record Bpe(
      @Doc("Ids, the 256 bytes and <|endoftext|> among them; auto follows the size of the model")
          @Default("auto")
          @Range(min = 257, max = 1_000_000)
          Auto<Integer> vocabulary,
      @Doc("Pairs that are seen less often are not merged")
          @Default("2")
          @Range(min = 1, max = 1_000_000_000)
          int minimumFrequency)
      implements TokenizerSettings {
    /** What it is when a recipe says nothing. */
    static final Bpe USUAL = new Bpe(Auto.auto(), 2);
  }

  @Doc("The pretrained model's own")
  record OfModel() implements TokenizerSettings {}
}
