package dev.slipway.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
import dev.slipway.data.feature.Padding;
import dev.slipway.data.feature.PiecesFeature;
import dev.slipway.data.feature.Preprocessor;
import dev.slipway.model.Network;
import dev.slipway.model.seq2seq.EncoderDecoder;
import dev.slipway.model.seq2seq.EncoderDecoderConfig;
import dev.slipway.model.seq2seq.EncoderDecoderFolder;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.loss.Loss;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import dev.slipway.tensor.Scope;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.train.CheckpointStore;
import dev.slipway.train.TrainConfig;
import dev.slipway.train.TrainEvent;
import dev.slipway.train.Trainer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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

/** A language of eight words, translated word by word. */
class SequenceToSequenceTest {
  private static final List<String> SOURCE =
      List.of("one", "two", "three", "four", "five", "six", "seven", "eight");
  private static final List<String> TARGET =
      List.of("eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht");
  private static final int SIZE = 320;

  @TempDir Path folder;

  private static MemoryExamples sentences(int most) {
    List<MemoryExamples.Row> rows = new ArrayList<>();
    for (int i = 0; i < 260; i++) {
      var random = new Draw(3, 0, i).random(0);
      int[] words =
          IntStream.range(0, 1 + (int) (random.nextDouble() * most))
              .map(_ -> (int) (random.nextDouble() * SOURCE.size()))
              .toArray();
      rows.add(
          new MemoryExamples.Row(
              "row-" + i,
              10,
              Map.of(
                  "source", new Value.Text(text(SOURCE, words)),
                  "target", new Value.Text(text(TARGET, words)))));
    }
    return new MemoryExamples(
        List.of(new Field("source", Field.Kind.TEXT), new Field("target", Field.Kind.TEXT)), rows);
  }

  private static String text(List<String> language, int[] words) {
    return String.join(" ", Arrays.stream(words).mapToObj(language::get).toList());
  }

  private static TaskConfig.SequenceToSequence config(Optional<String> joint, int length) {
    return new TaskConfig.SequenceToSequence(
        "target",
        SIZE,
        joint,
        length,
        3,
        0.6,
        Auto.of(new Loss.CrossEntropy(0.1, Optional.empty(), Optional.empty())));
  }

  private static TaskData data(TaskConfig task, int size) {
    return data(task, size, 4);
  }

  private static TaskData data(TaskConfig task, int size, int most) {
    return TaskData.prepare(
        sentences(most),
        new Splits(
            IntStream.range(0, 200).toArray(),
            IntStream.range(200, 230).toArray(),
            IntStream.range(230, 260).toArray(),
            List.of()),
        Auto.of(
            List.of(
                new FeatureConfig.Pieces(
                    size, 30, Padding.LONGEST, Optional.of("source"), "source"))),
        Augmented.NOT,
        task);
  }

  private static TaskData joint() {
    return data(config(Optional.of("source"), 30), SIZE);
  }

  private static EncoderDecoder network(TaskData data, double dropout, boolean shared) {
    EncoderDecoderConfig config =
        new EncoderDecoderConfig(
            data.features().getFirst().shape().cardinalities().getFirst(),
            data.task().task().heads().getFirst().width(),
            new EncoderDecoderConfig.Size(
                1,
                Auto.auto(),
                32,
                2,
                Auto.of(64),
                dropout,
                shared,
                true,
                EncoderDecoderConfig.Positions.SINUSOIDAL,
                EncoderDecoderConfig.NormPlace.PRE,
                32));
    ParameterSet parameters = ParameterSet.allocate(config.parameters());
    parameters.initialise(2);
    return new EncoderDecoder(config, parameters);
  }

  private final List<TrainEvent> events = new ArrayList<>();

  private void train(ExampleObjective objective, long steps, String run, BooleanSupplier stop) {
    TrainConfig config =
        TrainConfig.of(7, steps, 20, OptimizerConfig.Adam.of(1e-2), new Schedule.Cosine(5, 0))
            .withEvaluation(10, 100, null)
            .withCheckpoints(Duration.ofDays(1), 2);
    try (CheckpointStore checkpoints = new CheckpointStore(folder.resolve(run), 2)) {
      new Trainer(config, objective, checkpoints, List.of(events::add), stop, _ -> "use less")
          .run();
    }
  }

