package dev.slipway.cli;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.cli.display.Display;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.display.Units;
import dev.slipway.cli.model.AdaptedModel;
import dev.slipway.cli.model.ModelPath;
import dev.slipway.eval.compare.Comparison;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.evaluate.Asking;
import dev.slipway.infer.evaluate.EvalTask;
import dev.slipway.infer.evaluate.Evaluator;
import dev.slipway.infer.evaluate.TaskResult;
import dev.slipway.tensor.DType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code slipway eval MODEL --tasks …}: a model on tasks, beside another one where asked for. */
final class TaskOptions {
  @Option(
      names = "--tasks",
      arity = "1..*",
      paramLabel = "FILE",
      description =
          "Tasks, each a YAML document with data, prompt, choices or answer: accuracy, exact match, likelihood and perplexity as lm-evaluation-harness gives them.")
  private List<Path> tasks = List.of();

  @Option(
      names = "--against",
      paramLabel = "MODEL",
      description = "Measure this one on the same items, and tell whether it is better.")
  private @Nullable Path against;

  @Option(names = "--limit", paramLabel = "N", description = "Only the first N items of each task.")
  private @Nullable Integer limit;

  @Option(names = "--chat", description = "Ask through the model's chat template.")
  private boolean chat;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "What stands before every prompt; in a conversation the system's message.")
  private @Nullable String system;

  @Option(
      names = "--shots-as-turns",
      description = "With --chat: solved examples are turns of the conversation.")
  private boolean turns;

  @Option(
      names = "--items",
      paramLabel = "FILE",
      description = "Write what each item came to, as JSON lines.")
  private @Nullable Path items;

  boolean asked() {
    return !tasks.isEmpty();
  }

  void run(Path model, Output output, Display display) {
    List<EvalTask> read = tasks.stream().map(this::read).toList();
    List<TaskResult> first = measure(model, read, display);
    List<TaskResult> second = against == null ? List.of() : measure(against, read, display);
    ObjectNode document = Json.object();
    document.put("model", model.toString());
    ArrayNode results = document.putArray("tasks");
    StringBuilder text = new StringBuilder();
    for (int t = 0; t < first.size(); t++) {
      ObjectNode json = first.get(t).json();
      text.append(lines(ModelPath.name(model), first.get(t)));
      if (against != null) {
        json.set("against", second.get(t).json());
        ArrayNode compared = json.putArray("comparisons");
        text.append(lines(ModelPath.name(against), second.get(t)));
        for (Comparison comparison : first.get(t).against(second.get(t))) {
          String[] names = names(model, against);
          compared.add(comparison.json(names[0], names[1]));
          text.append("  ").append(comparison.sentence(names[0], names[1])).append('\n');
        }
      }
      results.add(json);
    }
    if (against != null) {
      document.put("against", against.toString());
    }
    if (items != null) {
      write(items, first, second);
    }
    output.print(document, text::toString);
  }

  private EvalTask read(Path file) {
    EvalTask task = EvalTask.read(file);
    return limit == null ? task : task.withLimit(Math.max(1, limit));
  }

  private List<TaskResult> measure(Path model, List<EvalTask> read, Display display) {
    AdaptedModel named = AdaptedModel.of(model, null);
    Asking asking = new Asking(chat, Optional.ofNullable(system), turns);
    List<TaskResult> results = new ArrayList<>();
    try (LanguageModel opened = named.open(DType.FLOAT32)) {
      Evaluator evaluator = new Evaluator(opened, named.base(), asking);
      for (EvalTask task : read) {
        display.phase("evaluate " + task.name());
        TaskResult result = evaluator.run(task, done -> display.progress(Display.bar(done)));
        results.add(result);
        display.done(
            ModelPath.name(model)
                + ": "
                + Units.whole(result.scores().size())
                + " items in "
                + String.format(Locale.ROOT, "%.1f s", result.seconds()));
      }
    }
    return results;
  }

  /** Both models by the shortest names that differ. */
  private static String[] names(Path first, Path second) {
    String[] names = {ModelPath.name(first), ModelPath.name(second)};
    return names[0].equals(names[1]) ? new String[] {first.toString(), second.toString()} : names;
  }

  private static String lines(String model, TaskResult result) {
    StringBuilder lines = new StringBuilder();
    for (TaskResult.Figure figure : result.figures()) {
      lines.append(
          String.format(
              Locale.ROOT,
              "%-24s %-20s %-16s %9.4f   (95 %%: %.4f to %.4f)   n %,d%n",
              result.task(),
              model,
              figure.metric().label(),
              figure.interval().estimate(),
              figure.interval().low(),
              figure.interval().high(),
              result.scores().size()));
    }
    return lines.toString();
  }

  private void write(Path file, List<TaskResult> first, List<TaskResult> second) {
    StringBuilder lines = new StringBuilder();
    for (int t = 0; t < first.size(); t++) {
      for (int i = 0; i < first.get(t).scores().size(); i++) {
        ObjectNode line = first.get(t).json(i);
        if (!second.isEmpty()) {
          line.set("against", second.get(t).json(i));
        }
        lines.append(Json.line(line)).append('\n');
      }
    }
    AtomicFiles.write(file, lines.toString());
  }
}
