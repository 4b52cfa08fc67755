package dev.slipway.recipe.examples;

import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.feature.Columns;
import dev.slipway.eval.measure.Metrics;
import dev.slipway.eval.report.TaskEvaluation;
import dev.slipway.eval.yardstick.ItemNeighbours;
import dev.slipway.eval.yardstick.RatingYardsticks;
import dev.slipway.task.Predictions;
import dev.slipway.task.Recommendation;
import dev.slipway.task.TaskData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** What is simple for recommendation, for the same users and without the same known items. */
final class RecommendedBeside {
  private final Recommendation task;
  private final Predictions.Recommended model;
  private final long seed;
  private final String saw;
  private final Map<String, int[]> liked = new HashMap<>();
  private final List<int[]> allLiked = new ArrayList<>();
  private final int[] interactions;

  /**
   * @param task as it is judged
   */
  RecommendedBeside(TaskData data, Recommendation task, Predictions.Recommended model, long seed) {
    this.task = task;
    this.model = model;
    this.seed = seed;
    Map<String, Integer> places = new HashMap<>();
    task.items().forEach(item -> places.put(item, places.size()));
    ExampleSet examples = data.examples();
    IntFunction<@Nullable String> users = Columns.words(examples, task.user());
    IntFunction<@Nullable String> items = Columns.words(examples, task.item());
    Map<String, TreeSet<Integer>> sets = new HashMap<>();
    List<Integer> all = new ArrayList<>();
    for (int example : data.members(SplitName.TRAIN)) {
      int item = places.getOrDefault(String.valueOf(items.apply(example)), 0);
      all.add(item);
      sets.computeIfAbsent(String.valueOf(users.apply(example)), _ -> new TreeSet<>()).add(item);
    }
    sets.forEach(
        (user, set) -> liked.put(user, set.stream().mapToInt(Integer::intValue).toArray()));
    allLiked.addAll(liked.values());
    interactions = all.stream().mapToInt(Integer::intValue).toArray();
    saw = String.format(Locale.ROOT, "%,d training examples", interactions.length);
  }

  /**
   * Popularity and neighbours of items.
   *
   * @param deciding the metric that is shown
   * @param notes is told what could not be computed
   */
  List<TaskEvaluation.Beside> all(String deciding, List<String> notes) {
    List<TaskEvaluation.Beside> beside = new ArrayList<>();
    long start = System.nanoTime();
    double[] popular = RatingYardsticks.popularity(interactions, task.items().size());
    beside.add(beside("popularity", _ -> popular, start, "needs no user", deciding));
    long begun = System.nanoTime();
    Optional<ItemNeighbours> neighbours = ItemNeighbours.of(allLiked, task.items().size());
    if (neighbours.isPresent()) {
      int[] none = {};
      beside.add(
          beside(
              "neighbours of items",
              user -> neighbours.get().scores(liked.getOrDefault(model.users().get(user), none)),
              begun,
              "Deshpande and Karypis 2004",
              deciding));
    } else {
      notes.add("No neighbours of items: there are too many pairs to count.");
    }
    return beside;
  }

  private TaskEvaluation.Beside beside(
      String name, IntFunction<double[]> scores, long start, String source, String deciding) {
    List<List<String>> told = task.told(model.users(), scores);
    return TaskEvaluation.Beside.of(
        new dev.slipway.eval.yardstick.Predictions(
            name, new double[0][], (System.nanoTime() - start) / 1e9, saw, source),
        Metrics.recommendation(model.truth(), told, model.cuts(), seed),
        deciding);
  }
}
