package dev.slipway.data.feature;

/** A feature whose tokenizer is a file of its own in a model's folder. */
sealed interface TokenizerFeature extends Feature permits PiecesFeature, TokensFeature {
  /** The text of {@code tokenizer.json}; in a model folder the name of the file that holds it. */
  String tokenizer();

  /** The same with another text of a tokenizer, or its file's name. */
  TokenizerFeature withTokenizer(String text);
}
