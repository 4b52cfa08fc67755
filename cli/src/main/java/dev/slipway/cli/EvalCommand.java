package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.display.Units;
import dev.slipway.cli.input.RecordTexts;
import dev.slipway.data.SplitName;
import dev.slipway.data.TokenShards;
import dev.slipway.data.source.RecordReader;
import dev.slipway.data.source.Source;
import dev.slipway.eval.metric.DocumentScore;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.LanguageModelMetrics;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.evaluate.Asking;
import dev.slipway.infer.evaluate.Evaluator;
import dev.slipway.model.Execution;
import dev.slipway.model.gpt.GptFolder;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedPath;
import dev.slipway.recipe.TrainSettings.ExecutionKind;
import dev.slipway.recipe.run.HeldOut;
import dev.slipway.recipe.run.Networks;
import dev.slipway.recipe.run.RunPaths;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description =
        "Perplexity, bits per byte and next-token accuracy with 95 %% intervals: on a run's test split, or on any text; accuracy and exact match on tasks.")
final class EvalCommand implements Callable<Integer> {
  private static final int ROWS = 8;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MODEL|RUN", description = "A model folder, a run or a GGUF file.")
  private Path model = Path.of("");

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "A folder, zip, jsonl, Parquet or text to measure on; without it, the run's test split.")
  private @Nullable Path data;

  @ArgGroup(exclusive = false, heading = "%nTasks:%n")
  private TaskOptions tasks = new TaskOptions();

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    Display display = Display.standard();
    if (tasks.asked()) {
      if (data != null) {
        throw new ParameterException(
            spec.commandLine(), "--data and --tasks came together; measure one after the other");
      }
      tasks.run(model, output, display);
      return 0;
    }
    Path folder = PretrainedPath.whole(model);
    display.phase("evaluate");
    Tokenizer tokenizer = ModelFolder.tokenizer(folder);
    List<DocumentScore> scores =
        data != null && !isOwn(folder, tokenizer)
            ? publishedTexts(folder, data, display)
            : ownLayout(folder, tokenizer, display);
    LanguageModelMetrics metrics = LanguageModelMetrics.of(scores, 1337);
    display.done(
        Units.whole(metrics.documents())
            + " documents, "
            + Units.whole(metrics.tokens())
            + " tokens");
    output.print(
        Json.tree(metrics),
        () ->
            line("bits per byte", metrics.bitsPerByte(), 1)
                + line("perplexity", metrics.perplexity(), 1)
                + line("next token right, %", metrics.accuracy(), 100));
    return 0;
  }

  /** Whether its documents begin as Slipway's do: Qwen2 has the same token, and another network. */
  private static boolean isOwn(Path folder, Tokenizer tokenizer) {
    return tokenizer.id(BpeConfig.END_OF_TEXT) >= 0 && GptFolder.is(folder);
  }

  private List<DocumentScore> ownLayout(Path folder, Tokenizer tokenizer, Display display) {
    GptFolder opened = GptFolder.openTrainable(folder);
    try (var parameters = opened.parameters();
        Execution execution =
            Networks.execution(
                ExecutionKind.KERNELS, opened.config(), parameters, DType.FLOAT32, false)) {
      execution.parametersChanged();
      return data == null
          ? testSplit(execution, opened, display)
          : texts(execution, opened, tokenizer, data, display);
    }
  }

  /** Of a model whose documents don't begin as Slipway's do: windows as the harness has them. */
  private static List<DocumentScore> publishedTexts(Path folder, Path data, Display display) {
    List<String> texts = new ArrayList<>();
    try (RecordReader reader = Source.detect(data).open()) {
      RecordTexts records = new RecordTexts(reader, data.toString());
      while (records.hasNext()) {
        texts.add(records.next());
      }
      tellPassedOver(records, display);
    }
    try (LanguageModel opened = LanguageModel.open(folder)) {
      return new Evaluator(opened, folder, Asking.PLAIN)
          .documents(texts, done -> display.progress(Display.bar(done)));
    }
  }

  private List<DocumentScore> testSplit(Execution execution, GptFolder opened, Display display) {
    RunPaths run = new RunPaths(model);
    if (!Files.isDirectory(run.tokens())) {
      throw new ParameterException(
          spec.commandLine(),
          model + " is no run with a test split of its own; name a text with --data");
    }
    try (TokenShards shards = TokenShards.open(run.tokens())) {
      return HeldOut.score(
          execution,
          shards.shard(SplitName.TEST),
          opened.config().context(),
          ROWS,
          done -> display.progress(Display.bar(done)));
    }
  }

  private static List<DocumentScore> texts(
      Execution execution, GptFolder opened, Tokenizer tokenizer, Path data, Display display) {
    List<DocumentScore> scores = new ArrayList<>();
    try (RecordReader reader = Source.detect(data).open()) {
      RecordTexts texts = new RecordTexts(reader, data.toString());
      while (texts.hasNext()) {
        String text = texts.next();
        scores.add(
            HeldOut.score(
                execution,
                tokenizer,
                "document-" + scores.size(),
                text,
                opened.config().context(),
                ROWS));
        display.progress(Units.whole(scores.size()) + " documents");
      }
      tellPassedOver(texts, display);
    }
    return scores;
  }

  private static void tellPassedOver(RecordTexts texts, Display display) {
    if (texts.passedOver() > 0) {
      display.warn(
          Units.whole(texts.passedOver()) + " records are no UTF-8 text and were passed over");
    }
  }

  private static String line(String name, Interval interval, double factor) {
    return String.format(
        Locale.ROOT,
        "%-20s %8.4f   (95 %%: %.4f to %.4f)%n",
        name,
        factor * interval.estimate(),
        factor * interval.low(),
        factor * interval.high());
  }
}
