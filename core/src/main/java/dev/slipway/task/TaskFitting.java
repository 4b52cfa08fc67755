package dev.slipway.task;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Nearest;
import dev.slipway.data.column.MissingNumbers;
import dev.slipway.data.column.NumberConfig;
import dev.slipway.data.column.NumberTransform;
import dev.slipway.data.column.Outliers;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.feature.Fields;
import dev.slipway.model.Network;
import dev.slipway.nn.loss.ClassWeights;
import dev.slipway.nn.loss.Loss;
import java.util.ArrayList;
import java.util.Collections;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Finds in the training split what a task needs to know. */
final class TaskFitting {
  private static final int NAMED = 8;

  private TaskFitting() {}

  /** A head as fitted. */
  private record One(HeadTask task, Loss loss) {}

  static FittedTask fit(TaskConfig config, ExampleSet examples, int[] training) {
    List<String> warnings = new ArrayList<>();
    return switch (config) {
      case TaskConfig.OfOneHead head -> {
        One one = fit(head, examples, training, warnings);
        yield new FittedTask(one.task, Criterion.of(Network.OUTPUT, one.loss), warnings);
      }
      case TaskConfig.SequenceToSequence written ->
          new FittedTask(
              SequenceToSequence.fit(written, examples, training),
              Criterion.of(Network.OUTPUT, written.loss().orElse(Loss.CrossEntropy.PLAIN)),
              warnings);
      case TaskConfig.Recommendation items ->
          new FittedTask(
              Recommendation.fit(items, examples, training),
              Criterion.of(Network.OUTPUT, items.loss().orElse(new Loss.Bpr())),
              warnings);
      case TaskConfig.Ranking ranking ->
          new FittedTask(
              Ranking.fit(ranking, examples, training),
              Criterion.of(Network.OUTPUT, ranking.loss().orElse(new Loss.LambdaRank())),
              warnings);
      case TaskConfig.SpanAnswering spans ->
          new FittedTask(
              SpanAnswering.fit(spans, examples, training),
              Criterion.of(Network.OUTPUT, spans.loss().orElse(Loss.CrossEntropy.PLAIN)),
              warnings);
      case TaskConfig.Contrastive pairs ->
          new FittedTask(
              Contrastive.fit(pairs, examples),
              Criterion.of(Network.OUTPUT, pairs.loss().orElse(new Loss.InfoNce(0.05, false))),
              warnings);
      case TaskConfig.MultiTask(List<TaskConfig.Head> heads) -> {
        List<MultiTask.Part> parts = new ArrayList<>();
        SequencedMap<String, Criterion.Part> losses = new LinkedHashMap<>();
        for (TaskConfig.Head head : heads) {
          One one = fit(head.task(), examples, training, warnings);
          parts.add(new MultiTask.Part(head.name(), one.task));
          losses.put(head.name(), new Criterion.Part(one.loss, head.weight()));
        }
        yield new FittedTask(new MultiTask(parts), new Criterion(losses), warnings);
      }
    };
  }

  /** Balanced labels: what has a label counts as much as what has it not, each by itself. */
  private static Loss balanced(Loss loss, SequencedMap<String, Integer> counts, int examples) {
    return loss
                instanceof
                Loss.BinaryCrossEntropy(
                    double smoothing,
                    Optional<ClassWeights> weights,
                    List<Double> _,
                    Optional<Double> focal)
            && weights.isPresent()
            && weights.get() instanceof ClassWeights.Balanced
        ? new Loss.BinaryCrossEntropy(
            smoothing,
            Optional.empty(),
            counts.values().stream()
                .map(count -> Math.max(1, examples - count) / (double) count)
                .toList(),
            focal)
        : loss;
  }

