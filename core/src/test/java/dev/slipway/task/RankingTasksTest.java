package dev.slipway.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
import dev.slipway.data.SplitName;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.example.Splits;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.data.feature.Augmented;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.source.DropReason;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.model.factorisation.Factorisation;
import dev.slipway.model.factorisation.FactorisationConfig;
import dev.slipway.model.sequential.BasicLayer;
import dev.slipway.model.sequential.Sequential;
import dev.slipway.model.sequential.SequentialConfig;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.loss.Loss;
import dev.slipway.optim.Optimizer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class RankingTasksTest {
  private static final int USERS = 40;
  private static final int ITEMS = 30;

  private static MemoryExamples.Row rating(int user, int item, int rating) {
    return new MemoryExamples.Row(
        user + "-" + item,
        10,
        Map.of(
            "user", new Value.Text("u" + user),
            "item", new Value.Text("i" + item),
            "rating", new Value.Number(rating)));
  }

  /** Users like the third of the items that is theirs, and gave others one star. */
  private static TaskData taste(TaskConfig.Recommendation task) {
    SplittableRandom random = new SplittableRandom(3);
    List<MemoryExamples.Row> train = new ArrayList<>();
    List<MemoryExamples.Row> test = new ArrayList<>();
    for (int user = 0; user < USERS; user++) {
      for (int item = 0; item < ITEMS; item++) {
        boolean likes = user % 3 == item % 3;
        if (likes) {
          (random.nextInt(10) < 3 ? test : train).add(rating(user, item, 5));
        } else if (random.nextInt(10) == 0) {
          train.add(rating(user, item, 1));
        }
      }
    }
    test.add(rating(USERS + 5, 4, 5)); // a user of whom nothing is known
    test.add(rating(1, ITEMS + 5, 5)); // an item that training has not
    List<MemoryExamples.Row> all = new ArrayList<>(train);
    all.addAll(test);
    return TaskData.prepare(
        new MemoryExamples(
            List.of(
                new Field("user", Field.Kind.TEXT),
                new Field("item", Field.Kind.TEXT),
                new Field("rating", Field.Kind.NUMBER)),
            all),
        new Splits(
            IntStream.range(0, train.size()).toArray(),
            new int[0],
            IntStream.range(train.size(), all.size()).toArray(),
            List.of()),
        Auto.auto(),
        Augmented.NOT,
        task);
  }

  private static TaskConfig.Recommendation config(Auto<Loss> loss) {
    return new TaskConfig.Recommendation(
        "user", "item", Optional.of(new TaskConfig.Liked("rating", 4)), 5, List.of(5, 10), loss);
  }

  private static Factorisation network(TaskData data) {
    FactorisationConfig config =
        Factorisation.config(new FactorisationConfig.Size(8, 0.1), data.inputs());
    ParameterSet parameters = ParameterSet.allocate(config.parameters());
    parameters.initialise(5);
    return new Factorisation(config, data.inputs(), parameters);
  }

  private static void train(ExampleObjective objective, int steps, double rate) {
    try (Optimizer optimizer = OptimizerConfig.Adam.of(rate).bind(objective.parameters())) {
      for (int step = 0; step < steps; step++) {
        objective.parameters().flatGradients().zeroInPlace();
        objective.forwardBackward(step, 1.0 / objective.targetCount(step));
        optimizer.step(step, 1, 1);
      }
    }
  }

  @Test
  void whatIsRecommendedIsLikedAndNotKnown() {
    for (Auto<Loss> loss : List.of(Auto.<Loss>auto(), Auto.<Loss>of(Loss.CrossEntropy.PLAIN))) {
      TaskData data = taste(config(loss));
      Recommendation task = (Recommendation) data.task().task();
      try (Scope _ = Scope.open();
          Factorisation network = network(data);
          ExampleObjective objective =
              new ExampleObjective(
                  network,
                  data.task(),
                  data.training(32, 1),
                  null,
                  ExampleObjective.Options.PLAIN)) {
        train(objective, 300, 0.02);
        Evaluation evaluation =
            Evaluation.of(
                network,
                data.finished(),
                data.task().criterion(),
                data.inOrder(SplitName.TEST, 16).orElseThrow(),
                Long.MAX_VALUE);
        Predictions.Recommended told = (Predictions.Recommended) evaluation.predictions();
        assertThat(evaluation.losses()).hasSize(told.users().size());
        assertThat(told.users()).doesNotHaveDuplicates().contains("u" + (USERS + 5));
        for (int user = 0; user < told.users().size(); user++) {
          int[] known = task.takenBy(told.users().get(user));
          Set<String> left = new HashSet<>(told.told().get(user));
          if (known != null) {
            assertThat(Arrays.stream(known).mapToObj(task.items()::get)).noneMatch(left::contains);
            assertThat(left).hasSize(task.items().size() - known.length);
          }
        }
        MetricReport report = told.reports(1).firstEntry().getValue();
        assertThat(report.value("hit-rate@5")).isGreaterThan(0.9);
        assertThat(report.value("ndcg@5")).isGreaterThan(0.8);
      }
    }
  }

  @Test
  void anUnknownUserIsToldWhatIsPopularAndSo() {
    TaskData data = taste(config(Auto.auto()));
    Task task = data.finished();
    Task again = Json.MAPPER.readValue(Json.write(task), Task.class);
    assertThat(Json.write(again)).isEqualTo(Json.write(task));
    try (Scope _ = Scope.open();
        Predictor predictor = new Predictor(network(data), data.features(), again)) {
      ObjectNode known = predictor.read(Json.parse("{\"user\": \"u1\"}", "test")).answer(3);
      assertThat(known.path("by").asString()).isEqualTo("model");
      assertThat(known.path("items")).hasSize(3);
      ObjectNode unknown = predictor.read(Json.parse("{\"user\": \"new\"}", "test")).answer(2);
      assertThat(unknown.path("by").asString()).isEqualTo("popularity");
      int[] likes = ((Recommendation) again).likes();
      int most = Arrays.stream(likes).max().orElseThrow();
      String first = unknown.path("items").path(0).path("item").asString();
      assertThat(likes[((Recommendation) again).items().indexOf(first)]).isEqualTo(most);
      assertThat(unknown.path("items").path(0).path("score").asDouble())
          .isEqualTo((double) most / USERS);
      assertThat(predictor.card().path("example").path("user").asString()).isNotEmpty();
    }
  }

  @Test
  void whatIsDrawnIsAFunctionOfSeedEpochAndExample() {
    TaskData data = taste(config(Auto.auto()));
    Recommendation task = (Recommendation) data.task().task();
    var candidates = Objects.requireNonNull(data.encoded().inputs().get(Factorisation.CANDIDATES));
    int[] members = data.members(SplitName.TRAIN);
    int[] pair = {members[7], members[3]};
    int[] one = {members[3]};
    Values.Ids both =
        (Values.Ids)
            candidates.gather(pair, new Draw[] {new Draw(1, 2, pair[0]), new Draw(1, 2, pair[1])});
    Values.Ids alone = (Values.Ids) candidates.gather(one, new Draw[] {new Draw(1, 2, one[0])});
    Values.Ids later = (Values.Ids) candidates.gather(one, new Draw[] {new Draw(1, 3, one[0])});
    assertThat(alone.values()).isEqualTo(Arrays.copyOfRange(both.values(), 6, 12));
    assertThat(later.values()).isNotEqualTo(alone.values());
    assertThat(later.values()[0]).isEqualTo(alone.values()[0]);
    for (int member : members) {
      int[] drawn =
          ((Values.Ids) candidates.gather(new int[] {member}, new Draw[] {new Draw(4, 0, member)}))
              .values();
      String user = ((Value.Text) data.examples().value(member, "user")).text();
      int[] known = Objects.requireNonNull(task.takenBy(user));
      assertThat(Arrays.stream(drawn).skip(1))
          .noneMatch(item -> Arrays.binarySearch(known, item) >= 0);
    }
  }

  @Test
  void theBestAreThoseOfAWholeSort() {
    SplittableRandom random = new SplittableRandom(2);
    for (int round = 0; round < 50; round++) {
      double[] scores =
          random.ints(20 + random.nextInt(400), 0, 60).mapToDouble(i -> i / 7.0).toArray();
      int[] known = IntStream.range(0, scores.length).filter(i -> random.nextInt(4) == 0).toArray();
      Answer.Recommended told = Recommendation.best(scores, known, false);
      int[] sorted =
          IntStream.range(0, scores.length)
              .filter(i -> Arrays.binarySearch(known, i) < 0)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -scores[i]))
              .limit(Recommendation.MOST)
              .mapToInt(Integer::intValue)
              .toArray();
      assertThat(told.items()).isEqualTo(sorted);
    }
  }

  @Test
  void whatWasDislikedIsLeftOutWithAReason() {
    TaskData data = taste(config(Auto.auto()));
    assertThat(data.dropped().values())
        .extracting(dropped -> dropped.reason())
        .contains(DropReason.NOT_LIKED, DropReason.LABEL_UNKNOWN);
    for (int member : data.members(SplitName.TRAIN)) {
      assertThat(data.examples().value(member, "rating")).isEqualTo(new Value.Number(5));
    }
    assertThatThrownBy(
            () ->
                taste(
                    new TaskConfig.Recommendation(
                        "user",
                        "item",
                        Optional.of(new TaskConfig.Liked("rating", 6)),
                        5,
                        List.of(5),
                        Auto.auto())))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("task.no-target"));
  }

  /** Relevance follows from two features; a third one tells the queries apart and misleads. */
  private static TaskData documents(Auto<Loss> loss) {
    SplittableRandom random = new SplittableRandom(9);
    List<MemoryExamples.Row> rows = new ArrayList<>();
    for (int query = 0; query < 60; query++) {
      double level = random.nextDouble() * 20;
      for (int document = 0; document < 4 + query % 5; document++) {
        double a = random.nextDouble();
        double b = random.nextDouble();
        rows.add(
            new MemoryExamples.Row(
                query + "/" + document,
                10,
                Map.of(
                    "query", new Value.Text("q" + query),
                    "a", new Value.Number(a + level),
                    "b", new Value.Number(b),
                    "level", new Value.Number(level),
                    "relevance", new Value.Number(Math.floor(3 * (a + b) / 2)))));
      }
    }
    int half = rows.size() / 2;
    while (!rows.get(half).id().endsWith("/0")) {
      half++;
    }
    return TaskData.prepare(
        new MemoryExamples(
            List.of(
                new Field("query", Field.Kind.TEXT),
                new Field("a", Field.Kind.NUMBER),
                new Field("b", Field.Kind.NUMBER),
                new Field("level", Field.Kind.NUMBER),
                new Field("relevance", Field.Kind.NUMBER)),
            rows),
        new Splits(
            IntStream.range(0, half).toArray(),
            new int[0],
            IntStream.range(half, rows.size()).toArray(),
            List.of()),
        Auto.of(List.of(FeatureConfig.Numbers.of(List.of("a", "b", "level")))),
        Augmented.NOT,
        new TaskConfig.Ranking("relevance", "query", List.of(3), loss));
  }

  @Test
  void theOrderOfAQuerysDocumentsIsLearnt() {
    for (Loss loss : List.of(new Loss.LambdaRank(), new Loss.ListNet())) {
      TaskData data = documents(Auto.of(loss));
      try (Scope _ = Scope.open();
          Sequential network =
              Sequential.create(
                  SequentialConfig.of(
                      data.inputs(), List.of(new BasicLayer.Dense(1, Optional.empty(), true))),
                  4);
          ExampleObjective objective =
              new ExampleObjective(
                  network,
                  data.task(),
                  data.training(8, 1),
                  null,
                  ExampleObjective.Options.PLAIN)) {
        double before = judged(data, network).value("ndcg@3");
        train(objective, 400, 0.02);
        MetricReport after = judged(data, network);
        assertThat(after.value("ndcg@3")).isGreaterThan(0.9).isGreaterThan(before);
        assertThat(after.task()).isEqualTo("ranking");
      }
    }
  }

  private static MetricReport judged(TaskData data, Sequential network) {
    Evaluation evaluation =
        Evaluation.of(
            network,
            data.task().task(),
            data.task().criterion(),
            data.inOrder(SplitName.TEST, 4).orElseThrow(),
            Long.MAX_VALUE);
    Predictions.Rankings lists = (Predictions.Rankings) evaluation.predictions();
    assertThat(lists.queries()).doesNotHaveDuplicates();
    assertThat(evaluation.losses()).hasSize(lists.queries().size());
    double[] flat = new double[data.judged().length];
    for (int query = 0; query < lists.rows().length; query++) {
      for (int i = 0; i < lists.rows()[query].length; i++) {
        flat[lists.rows()[query][i]] = lists.scores()[query][i];
      }
    }
    assertThat(lists.scored(flat).scores()).isEqualTo(lists.scores());
    return lists.reports(1).firstEntry().getValue();
  }

  @Test
  void aBatchHoldsWholeQueries() {
    TaskData data = documents(Auto.auto());
    ExampleBatches batches = data.training(8, 1);
    int[] queries = ((Ranking) data.task().task()).queries(data.examples());
    Set<Integer> seen = new HashSet<>();
    int count = 0;
    for (long index = 0; index < batches.batchesPerEpoch(); index++) {
      int[] examples = batches.examples(index);
      Set<Integer> own = new HashSet<>();
      Arrays.stream(examples).forEach(i -> own.add(queries[i]));
      assertThat(own).hasSizeLessThanOrEqualTo(8).noneMatch(seen::contains);
      seen.addAll(own);
      count += examples.length;
      assertThat(batches.rows(index)).isEqualTo(examples.length);
    }
    assertThat(count).isEqualTo(data.members(SplitName.TRAIN).length).isEqualTo(batches.size());
    assertThat(batches.examples(0)).isNotEqualTo(batches.examples(batches.batchesPerEpoch()));
    assertThat(batches.timesSeen(2 * batches.batchesPerEpoch())[batches.examples(0)[0]])
        .isEqualTo(2);
  }
}
