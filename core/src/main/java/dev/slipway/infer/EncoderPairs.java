package dev.slipway.infer;

import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.model.pretrained.CrossEncoderModules;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tokenizer.SequenceTokenizer;
import dev.slipway.tokenizer.TokenSequence;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** A cross-encoder whose network is an encoder with one label: both texts are one sequence. */
final class EncoderPairs implements CrossEncoder {
  private final Tokenizer tokenizer;
  private final SequenceTokenizer pairs;
  private final CrossEncoderModules modules;
  private final TextEncoder network;
  private final int longest;

  private EncoderPairs(Tokenizer tokenizer, CrossEncoderModules modules, TextEncoder network) {
    this.tokenizer = tokenizer;
    this.modules = modules;
    this.network = network;
    Integer limit = modules.longest();
    int most = network.encoder().longest();
    longest = limit == null ? most : Math.min(limit, most);
    pairs =
        SequenceTokenizer.of(
            tokenizer.json(),
            "the tokenizer of " + modules.encoder(),
            longest,
            SequenceTokenizer.Truncation.LONGEST,
            0);
  }

  /** Opens a folder of {@link CrossEncoderModules}. */
  static EncoderPairs open(Path folder) {
    CrossEncoderModules modules = CrossEncoderModules.of(folder);
    Tokenizer tokenizer = ModelFolder.tokenizer(modules.encoder());
    TextEncoder network = EncoderFolder.open(modules.encoder());
    try {
      ModelFolder.requireFitting(
          folder, tokenizer.vocabularySize(), network.encoder().config().vocabularySize());
      return new EncoderPairs(tokenizer, modules, network);
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  @Override
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  @Override
  public int longest() {
    return longest;
  }

  @Override
  public Scores scores(List<String> first, List<String> second) {
    if (first.size() != 1 && first.size() != second.size()) {
      throw new IllegalArgumentException(first.size() + " texts with " + second.size());
    }
    List<String> one =
        IntStream.range(0, second.size())
            .mapToObj(i -> prepared(first.get(first.size() == 1 ? 0 : i)))
            .toList();
    List<TokenSequence> read = pairs.pairs(one, second.stream().map(this::prepared).toList());
    boolean typed = modules.typed() && network.encoder().config().types() > 1;
    Double[] scores = new Double[read.size()];
    try (NoGrad _ = NoGrad.open();
        Matmul.Float32ByOneDnn _ = Matmul.Float32ByOneDnn.open()) {
      EncoderPass.over(
          read.stream().map(TokenSequence::ids).toList(),
          typed ? read.stream().map(TokenSequence::types).toList() : null,
          pass -> score(pass, scores));
    }
    return new Scores(List.of(scores), read.stream().mapToInt(TokenSequence::length).sum());
  }

  private String prepared(String text) {
    return modules.lowerCase() ? text.toLowerCase(Locale.ROOT) : text;
  }

  private void score(EncoderPass pass, Double[] scores) {
    try (Scope _ = Scope.open()) {
      float[] logits = network.classified(pass.tokens()).contiguous().toFloats(); // (B, 1)
      for (int i = 0; i < logits.length; i++) {
        scores[pass.places().get(i)] = modules.activation().apply(logits[i]);
      }
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
