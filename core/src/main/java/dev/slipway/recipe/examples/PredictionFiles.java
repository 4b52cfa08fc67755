package dev.slipway.recipe.examples;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.prediction.PredictionColumns;
import dev.slipway.data.prediction.PredictionComparison;
import dev.slipway.data.prediction.PredictionTask;
import dev.slipway.eval.compare.Comparison;
import dev.slipway.model.Network;
import dev.slipway.recipe.TaskSettings;
import dev.slipway.task.Predictions;
import dev.slipway.task.TaskConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a run predicted of its test examples, one line an example: {@code predictions.jsonl}, or
 * {@code predictions-HEAD.jsonl} for each of several heads. {@code slipway metrics} reads them, and
 * two runs are compared by them.
 */
public final class PredictionFiles {
  private PredictionFiles() {}

  static void write(Path run, Predictions predictions, ExampleSet examples) {
    if (predictions instanceof Predictions.Several(int[] _, var byHead)) {
      byHead.forEach((head, one) -> AtomicFiles.write(file(run, head), lines(one, examples)));
    } else {
      AtomicFiles.write(file(run, Network.OUTPUT), lines(predictions, examples));
    }
  }

  /**
   * Whether the second of two runs is really better, by head, each with the figures that decide its
   * task; empty where the two do not have the same task, or either has no predictions.
   *
   * @throws dev.slipway.base.SlipwayException {@code eval.different-examples} where the two judged
   *     by other examples
   */
  public static SequencedMap<String, List<Comparison>> compare(
      Path first, TaskSettings firstTask, Path second, TaskSettings secondTask, long seed) {
    SequencedMap<String, List<Comparison>> found = new LinkedHashMap<>();
    if (firstTask instanceof TaskSettings.Examples(TaskConfig one)
        && secondTask instanceof TaskSettings.Examples(TaskConfig other)) {
      SequencedMap<String, PredictionTask> heads = heads(one);
      if (heads.equals(heads(other))) {
        heads.forEach(
            (head, task) -> {
              Path a = file(first, head);
              Path b = file(second, head);
              if (Files.exists(a) && Files.exists(b)) {
                found.put(
                    head,
                    PredictionComparison.of(a, b, task, PredictionColumns.ofRun(task), 0.5, seed));
              }
            });
      }
    }
    return found;
  }

  private static SequencedMap<String, PredictionTask> heads(TaskConfig config) {
    SequencedMap<String, PredictionTask> heads = new LinkedHashMap<>();
    switch (config) {
      case TaskConfig.MultiTask several ->
          several
              .heads()
              .forEach(head -> heads.put(head.name(), heads(head.task()).firstEntry().getValue()));
      case TaskConfig.Binary _ -> heads.put(Network.OUTPUT, PredictionTask.BINARY);
      case TaskConfig.MultiClass _ -> heads.put(Network.OUTPUT, PredictionTask.MULTI_CLASS);
      case TaskConfig.MultiLabel _ -> heads.put(Network.OUTPUT, PredictionTask.MULTI_LABEL);
      // Of retrieval the reciprocal place, whose mean distance from 1 is 1 - MRR.
      case TaskConfig.Regression _, TaskConfig.Contrastive _ ->
          heads.put(Network.OUTPUT, PredictionTask.REGRESSION);
      case TaskConfig.Tagging _ -> heads.put(Network.OUTPUT, PredictionTask.TAGGING);
      case TaskConfig.Recommendation _, TaskConfig.Ranking _ ->
          heads.put(Network.OUTPUT, PredictionTask.RANKING);
      case TaskConfig.Transcription _ -> heads.put(Network.OUTPUT, PredictionTask.TRANSCRIPTION);
      case TaskConfig.SequenceToSequence _, TaskConfig.SpanAnswering _ ->
          heads.put(Network.OUTPUT, PredictionTask.TEXT);
    }
    return heads;
  }

  private static Path file(Path run, String head) {
    return run.resolve(
        head.equals(Network.OUTPUT) ? "predictions.jsonl" : "predictions-" + head + ".jsonl");
  }

