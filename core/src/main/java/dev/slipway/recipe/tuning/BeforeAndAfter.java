package dev.slipway.recipe.tuning;

import dev.slipway.eval.compare.Comparison;
import dev.slipway.eval.compare.Retention;
import dev.slipway.eval.metric.DocumentScore;
import dev.slipway.eval.metric.LanguageModelMetrics;
import dev.slipway.eval.yardstick.Yardstick;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.NetworkDecoder;
import dev.slipway.infer.evaluate.Asking;
import dev.slipway.infer.evaluate.EvalTask;
import dev.slipway.infer.evaluate.Evaluator;
import dev.slipway.infer.evaluate.TaskResult;
import dev.slipway.model.CausalAutograd;
import dev.slipway.model.Execution;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.run.Evaluation;
import dev.slipway.recipe.run.Phase;
import dev.slipway.recipe.run.Phases;
import dev.slipway.recipe.run.RunEvent;
import dev.slipway.tensor.DType;
import dev.slipway.tune.TunedDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.DoubleConsumer;

/**
 * Measures a tuned model and the one that it began as on the same test split, and both on text that
 * neither was tuned for.
 */
final class BeforeAndAfter {
  /** The yardstick that is the base model. */
  static final String BEFORE = "the model before tuning";

  private final Recipe recipe;
  private final BaseModel base;
  private final Phases phases;

  BeforeAndAfter(Recipe recipe, BaseModel base, Phases phases) {
    this.recipe = recipe;
    this.base = base;
    this.phases = phases;
  }

  /** One score for each thing of the test split. */
  @FunctionalInterface
  interface TestSplit {
    List<DocumentScore> score(Execution execution, DoubleConsumer progress);
  }

  /**
   * @param rows sequences at a time
   */
  Evaluation of(TunedDecoder model, int rows, TestSplit test) {
    RetainedText text =
        RetainedText.open(
            base,
            recipe
                .evaluation(EvaluateSettings.Retention.class)
                .orElse(EvaluateSettings.Retention.USUAL));
    List<EvalTask> tasks = tasks();
    Execution tuned = model.execution();
    List<DocumentScore> after = test.score(tuned, progress("test split"));
    List<DocumentScore> kept = text.score(tuned, base, rows, progress("text not tuned for"));
    List<TaskResult> solved = solved(tasks, model.network(), "");
    DType type = model.network().computeType();
    long start = System.nanoTime();
    try (PretrainedDecoder untuned = PretrainedDecoder.open(base.folder(), type);
        Execution execution = new CausalAutograd(untuned.network(), type, null, false)) {
      LanguageModelMetrics before =
          LanguageModelMetrics.of(
              test.score(execution, progress("test split, by the model before tuning")),
              recipe.seed());
      double seconds = (System.nanoTime() - start) / 1e9;
      List<DocumentScore> had =
          text.score(
              execution, base, rows, progress("text not tuned for, by the model before tuning"));
      List<Retention> retention = new ArrayList<>();
      retention.add(Retention.ofText(text.name(), had, kept, recipe.seed()));
      List<TaskResult> were = solved(tasks, untuned.network(), ", by the model before tuning");
      for (int i = 0; i < tasks.size(); i++) {
        List<Comparison> compared = were.get(i).against(solved.get(i));
        retention.add(
            Retention.of(
                tasks.get(i).name(),
                were.get(i).kind() == EvalTask.Kind.TEXT
                    ? compared.getLast()
                    : compared.getFirst()));
      }
      return new Evaluation(
          LanguageModelMetrics.of(after, recipe.seed()),
          List.of(
              new Yardstick(
                  BEFORE,
                  before.bitsPerByte().estimate(),
                  before.bitsPerByte(),
                  seconds,
                  "what it was trained on before",
                  base.name())),
          retention,
          new LinkedHashMap<>());
    }
  }

  private List<EvalTask> tasks() {
    List<EvalTask> tasks = new ArrayList<>();
    recipe
        .evaluation(EvaluateSettings.Tasks.class)
        .ifPresent(
            settings -> {
              for (String file : settings.files()) {
                EvalTask task = EvalTask.read(Path.of(file));
                tasks.add(
                    settings.limit().isAuto() ? task : task.withLimit(settings.limit().value()));
              }
            });
    return tasks;
  }

  /** What a network that stays open reaches on tasks. */
  private List<TaskResult> solved(List<EvalTask> tasks, DecoderNetwork network, String whose) {
    List<TaskResult> results = new ArrayList<>();
    if (tasks.isEmpty()) {
      return results;
    }
    try (LanguageModel model =
        LanguageModel.of(
            base.tokenizer(), base.ids(), () -> new NetworkDecoder(network, () -> {}))) {
      Evaluator evaluator = new Evaluator(model, base.folder(), Asking.PLAIN);
      for (EvalTask task : tasks) {
        results.add(evaluator.run(task, progress(task.name() + whose)));
      }
    }
    return results;
  }

  private DoubleConsumer progress(String what) {
    return done -> phases.tell(new RunEvent.PhaseProgress(Phase.EVALUATE, done, what));
  }
}
