package dev.slipway.recipe.run;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
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
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Measures the finished model on the test split, and cheap yardsticks on the same documents. */
final class EvaluateStage {
  private final RunPaths paths;
  private final long seed;
  private final Phases phases;

  EvaluateStage(RunPaths paths, long seed, Phases phases) {
    this.paths = paths;
    this.seed = seed;
    this.phases = phases;
  }

  Evaluation run(
      Execution execution,
      TokenShards shards,
      Documents documents,
      int context,
      int rows,
      boolean yardsticks,
      Duration budget) {
    return phases.run(
        Phase.EVALUATE,
        Files.exists(paths.evaluation()),
        there -> {
          if (there) {
            return Json.read(paths.evaluation(), Evaluation.class);
          }
          LanguageModelMetrics metrics =
              LanguageModelMetrics.of(
                  HeldOut.score(
                      execution,
                      shards.shard(SplitName.TEST),
                      context,
                      rows,
                      done ->
                          phases.tell(
                              new RunEvent.PhaseProgress(Phase.EVALUATE, done, "test split"))),
                  seed);
          Evaluation evaluation =
              new Evaluation(metrics, yardsticks ? yardsticks(documents, budget) : List.of());
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

  /** Each on a thread of its own: they are single-threaded. */
  private List<Yardstick> yardsticks(Documents documents, Duration budget) {
    phases.tell(
        new RunEvent.PhaseProgress(Phase.EVALUATE, Double.NaN, "yardsticks: n-gram model and xz"));
    List<byte[]> training = bytes(documents.texts(SplitName.TRAIN));
    List<byte[]> heldOut = bytes(documents.texts(SplitName.TEST));
    long xzBytes = StageRates.xzTrainingBytes(budget.toMillis() / 1000.0);
    List<Callable<Yardstick>> tasks =
        List.of(
            () -> Yardsticks.ngram(training, heldOut, Yardsticks.NGRAM_ORDER, seed),
            () -> Yardsticks.xzGivenTraining(training, heldOut, xzBytes),
            () -> Yardsticks.xz(heldOut));
    try (ExecutorService threads =
        Executors.newFixedThreadPool(2, Thread.ofPlatform().name("yardstick-", 0).factory())) {
      List<Yardstick> results = new ArrayList<>();
      for (Future<Yardstick> future : threads.invokeAll(tasks)) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(
          Exit.INTERRUPTED,
          "run.interrupted",
          "the evaluation was interrupted",
          "go on with `slipway resume " + paths.root() + "`",
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("a yardstick failed", e.getCause());
    }
  }

  private static List<byte[]> bytes(Iterable<String> texts) {
    List<byte[]> bytes = new ArrayList<>();
    texts.forEach(text -> bytes.add(text.getBytes(StandardCharsets.UTF_8)));
    return bytes;
  }
}
