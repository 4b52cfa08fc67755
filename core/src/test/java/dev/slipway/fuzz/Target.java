package dev.slipway.fuzz;

import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.gguf.GgufModel;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.tensor.Scope;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import dev.slipway.weights.SafeTensors;
import dev.slipway.weights.WeightSource;
import java.io.IOException;
import java.nio.file.Path;

/** What is done with a file that anybody may have made. */
enum Target {
  SAFETENSORS("floats.safetensors", "others.safetensors") {
    @Override
    long open(Path file) {
      try (SafeTensors weights = SafeTensors.open(file)) {
        return read(weights);
      }
    }
  },
  GGUF("llama.gguf", "vocabulary.gguf") {
    @Override
    long open(Path file) {
      long seen = 0;
      try {
        seen += use(GgufModel.tokenizer(file));
      } catch (dev.slipway.base.SlipwayException e) {
        seen++; // the model may be sound where the tokenizer is not
      }
      GgufModel model = GgufModel.open(file);
      seen += model.generationConfig().size() + model.specialTokens().hashCode() % 2;
      if (model.hasChatTemplates()) {
        seen += model.chatTemplates().hashCode() % 2;
      }
      try (WeightSource weights = model.openWeights()) {
        seen += read(weights);
      }
      DecoderConfig config = PretrainedDecoder.config(file);
      return seen + config.shape().layers();
    }
  },
  TOKENIZER("byte-level.json", "byte-fallback.json", "word-piece.json", "unigram.json") {
    @Override
    long open(Path file) throws IOException {
      return use(Tokenizers.open(file));
    }
  };

  private static final String TEXT = "the ship, über die Helling ▁ <tool> 船 a\u0000b\n  A";

  private final String[] seeds;

  Target(String... seeds) {
    this.seeds = seeds;
  }

  String[] seeds() {
    return seeds.clone();
  }

  String folder() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * Opens a file and uses what is in it, to the last byte.
   *
   * @throws dev.slipway.base.SlipwayException where the file is refused; anything else is a bug
   */
  abstract long open(Path file) throws IOException;

  private static long read(WeightSource weights) {
    long seen = 0;
    for (String name : weights.names()) {
      try (Scope _ = Scope.open()) {
        seen += weights.tensor(name).contiguous().copy().numel();
      }
    }
    return seen;
  }

  private static long use(Tokenizer tokenizer) {
    int[] ids = tokenizer.encode(TEXT);
    return ids.length + tokenizer.decode(ids, false).length();
  }
}
