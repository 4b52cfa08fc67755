package dev.slipway.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
import dev.slipway.data.Ledger;
import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.example.Splits;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.data.feature.Augmented;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.feature.Keep;
import dev.slipway.data.feature.Padding;
import dev.slipway.data.feature.Preprocessor;
import dev.slipway.data.feature.Words;
import dev.slipway.data.picture.PngWriter;
import dev.slipway.data.source.DropReason;
import dev.slipway.model.sequential.Activation;
import dev.slipway.model.sequential.BasicLayer;
import dev.slipway.model.sequential.Layer;
import dev.slipway.model.sequential.Sequential;
import dev.slipway.model.sequential.SequentialConfig;
import dev.slipway.model.sequential.ShapeLayer;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import dev.slipway.tensor.Scope;
import dev.slipway.train.CheckpointStore;
import dev.slipway.train.TrainConfig;
import dev.slipway.train.TrainEvent;
import dev.slipway.train.TrainResult;
import dev.slipway.train.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

class TaskDataTest {
  @TempDir Path folder;

  private static Splits splits(int train, int validation, int test) {
    return new Splits(
        IntStream.range(0, train).toArray(),
        IntStream.range(train, train + validation).toArray(),
        IntStream.range(train + validation, train + validation + test).toArray(),
        List.of());
  }

  private static TaskData prepared(ExampleSet set, Splits splits, TaskConfig task) {
    return TaskData.prepare(set, splits, Auto.auto(), Augmented.NOT, task);
  }

  private static TaskData points() {
    return TaskData.prepare(
        Synthetic.points(300),
        splits(200, 30, 70),
        Auto.of(List.of(FeatureConfig.Numbers.of(List.of("x", "y")))),
        Augmented.NOT,
        TaskConfig.Binary.of("sign"));
  }

  private static BasicLayer.Dense dense(int units, Activation activation) {
    return new BasicLayer.Dense(units, Optional.of(activation), true);
  }

  private static Sequential network(TaskData data, Layer... layers) {
    return Sequential.create(
        FinalActivation.folded(
            SequentialConfig.of(data.inputs(), List.of(layers)), data.task().task()),
        4);
  }

  private final List<TrainEvent> events = new ArrayList<>();

  private TrainResult train(
      ExampleObjective objective, long steps, String run, BooleanSupplier stop) {
    TrainConfig config =
        TrainConfig.of(7, steps, 32, OptimizerConfig.AdamW.of(2e-2, 0), new Schedule.Cosine(2, 0.1))
            .withEvaluation(10, 100, null)
            .withCheckpoints(Duration.ofDays(1), 2);
    try (CheckpointStore checkpoints = new CheckpointStore(folder.resolve(run), 2)) {
      return new Trainer(
              config, objective, checkpoints, List.of(events::add), stop, _ -> "use less")
          .run();
    }
  }

