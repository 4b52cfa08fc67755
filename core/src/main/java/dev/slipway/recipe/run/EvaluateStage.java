package dev.slipway.recipe.run;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.data.Documents;
import dev.slipway.data.SplitName;
import dev.slipway.data.TokenShards;
import dev.slipway.eval.metric.LanguageModelMetrics;
import dev.slipway.eval.yardstick.Yardstick;
import dev.slipway.eval.yardstick.Yardsticks;
import dev.slipway.model.Execution;
import dev.slipway.plan.StageRates;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Measures the finished model on the test split, and cheap yardsticks on the same documents. */
public final class EvaluateStage {
  private final RunPaths paths;
  private final long seed;
  private final Phases phases;

  public EvaluateStage(RunPaths paths, long seed, Phases phases) {
    this.paths = paths;
    this.seed = seed;
    this.phases = phases;
  }

  /**
   * Measures a model on its documents' test split.
   *
   * @param yardsticks whether the cheap ones are measured
   */
  public Evaluation run(
      Execution execution,
      TokenShards shards,
      Documents documents,
      int context,
      int rows,
      boolean yardsticks,
      Duration budget) {
    return judged(
        () ->
            new Evaluation(
                LanguageModelMetrics.of(
                    HeldOut.score(
                        execution,
                        shards.shard(SplitName.TEST),
                        context,
                        rows,
                        done ->
                            phases.tell(
                                new RunEvent.PhaseProgress(Phase.EVALUATE, done, "test split"))),
                    seed),
                yardsticks ? yardsticks(documents, budget) : List.of()));
  }

  /** The evaluation that is there, or this one, which is then put there. */
  public Evaluation judged(Supplier<Evaluation> work) {
    return phases.run(
        Phase.EVALUATE,
        Files.exists(paths.evaluation()),
        there -> {
          if (there) {
            return Json.read(paths.evaluation(), Evaluation.class);
          }
          Evaluation evaluation = work.get();
          AtomicFiles.write(paths.evaluation(), Json.write(evaluation));
          return evaluation;
        },
        evaluation -> {
          LanguageModelMetrics metrics = evaluation.metrics();
          return String.format(
              Locale.ROOT,
              "%.3f bits per byte (95 %%: %.3f to %.3f), perplexity %.2f, next token right %.1f %%",
              metrics.bitsPerByte().estimate(),
              metrics.bitsPerByte().low(),
              metrics.bitsPerByte().high(),
              metrics.perplexity().estimate(),
              100 * metrics.accuracy().estimate());
        });
  }

  /** What an n-gram model and xz reach on the test split. */
  public List<Yardstick> yardsticks(Documents documents, Duration budget) {
    phases.tell(
        new RunEvent.PhaseProgress(Phase.EVALUATE, Double.NaN, "yardsticks: n-gram model and xz"));
    return Yardsticks.all(
        bytes(documents.texts(SplitName.TRAIN)),
        bytes(documents.texts(SplitName.TEST)),
        seed,
        StageRates.xzTrainingBytes(budget.toMillis() / 1000.0),
        done -> {});
  }

  private static List<byte[]> bytes(Iterable<String> texts) {
    List<byte[]> bytes = new ArrayList<>();
    texts.forEach(text -> bytes.add(text.getBytes(StandardCharsets.UTF_8)));
    return bytes;
  }
}