  private static ExampleObjective objective(TaskData data, Network network) {
    return new ExampleObjective(
        network,
        data.task(),
        data.training(20, 1),
        data.inOrder(SplitName.VALIDATION, 64).orElse(null),
        ExampleObjective.Options.PLAIN);
  }

  @Test
  void bothSidesHaveOneVocabularyWhereTheRecipeAsksForIt() {
    TaskData joint = joint();
    SequenceToSequence task = (SequenceToSequence) joint.task().task();
    assertThat(((PiecesFeature) joint.features().getFirst()).tokenizer())
        .isEqualTo(task.tokenizer());
    assertThat(task.open().encodeOrdinary(" three")).hasSize(1);
    assertThat(task.open().encodeOrdinary(" drei")).hasSize(1);

    TaskData apart = data(config(Optional.empty(), 30), SIZE);
    SequenceToSequence own = (SequenceToSequence) apart.task().task();
    assertThat(((PiecesFeature) apart.features().getFirst()).tokenizer())
        .isNotEqualTo(own.tokenizer());
    assertThat(own.open().encodeOrdinary(" three").length).isGreaterThan(1);

    assertThatThrownBy(() -> data(config(Optional.of("source"), 30), SIZE + 1))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("task.joint-vocabulary"))
        .hasMessageContaining("source has 321 pieces, the target 320");
    assertThatThrownBy(() -> data(config(Optional.of("target"), 30), SIZE))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("task.joint-vocabulary"))
        .hasMessageContaining("no input reads the field target");
  }

  @Test
  void whatIsTaughtIsTheTargetOneLater() {
    TaskData data = data(config(Optional.of("source"), 4), SIZE);
    SequenceToSequence task = (SequenceToSequence) data.task().task();
    Tokenizer tokenizer = task.open();
    int begin = tokenizer.id("<s>");
    int end = tokenizer.id("</s>");
    for (int example : new int[] {0, 7, 100}) {
      int[] all = {example};
      Values.Ids known =
          (Values.Ids)
              Objects.requireNonNull(data.encoded().inputs().get(EncoderDecoder.TARGET))
                  .gather(all, null);
      Values.Ids wanted =
          (Values.Ids)
              Objects.requireNonNull(data.encoded().targets().get("output")).gather(all, null);
      String text = ((Value.Text) data.examples().value(example, "target")).text();
      int[] pieces = tokenizer.encodeOrdinary(text);
      int length = Math.min(pieces.length, 3); // with its end at most 4
      assertThat(wanted.values()).hasSize(length + 1).endsWith(end);
      assertThat(known.values()).hasSize(length + 1).startsWith(begin);
      for (int i = 0; i < length; i++) {
        assertThat(wanted.values()[i]).isEqualTo(pieces[i]);
        assertThat(known.values()[i + 1]).isEqualTo(pieces[i]);
      }
    }
  }

  @Test
  void batchesOfTrainingHoldTextsOfLikeLength() {
    TaskData data = joint();
    ExampleBatches batches = data.training(20, 1);
    int padded = 0;
    int places = 0;
    boolean[] seen = new boolean[260];
    for (int index = 0; index < batches.batchesPerEpoch(); index++) {
      Values.Ids known =
          (Values.Ids)
              Objects.requireNonNull(batches.batch(index).inputs().get(EncoderDecoder.TARGET));
      padded += known.values().length - Arrays.stream(known.lengths()).sum();
      places += known.values().length;
      for (int example : batches.examples(index)) {
        assertThat(seen[example]).isFalse();
        seen[example] = true;
      }
    }
    assertThat((double) padded / places).isLessThan(0.1);
    for (int i = 0; i < 200; i++) {
      assertThat(seen[i]).isTrue();
    }
  }

  @Test
  void learnsToTranslateAndIsServedFromItsFolder() {
    TaskData data = data(config(Optional.of("source"), 30), SIZE, 2);
    Path model = folder.resolve("model");
    List<String> told;
    try (Scope _ = Scope.open();
        ExampleObjective objective = objective(data, network(data, 0, true))) {
      train(objective, 150, "run", () -> false);
      List<TrainEvent.Evaluated> evaluated =
          events.stream()
              .filter(TrainEvent.Evaluated.class::isInstance)
              .map(TrainEvent.Evaluated.class::cast)
              .toList();
      assertThat(evaluated).hasSize(15);
      // While it learns nothing is written out: the right beginnings are at hand.
      assertThat(evaluated.getLast().metrics().keySet()).containsExactly("perplexity");

      Network network = objective.network();
      Evaluation validation =
          Evaluation.of(
              network,
              data.task().task(),
              data.task().criterion(),
              data.inOrder(SplitName.VALIDATION, 64).orElseThrow(),
              Long.MAX_VALUE);
      assertThat(evaluated.getLast().loss()).isCloseTo(validation.loss(), within(1e-4));
      double plain =
          Evaluation.losses(
              network,
              List.of(Criterion.of(Network.OUTPUT, Loss.CrossEntropy.PLAIN)),
              data.inOrder(SplitName.VALIDATION, 7).orElseThrow(),
              Long.MAX_VALUE)[0];
      assertThat(evaluated.getLast().metrics().get("perplexity"))
          .isCloseTo(Math.exp(plain), within(1e-3));
      assertThat(plain).isLessThan(validation.loss()).isLessThan(0.5);

      Evaluation test =
          Evaluation.of(
              network,
              data.task().task(),
              data.task().criterion(),
              data.inOrder(SplitName.TEST, 7).orElseThrow(),
              Long.MAX_VALUE);
      Predictions.Texts texts = (Predictions.Texts) test.predictions();
      told = texts.told();
      long right =
          IntStream.range(0, told.size())
              .filter(i -> texts.references().get(i).contains(told.get(i)))
              .count();
      assertThat(right).isGreaterThan(20); // of 30
      assertThat(texts.report(1).rows().getFirst().name()).isEqualToIgnoringCase("bleu");
      TaskFolder.save(
          model,
          partial -> EncoderDecoderFolder.write(partial, (EncoderDecoder) network),
          new Preprocessor(data.features()),
          data.task().task(),
          Map.of());
    }
    try (Scope _ = Scope.open();
        Predictor predictor = Predictor.open(model, EncoderDecoderFolder::open)) {
      String source = ((Value.Text) data.examples().value(230, "source")).text();
      ObjectNode answer =
          predictor.read(Json.parse("{\"source\": \"" + source + "\"}", "request")).answer(1);
      assertThat(answer.path("text").asString()).isEqualTo(told.getFirst());
      assertThat(answer.path("log-probability").asDouble()).isNegative();
      assertThat(
              predictor.predict(data.examples(), data.members(SplitName.TEST)).stream()
                  .map(each -> ((Answer.Written) each).text()))
          .isEqualTo(told);
      assertThat(predictor.card().path("task").asString()).isEqualTo("sequence-to-sequence");
      assertThatThrownBy(() -> predictor.read(Json.parse("{\"target\": \"drei\"}", "request")))
          .isInstanceOf(SlipwayException.class);
    }
  }

  @Test
  void aRunThatWasStoppedEndsWithTheSameBytes() {
    TaskData data = joint();
    List<float[]> ends = new ArrayList<>();
    for (int stopAfter : new int[] {1000, 4, 13}) {
      AtomicInteger asked = new AtomicInteger();
      float[] end = new float[0];
      for (int attempt = 0; attempt < 2; attempt++) {
        boolean first = attempt == 0;
        try (Scope _ = Scope.open();
            ExampleObjective objective = objective(data, network(data, 0.2, true))) {
          train(
              objective,
              22,
              "stopped-" + stopAfter,
              () -> first && asked.getAndIncrement() >= stopAfter);
          end = objective.parameters().flat().toFloats();
        }
      }
      ends.add(end);
    }
    assertThat(ends.get(1)).isEqualTo(ends.get(0));
    assertThat(ends.get(2)).isEqualTo(ends.get(0));
  }

  @Test
  void anotherNetworkIsRefused() {
    TaskData data = joint();
    try (Scope _ = Scope.open();
        Perceptron other = new Perceptron(2, Map.of("output", SIZE), 9)) {
      assertThatThrownBy(
              () ->
                  data.task()
                      .task()
                      .predict(
                          other,
                          new dev.slipway.nn.Inputs(new java.util.LinkedHashMap<>()),
                          data.examples(),
                          new int[0]))
          .isInstanceOfSatisfying(
              SlipwayException.class,
              e -> assertThat(e.code()).isEqualTo("task.not-encoder-decoder"));
    }
  }
}