  @Test
  void fromRowsToAServedAnswer() {
    TaskData data = points();
    Path model = folder.resolve("model");
    Evaluation evaluation;
    try (Scope _ = Scope.open();
        Sequential network =
            network(data, dense(16, Activation.RELU), dense(1, Activation.SIGMOID));
        ExampleObjective objective =
            new ExampleObjective(
                network,
                data.task(),
                data.training(32, 1),
                data.inOrder(SplitName.VALIDATION, Predictor.ROWS).orElse(null),
                ExampleObjective.Options.PLAIN)) {
      // The last activation is the loss's and the task's, not the network's.
      assertThat(network.config().layers().getLast())
          .isEqualTo(new BasicLayer.Dense(1, Optional.empty(), true));
      train(objective, 60, "run", () -> false);
      List<TrainEvent.Evaluated> evaluated =
          events.stream()
              .filter(TrainEvent.Evaluated.class::isInstance)
              .map(TrainEvent.Evaluated.class::cast)
              .toList();
      assertThat(evaluated).hasSize(6);
      assertThat(evaluated.getLast().metrics().get("accuracy")).isGreaterThan(0.9);
      evaluation =
          Evaluation.of(
              network,
              data.task().task(),
              data.task().criterion(),
              data.inOrder(SplitName.TEST, Predictor.ROWS).orElseThrow(),
              Long.MAX_VALUE);
      TaskFolder.save(
          model, network, new Preprocessor(data.features()), data.task().task(), Map.of());
    }
    double accuracy = evaluation.predictions().reports(1).firstEntry().getValue().value("accuracy");
    assertThat(accuracy).isGreaterThan(0.9);
    assertThat(TaskFolder.is(model)).isTrue();
    try (Scope _ = Scope.open();
        Predictor predictor = Predictor.open(model)) {
      List<Answer> answers = predictor.predict(data.examples(), data.members(SplitName.TEST));
      assertThat(answers).hasSize(70);
      for (int i = 0; i < answers.size(); i++) {
        assertThat(((Answer.Classified) answers.get(i)).probabilities())
            .isEqualTo(((Answer.Classified) evaluation.answers().get(i)).probabilities());
      }
      ObjectNode answer =
          predictor.read(Json.parse("{\"x\": 0.9, \"y\": 0.8}", "request")).answer(2);
      assertThat(answer.path("label").asString()).isEqualTo("plus");
      assertThat(answer.path("probability").asDouble()).isBetween(0.5, 1.0);
      assertThat(answer.path("top").size()).isEqualTo(2);
      assertThat(predictor.card().path("task").asString()).isEqualTo("binary");
      assertThat(predictor.read(predictor.card().path("example")).answer(1).has("label")).isTrue();
      for (String number : new String[] {"0.8", " +1.", ".5", "-3e-2", "1E5"}) {
        var input = Json.parse("{\"x\": 1, \"y\": \"" + number + "\"}", "request");
        assertThat(predictor.read(input).answer(1).has("label")).isTrue();
      }
      for (String[] wrong :
          new String[][] {
            {
              "{\"x\": 1, \"y\": \"1" + "1".repeat(500_000) + "x\"}",
              "predict.field-type",
              "a number"
            },
            {"{\"x\": 1, \"yy\": 2}", "predict.field-missing", "write y in place of yy"},
            {"{\"x\": 1, \"y\": \"abc\"}", "predict.field-type", "y is \"abc\", expected a number"},
            {"{\"x\": 1, \"y\": 2, \"z\": 3}", "predict.field-unknown", "z"},
            {"[1, 2]", "predict.not-an-object", "array"},
          }) {
        assertThatThrownBy(() -> predictor.read(Json.parse(wrong[0], "request")))
            .isInstanceOfSatisfying(
                SlipwayException.class, e -> assertThat(e.code()).isEqualTo(wrong[1]))
            .hasMessageContaining(wrong[2]);
      }
      assertThatThrownBy(() -> predictor.read(new byte[] {1}))
          .hasMessageContaining("the model takes x, y");
    }
  }

  @Test
  void aRunThatWasStoppedEndsWithTheSameBytes() throws Exception {
    TaskData data = points();
    List<float[]> ends = new ArrayList<>();
    for (int stopAfter : new int[] {1000, 5, 17}) {
      String run = "stopped-" + stopAfter;
      AtomicInteger asked = new AtomicInteger();
      float[] end = new float[0];
      for (int attempt = 0; attempt < 2; attempt++) {
        boolean first = attempt == 0;
        try (Scope _ = Scope.open();
            ExampleObjective objective =
                new ExampleObjective(
                    new Perceptron(2, Map.of("output", 1), 9),
                    data.task(),
                    data.training(24, 1),
                    data.inOrder(SplitName.VALIDATION, 64).orElse(null),
                    new ExampleObjective.Options(
                        dev.slipway.tensor.DType.FLOAT32,
                        new dev.slipway.data.augment.Mixup(0.4),
                        3,
                        (layer, output) -> {},
                        Map.of()))) {
          train(objective, 30, run, () -> first && asked.getAndIncrement() >= stopAfter);
          float[] parameters = objective.parameters().flat().toFloats();
          end = java.util.Arrays.copyOf(parameters, parameters.length + 1);
          end[parameters.length] = objective.network().buffers().flat().toFloats()[0];
        }
      }
      ends.add(end);
    }
    assertThat(ends.get(1)).isEqualTo(ends.get(0));
    assertThat(ends.get(2)).isEqualTo(ends.get(0));
    assertThat(ends.get(0)[ends.get(0).length - 1]).isNotZero();
  }

