package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.display.Units;
import dev.slipway.cli.input.RecordTexts;
import dev.slipway.data.source.RecordReader;
import dev.slipway.data.source.Source;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTokenizer;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.BpeTrainingListener;
import dev.slipway.tokenizer.Tokenizers;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "tokenizer",
    mixinStandardHelpOptions = true,
    description = "Trains tokenizers.",
    subcommands = TokenizerCommand.Train.class)
final class TokenizerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Missing subcommand: train");
  }

  @Command(
      name = "train",
      mixinStandardHelpOptions = true,
      description =
          "Trains a byte-level BPE on a folder, zip, jsonl, Parquet or text, and writes tokenizer.json.")
  static final class Train implements Callable<Integer> {
    @Option(
        names = "--source",
        required = true,
        paramLabel = "PATH",
        description = "What to learn from.")
    private Path source = Path.of("");

    @Option(
        names = "--vocabulary",
        defaultValue = "4096",
        paramLabel = "N",
        description = "How many tokens, at least 257 (default: ${DEFAULT-VALUE}).")
    private int vocabulary;

    @Option(
        names = "--minimum-frequency",
        defaultValue = "2",
        paramLabel = "N",
        description = "How often a pair must be there to be merged (default: ${DEFAULT-VALUE}).")
    private long minimumFrequency;

    @Option(
        names = "--special",
        paramLabel = "TOKEN",
        description =
            "Special tokens, the first one begins each document (default: <|endoftext|>).")
    private List<String> special = List.of(BpeConfig.END_OF_TEXT);

    @Option(
        names = "--out",
        required = true,
        paramLabel = "DIR",
        description = "The folder to write to.")
    private Path out = Path.of("");

    @Mixin private Output output = new Output();

    @Override
    public Integer call() {
      BpeConfig config;
      try {
        config = new BpeConfig(vocabulary, minimumFrequency, special);
      } catch (IllegalArgumentException e) {
        throw new SlipwayException(
            Exit.USAGE,
            "tokenizer.settings",
            String.valueOf(e.getMessage()),
            "see `slipway tokenizer train --help`",
            e);
      }
      Display display = Display.standard();
      display.phase("tokenizer");
      BpeTokenizer tokenizer;
      try (RecordReader reader = Source.detect(source).open()) {
        tokenizer =
            BpeTrainer.train(
                new RecordTexts(reader, source.toString()),
                config,
                Runtime.getRuntime().availableProcessors(),
                listener(display));
      }
      Tokenizers.write(tokenizer, out, Integer.MAX_VALUE);
      display.done(
          Units.whole(tokenizer.vocabularySize()) + " tokens → " + out.resolve("tokenizer.json"));
      output.print(
          Json.object()
              .put("tokenizer", out.resolve("tokenizer.json").toString())
              .put("vocabulary", tokenizer.vocabularySize())
              .put("fingerprint", tokenizer.fingerprint()),
          () -> "");
      return 0;
    }
  }

  /** Tells a display how far the training of a tokenizer is. */
  static BpeTrainingListener listener(Display display) {
    return new BpeTrainingListener() {
      @Override
      public void counting(long documents, long characters) {
        display.progress(
            "counted "
                + Units.whole(documents)
                + " documents, "
                + Units.count(characters)
                + " characters");
      }

      @Override
      public void merging(int tokens, int vocabularySize) {
        display.progress(
            Display.bar((double) tokens / vocabularySize)
                + "  "
                + Units.whole(tokens)
                + " of "
                + Units.whole(vocabularySize)
                + " tokens");
      }
    };
  }
}