  private static String lines(Predictions predictions, ExampleSet examples) {
    StringBuilder lines = new StringBuilder();
    if (predictions instanceof Predictions.Recommended items) {
      recommended(items, lines);
      return lines.toString();
    }
    if (predictions instanceof Predictions.Rankings lists) {
      for (int query = 0; query < lists.queries().size(); query++) {
        for (int i = 0; i < lists.scores()[query].length; i++) {
          ObjectNode line = Json.object().put("group", lists.queries().get(query));
          line.put("truth", lists.relevance()[query][i]);
          lines.append(Json.line(line.put("prediction", lists.scores()[query][i]))).append('\n');
        }
      }
      return lines.toString();
    }
    int[] rows = predictions.examples();
    for (int i = 0; i < rows.length; i++) {
      ObjectNode line = Json.object().put("id", examples.id(rows[i]));
      fill(line, predictions, i);
      lines.append(Json.line(line)).append('\n');
    }
    return lines.toString();
  }

  /** What was told, by 1 / place, then what was liked and not told, by 0. */
  private static void recommended(Predictions.Recommended items, StringBuilder lines) {
    for (int user = 0; user < items.users().size(); user++) {
      Set<String> liked = new HashSet<>(items.truth().get(user));
      Set<String> all = new LinkedHashSet<>(items.told().get(user));
      int told = all.size();
      all.addAll(items.truth().get(user));
      int place = 0;
      for (String item : all) {
        place++;
        ObjectNode line = Json.object().put("group", items.users().get(user)).put("item", item);
        line.put("truth", liked.contains(item) ? 1 : 0);
        line.put("prediction", place <= told ? 1.0 / place : 0);
        lines.append(Json.line(line)).append('\n');
      }
    }
  }

  private static void fill(ObjectNode line, Predictions predictions, int i) {
    switch (predictions) {
      case Predictions.Binary(
              int[] _,
              List<String> classes,
              int[] truth,
              double[] positive,
              double threshold) -> {
        line.put("truth", classes.get(truth[i]));
        line.put("prediction", classes.get(positive[i] >= threshold ? 1 : 0));
        line.put(PredictionColumns.SCORE + classes.get(1), positive[i]);
      }
      case Predictions.MultiClass(
              int[] _,
              List<String> classes,
              int[] truth,
              double[][] probabilities) -> {
        line.put("truth", classes.get(truth[i]));
        line.put("prediction", classes.get(ExampleJudgement.largest(probabilities[i])));
        for (int c = 0; c < classes.size(); c++) {
          line.put(PredictionColumns.SCORE + classes.get(c), probabilities[i][c]);
        }
      }
      case Predictions.Numbers(int[] _, double[] truth, double[] predicted) -> {
        line.put("truth", truth[i]);
        line.put("prediction", predicted[i]);
      }
      case Predictions.MultiLabel labels -> {
        List<String> names = labels.labels();
        boolean[] marked = new boolean[names.size()];
        for (int l = 0; l < marked.length; l++) {
          marked[l] = labels.probabilities()[i][l] >= labels.thresholds()[l];
          line.put(PredictionColumns.SCORE + names.get(l), labels.probabilities()[i][l]);
        }
        line.set("truth", told(names, labels.truth()[i]));
        line.set("prediction", told(names, marked));
      }
      case Predictions.Tags tags -> {
        line.set("truth", Json.tree(tags.truth().get(i)));
        line.set("prediction", Json.tree(tags.predicted().get(i)));
      }
      case Predictions.Texts texts -> {
        line.set("truth", Json.tree(texts.references().get(i)));
        line.put("prediction", texts.told().get(i));
      }
      case Predictions.Spans texts -> {
        List<String> right = texts.right().get(i);
        line.set("truth", Json.tree(right.isEmpty() ? List.of("") : right));
        line.put("prediction", texts.told().get(i));
      }
      case Predictions.Retrieved places -> {
        line.put("truth", 1.0);
        line.put("prediction", 1.0 / places.ranks()[i]);
      }
      case Predictions.Transcripts texts -> {
        line.put("truth", texts.references().get(i));
        line.put("prediction", texts.told().get(i));
      }
      case Predictions.Recommended _, Predictions.Rankings _ ->
          throw new IllegalArgumentException("a list has several lines");
      case Predictions.Several _ ->
          throw new IllegalArgumentException("each head has lines of its own");
    }
  }

  private static ArrayNode told(List<String> labels, boolean[] marked) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < marked.length; i++) {
      if (marked[i]) {
        names.add(labels.get(i));
      }
    }
    return (ArrayNode) Json.tree(names);
  }
}