  private static MemoryExamples table(String[][] rows) {
    List<MemoryExamples.Row> all = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      Map<String, Value> values = new LinkedHashMap<>();
      values.put("age", new Value.Number(Double.parseDouble(rows[i][0])));
      values.put(
          "town", rows[i][1].isEmpty() ? Value.Missing.INSTANCE : new Value.Text(rows[i][1]));
      values.put(
          "kind", rows[i][2].isEmpty() ? Value.Missing.INSTANCE : new Value.Text(rows[i][2]));
      all.add(new MemoryExamples.Row("row-" + i, 100 + i, values));
    }
    return new MemoryExamples(
        List.of(
            new Field("age", Field.Kind.NUMBER),
            new Field("town", Field.Kind.TEXT),
            new Field("kind", Field.Kind.TEXT)),
        all);
  }

  @Test
  void whatCannotBeUsedIsInTheLedgerWithItsReason() {
    MemoryExamples set =
        table(
            new String[][] {
              {"20", "Rome", "a"},
              {"NaN", "Oslo", "a"},
              {"40", "", "b"},
              {"50", "Rome", ""}, // no target
              {"60", "Oslo", "b"},
              {"61", "Oslo", "c"}, // the only one of its class
              {"30", "Rome", "a"}, // validation
              {"33", "Rome", "zebra"}, // unknown to training
              {"35", "Bern", "b"}, // test
              {"36", "Rome", "zebra"}
            });
    TaskData data = prepared(set, splits(6, 2, 2), TaskConfig.MultiClass.of("kind"));
    assertThat(data.features()).hasSize(2);
    assertThat(data.members(SplitName.TRAIN)).containsExactly(0, 1, 2, 4, 5);
    assertThat(data.members(SplitName.VALIDATION)).containsExactly(6);
    assertThat(data.members(SplitName.TEST)).containsExactly(8);
    assertThat(data.warnings())
        .containsExactly(
            "one class of kind has one training example only: c",
            "2 held-out examples are left out, since no training example has the label: zebra ×2",
            "1 example is left out (target missing): row-3");
    ExampleBatches training = data.training(2, 1);
    Ledger ledger = data.ledger(training, 4); // three batches an epoch, so one more
    Ledger.Summary summary = ledger.summary();
    assertThat(summary.records()).isEqualTo(10);
    assertThat(summary.bytes()).isEqualTo(1045);
    assertThat(summary.outcome(Ledger.Outcome.TRAINED).records()).isEqualTo(5);
    assertThat(summary.outcome(Ledger.Outcome.TRAINED).tokensSeen()).isEqualTo(7);
    assertThat(summary.reason(DropReason.LABEL_UNKNOWN).records()).isEqualTo(2);
    Path file = folder.resolve("ledger.parquet");
    ledger.write(file);
    assertThat(file).isNotEmptyFile();
  }

  @Test
  void theBatchOfTheLongestExamplesIsFound() {
    List<MemoryExamples.Row> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      rows.add(
          new MemoryExamples.Row(
              "t" + i,
              1,
              Map.of(
                  "text", new Value.Text("word ".repeat(1 + i * 7 % 59)),
                  "kind", new Value.Text(i % 2 == 0 ? "a" : "b"))));
    }
    TaskData data =
        TaskData.prepare(
            new MemoryExamples(
                List.of(new Field("text", Field.Kind.TEXT), new Field("kind", Field.Kind.TEXT)),
                rows),
            splits(60, 0, 0),
            Auto.of(
                List.of(
                    new FeatureConfig.Words(
                        100,
                        80,
                        Keep.BEGINNING,
                        Padding.LONGEST,
                        Words.BLANKS,
                        1,
                        Optional.of("text"),
                        "text"))),
            Augmented.NOT,
            TaskConfig.Binary.of("kind"));
    ExampleBatches batches = data.training(8, 3);
    Values longest =
        Objects.requireNonNull(batches.batch(data.longest(batches)).inputs().get("text"));
    assertThat(longest.shape()).containsExactly(batches.rows(data.longest(batches)), 59);
    ExampleBatches fixed = points().training(8, 3);
    assertThat(points().longest(fixed)).isZero();
  }

  @Test
  void targetsThatTeachNothingAreRefused() {
    String[][] same = {{"1", "x", "a"}, {"2", "y", "a"}, {"3", "x", "b"}, {"4", "x", "c"}};
    for (Object[] wrong :
        new Object[][] {
          {table(same), splits(2, 1, 1), TaskConfig.MultiClass.of("kind"), "task.one-class"},
          {table(same), splits(4, 0, 0), TaskConfig.Binary.of("kind"), "task.not-binary"},
          {table(same), splits(4, 0, 0), TaskConfig.Binary.of("kin"), "data.field-missing"},
          {table(same), splits(4, 0, 0), TaskConfig.Regression.of("kind"), "data.field-kind"},
          {
            table(new String[][] {{"NaN", "x", "a"}, {"NaN", "y", "b"}}),
            splits(2, 0, 0),
            TaskConfig.Regression.of("age"),
            "task.no-target"
          },
        }) {
      assertThatThrownBy(
              () -> prepared((ExampleSet) wrong[0], (Splits) wrong[1], (TaskConfig) wrong[2]))
          .isInstanceOfSatisfying(
              SlipwayException.class, e -> assertThat(e.code()).isEqualTo(wrong[3]));
    }
    assertThatThrownBy(() -> prepared(table(same), splits(4, 0, 0), TaskConfig.Binary.of("kin")))
        .hasMessageContaining("write kind if you meant that");
  }

  @Test
  void aBrokenPictureIsNamedAndLeftOut() throws Exception {
    List<MemoryExamples.Row> rows = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      byte[] pixels = new byte[6 * 6];
      java.util.Arrays.fill(pixels, (byte) (i % 2 == 0 ? 20 : 220));
      byte[] png = PngWriter.write(new Value.Pixels(6, 6, 1, pixels));
      if (i == 3) {
        png = java.util.Arrays.copyOf(png, png.length / 2);
      }
      rows.add(
          new MemoryExamples.Row(
              i + ".png",
              png.length,
              Map.of(
                  "picture",
                  new Value.Content(png),
                  "label",
                  new Value.Text(i % 2 == 0 ? "dark" : "light"))));
    }
    MemoryExamples set =
        new MemoryExamples(
            List.of(new Field("picture", Field.Kind.PICTURE), new Field("label", Field.Kind.TEXT)),
            rows);
    TaskData data =
        TaskData.prepare(
            set,
            splits(8, 2, 2),
            Auto.of(List.of(FeatureConfig.Picture.of(6, 6, 1))),
            Augmented.NOT,
            TaskConfig.Binary.of("label"));
    assertThat(data.members(SplitName.TRAIN)).doesNotContain(3).hasSize(7);
    assertThat(data.warnings()).containsExactly("1 example is left out (broken): 3.png");
    try (Scope _ = Scope.open();
        Sequential network = network(data, new ShapeLayer.Flatten(), dense(1, Activation.SIGMOID));
        Predictor predictor = new Predictor(network, data.features(), data.task().task())) {
      byte[] good = ((Value.Content) set.value(0, "picture")).bytes();
      ObjectNode direct = predictor.read(good).answer(2);
      ObjectNode request = Json.object().put("picture", Base64.getEncoder().encodeToString(good));
      assertThat(predictor.read(request).answer(2)).isEqualTo(direct);
      assertThatThrownBy(() -> predictor.read(new byte[] {1, 2, 3}).answer(1))
          .isInstanceOfSatisfying(
              SlipwayException.class, e -> assertThat(e.code()).isEqualTo("data.picture-broken"));
      assertThatThrownBy(() -> predictor.read(Json.object().put("picture", "§§")))
          .hasMessageContaining("Base64");
    }
  }

  @Test
  void tagsAreLearntTokenByToken() {
    List<MemoryExamples.Row> rows = new ArrayList<>();
    String[] words = {"Anna", "goes", "to", "Rome", "with", "Otto"};
    String[] tags = {"B-PER", "O", "O", "B-LOC", "O", "B-PER"};
    java.util.SplittableRandom random = new java.util.SplittableRandom(1);
    for (int i = 0; i < 60; i++) {
      List<String> text = new ArrayList<>();
      List<String> told = new ArrayList<>();
      for (int t = 0; t < 3 + random.nextInt(5); t++) {
        int word = random.nextInt(words.length);
        text.add(words[word]);
        told.add(tags[word]);
      }
      if (i == 7) {
        told.removeLast();
      }
      rows.add(
          new MemoryExamples.Row(
              "s" + i,
              1,
              Map.of(
                  "text", new Value.Text(String.join(" ", text)), "tags", new Value.Labels(told))));
    }
    MemoryExamples set =
        new MemoryExamples(
            List.of(new Field("text", Field.Kind.TEXT), new Field("tags", Field.Kind.LABELS)),
            rows);
    FeatureConfig input =
        new FeatureConfig.Words(
            100, 50, Keep.BEGINNING, Padding.LONGEST, Words.BLANKS, 1, Optional.of("text"), "text");
    TaskData data =
        TaskData.prepare(
            set,
            splits(40, 5, 15),
            Auto.of(List.of(input)),
            Augmented.NOT,
            TaskConfig.Tagging.of("tags", "text"));
    FeatureConfig end =
        new FeatureConfig.Words(
            100, 50, Keep.END, Padding.LONGEST, Words.BLANKS, 1, Optional.of("text"), "text");
    assertThatThrownBy(
            () ->
                TaskData.prepare(
                    set,
                    splits(40, 5, 15),
                    Auto.of(List.of(end)),
                    Augmented.NOT,
                    TaskConfig.Tagging.of("tags", "text")))
        .hasMessageContaining("keeps the end of long texts");
    assertThat(data.dropped().keySet()).containsExactly(7);
    try (Scope _ = Scope.open();
        Sequential network =
            network(
                data,
                new BasicLayer.Embedding(8),
                new BasicLayer.Dense(3, Optional.of(Activation.SOFTMAX), true));
        ExampleObjective objective =
            new ExampleObjective(
                network, data.task(), data.training(8, 1), null, ExampleObjective.Options.PLAIN)) {
      train(objective, 80, "tags", () -> false);
      assertThat(objective.targetCount(0)).isBetween(24, 56);
      Evaluation evaluation =
          Evaluation.of(
              network,
              data.task().task(),
              data.task().criterion(),
              data.inOrder(SplitName.TEST, 4).orElseThrow(),
              Long.MAX_VALUE);
      Predictions.Tags found = (Predictions.Tags) evaluation.predictions();
      assertThat(found.predicted()).isEqualTo(found.truth());
      Predictor predictor = new Predictor(network, data.features(), data.task().task());
      ObjectNode answer = predictor.read(Json.object().put("text", "Otto goes")).answer(1);
      assertThat(answer.path("tags").path(0).path("tag").asString()).isEqualTo("B-PER");
      assertThat(answer.path("tags").path(1).path("token").asString()).isEqualTo("goes");
    }
  }

  @Test
  void anEmptyTextIsAnsweredAndAFolderKeepsItsTokenizer() throws Exception {
    List<MemoryExamples.Row> rows = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String text = i % 2 == 0 ? "a good and lovely film " + i : "bad, bad thing " + i;
      rows.add(
          new MemoryExamples.Row(
              "t" + i,
              text.length(),
              Map.of(
                  "text",
                  new Value.Text(text),
                  "label",
                  new Value.Text(i % 2 == 0 ? "pos" : "neg"))));
    }
    MemoryExamples set =
        new MemoryExamples(
            List.of(new Field("text", Field.Kind.TEXT), new Field("label", Field.Kind.TEXT)), rows);
    for (FeatureConfig input :
        List.of(
            FeatureConfig.Words.of("text", 50, 6),
            new FeatureConfig.Pieces(300, 12, Padding.POST, Optional.empty(), "text"))) {
      TaskData data =
          TaskData.prepare(
              set,
              splits(30, 0, 10),
              Auto.of(List.of(input)),
              Augmented.NOT,
              TaskConfig.Binary.of("label"));
      Path model = folder.resolve("text-" + input.getClass().getSimpleName());
      try (Scope _ = Scope.open();
          Sequential network =
              network(
                  data,
                  new BasicLayer.Embedding(4),
                  new ShapeLayer.Flatten(),
                  dense(1, Activation.SIGMOID))) {
        TaskFolder.save(
            model, network, new Preprocessor(data.features()), data.task().task(), Map.of());
        Predictor open = new Predictor(network, data.features(), data.task().task());
        List<Feature> read = Preprocessor.read(model).features();
        assertThat(read).isEqualTo(data.features());
        try (Predictor again = Predictor.open(model)) {
          for (String text : List.of("", "lovely", "wörter\u0000 ohne sinn".repeat(2000))) {
            double probability =
                again
                    .read(Json.object().put("text", text))
                    .answer(1)
                    .path("probability")
                    .asDouble();
            assertThat(probability)
                .isCloseTo(
                    open.read(Json.object().put("text", text))
                        .answer(1)
                        .path("probability")
                        .asDouble(),
                    within(0.0));
          }
        }
      }
      assertThat(Files.exists(model.resolve("tokenizer.json")))
          .isEqualTo(input instanceof FeatureConfig.Pieces);
    }
  }
}
