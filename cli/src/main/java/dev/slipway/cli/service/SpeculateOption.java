package dev.slipway.cli.service;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.batch.BatchNetwork;
import dev.slipway.infer.batch.BatchedModel;
import dev.slipway.infer.batch.Drafting;
import dev.slipway.infer.batch.ModelDrafting;
import dev.slipway.infer.batch.PromptLookup;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.model.pretrained.PretrainedPath;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What guesses tokens, so that several are verified in one pass; answers stay the same bytes. */
public final class SpeculateOption {
  /** Sequences of the smaller model's whole context that it remembers. */
  private static final int REMEMBERED = 16;

  private static final int LONGEST = 2048;

  private static final int GUESSES = 4;

  @Option(
      names = "--speculate",
      paramLabel = "ngram|MODEL",
      description =
          "Guess tokens and verify several at once: ngram guesses what followed the same words before, MODEL is a"
              + " smaller model of the same tokenizer. Answers stay the same bytes.")
  private @Nullable String by;

  boolean isAsked() {
    return by != null;
  }

  /** To be closed by whoever drafts with it, on the thread that opens it. */
  Drafting open(Supplier<Tokenizer> tokenizer, BatchedModel.Options options) {
    if (by == null) {
      return Drafting.NONE;
    }
    if (by.equals("ngram")) {
      return new PromptLookup(2, 4, 2 * GUESSES);
    }
    ModelFiles files = ModelFolder.at(PretrainedPath.folder(Path.of(by)));
    if (!files.tokenizer().fingerprint().equals(tokenizer.get().fingerprint())) {
      throw new SlipwayException(
          Exit.USAGE,
          "serve.speculate",
          by + " has another tokenizer, expected the served model's",
          "choose a smaller model of the same family, or ngram");
    }
    PretrainedDecoder opened = PretrainedDecoder.open(files, options.computeType());
    long tokens = (long) REMEMBERED * Math.min(LONGEST, opened.network().shape().context());
    BatchNetwork network =
        BatchedModel.network(opened.network(), options.withCacheTokens(tokens), opened::close);
    requireUncut(network, by);
    return new ModelDrafting(network, GUESSES);
  }

  /** Guesses are verified in one pass, which must give what single passes give. */
  static void requireUncut(BatchNetwork network, String name) {
    if (network.fixedPiece() > 0) {
      network.close();
      throw new SlipwayException(
          Exit.USAGE,
          "serve.speculate",
          name
              + " has parts whose results depend on how many tokens come at once, expected a model of Llama's form"
              + " without an adapter",
          "leave --speculate out");
    }
  }
}