  private static One fit(
      TaskConfig.OfOneHead config, ExampleSet examples, int[] training, List<String> warnings) {
    return switch (config) {
      case TaskConfig.Binary(String target, var positive, double threshold, var loss) -> {
        SequencedMap<String, Integer> counts =
            classes(target, ClassNames.counts(examples, target, training), warnings);
        List<String> names = new ArrayList<>(counts.keySet());
        if (names.size() != 2) {
          throw new SlipwayException(
              Exit.INPUT,
              "task.not-binary",
              target + " has " + names.size() + " classes (" + listed(names) + "), expected two",
              "write task: { multi-class: { target: " + target + " } }");
        }
        if (positive instanceof Auto.Chosen<String>(String chosen)) {
          if (!names.contains(chosen)) {
            throw new SlipwayException(
                Exit.INPUT,
                "task.class-missing",
                target + " has no class " + chosen + ", it has " + listed(names),
                Nearest.of(chosen, names)
                    .map(nearest -> "write " + nearest + " if you meant that")
                    .orElse("name one of these"));
          }
          if (names.getFirst().equals(chosen)) {
            Collections.reverse(names);
          }
        }
        yield new One(
            new BinaryClassification(target, names, threshold),
            loss.orElse(Loss.BinaryCrossEntropy.PLAIN).balancedBy(sizes(names, counts)));
      }
      case TaskConfig.MultiClass(String target, var loss) -> {
        SequencedMap<String, Integer> counts =
            classes(target, ClassNames.counts(examples, target, training), warnings);
        List<String> names = List.copyOf(counts.keySet());
        yield new One(
            new MultiClassClassification(target, names),
            loss.orElse(Loss.CrossEntropy.PLAIN).balancedBy(sizes(names, counts)));
      }
      case TaskConfig.MultiLabel(String target, String separator, double threshold, var loss) -> {
        Fields.named(examples, target, Field.Kind.LABELS, Field.Kind.TEXT);
        SequencedMap<String, Integer> counts =
            counts(
                training,
                i ->
                    MultiLabelClassification.labelsOf(examples.value(i, target), separator)
                            instanceof List<String> labels
                        ? labels
                        : List.of());
        List<String> names = List.copyOf(classes(target, counts, warnings).keySet());
        yield new One(
            new MultiLabelClassification(
                target, separator, names, Collections.nCopies(names.size(), threshold)),
            balanced(loss.orElse(Loss.BinaryCrossEntropy.PLAIN), counts, training.length));
      }
      case TaskConfig.Tagging(String target, String tokens, var loss) -> {
        Fields.named(examples, target, Field.Kind.LABELS, Field.Kind.TEXT);
        Fields.named(examples, tokens, Field.Kind.LABELS, Field.Kind.TEXT);
        SequencedMap<String, Integer> counts =
            counts(training, i -> SequenceTagging.split(examples.value(i, target)));
        List<String> names = List.copyOf(classes(target, counts, warnings).keySet());
        yield new One(
            new SequenceTagging(target, tokens, names),
            loss.orElse(Loss.CrossEntropy.PLAIN).balancedBy(sizes(names, counts)));
      }
      case TaskConfig.Transcription(String target, var loss) ->
          new One(
              Transcription.fit(target, examples, training), loss.orElse(new Loss.Ctc(0, true)));
      case TaskConfig.Regression(String target, var scaling, boolean clip, var loss) -> {
        Fields.named(examples, target, Field.Kind.NUMBER);
        double[] numbers = examples.numbers(target);
        DoubleSummaryStatistics finite =
            IntStream.of(training)
                .mapToDouble(example -> numbers[example])
                .filter(Double::isFinite)
                .summaryStatistics();
        if (finite.getCount() == 0) {
          throw noTarget(target, training.length);
        }
        NumberConfig how =
            new NumberConfig(new MissingNumbers.Drop(), new Outliers.Keep(), scaling);
        yield new One(
            new Regression(
                target,
                NumberTransform.fit(target, numbers, training, how),
                clip ? new Regression.Range(finite.getMin(), finite.getMax()) : null),
            loss.orElse(new Loss.Mse()));
      }
    };
  }

  private static SequencedMap<String, Integer> counts(
      int[] training, Function<Integer, List<String>> labels) {
    TreeMap<String, Integer> counts = new TreeMap<>(ClassNames.ORDER);
    for (int example : training) {
      labels.apply(example).forEach(label -> counts.merge(label, 1, Integer::sum));
    }
    return counts;
  }

  /** Proves that there is something to tell apart, and says what is rare. */
  private static SequencedMap<String, Integer> classes(
      String target, SequencedMap<String, Integer> counts, List<String> warnings) {
    if (counts.isEmpty()) {
      throw noTarget(target, 0);
    }
    if (counts.size() == 1) {
      throw new SlipwayException(
          Exit.INPUT,
          "task.one-class",
          target + " is " + counts.firstEntry().getKey() + " in every training example",
          "give examples of at least two classes");
    }
    List<String> single =
        counts.entrySet().stream().filter(e -> e.getValue() == 1).map(e -> e.getKey()).toList();
    if (!single.isEmpty()) {
      warnings.add(
          (single.size() == 1 ? "one class of " : single.size() + " classes of ")
              + target
              + (single.size() == 1 ? " has" : " have")
              + " one training example only: "
              + listed(single));
    }
    return counts;
  }

  static SlipwayException noTarget(String target, int rows) {
    return new SlipwayException(
        Exit.INPUT,
        "task.no-target",
        "no training example has a " + target + (rows > 0 ? ", of " + rows : ""),
        "name another target, or mend the column");
  }

  private static long[] sizes(List<String> names, SequencedMap<String, Integer> counts) {
    return names.stream().mapToLong(name -> counts.getOrDefault(name, 0)).toArray();
  }

  static String listed(List<String> names) {
    return names.size() <= NAMED
        ? String.join(", ", names)
        : String.format(
            Locale.ROOT,
            "%s and %,d more",
            String.join(", ", names.subList(0, NAMED)),
            names.size() - NAMED);
  }
}
