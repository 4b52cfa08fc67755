package dev.slipway.bench;

import dev.slipway.base.binding.Auto;
import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.data.example.Splits;
import dev.slipway.data.feature.Augmented;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.feature.Padding;
import dev.slipway.data.text.ParallelTextExamples;
import dev.slipway.eval.metric.text.Bleu;
import dev.slipway.model.seq2seq.EncoderDecoder;
import dev.slipway.model.seq2seq.EncoderDecoderConfig;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.loss.Loss;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import dev.slipway.task.Evaluation;
import dev.slipway.task.ExampleObjective;
import dev.slipway.task.Predictions;
import dev.slipway.task.SequenceToSequence;
import dev.slipway.task.TaskConfig;
import dev.slipway.task.TaskData;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The network and settings of {@code recipes/translation} with others to choose, on Multi30k,
 * English to German; the peer is {@code bench/peers/translation.py}.
 *
 * <p>Arguments, all optional: {@code epochs=6 size=4000 hidden=128 inner=256 layers=4 heads=4
 * dropout=0.1 batch=64 rate=2e-3 warmup=272 smoothing=0.1 precision=fp32 seed=1 split=validation
 * out=FILE tokenizer=FILE}; {@code steps=N} stops there and tells the speed alone. Settings are
 * chosen on the validation split.
 */
public final class TranslationBench {
  private TranslationBench() {}

  public static void main(String... args) throws IOException {
    Map<String, String> given = TaskTraining.arguments(args);
    Path folder =
        Path.of(Objects.requireNonNull(System.getenv("SLIPWAY_DATASETS"))).resolve("multi30k");
    long seed = Long.parseLong(given.getOrDefault("seed", "1"));
    int layers = Integer.parseInt(given.getOrDefault("layers", "4"));
    int pieces = Integer.parseInt(given.getOrDefault("size", "4000"));
    int batch = Integer.parseInt(given.getOrDefault("batch", "64"));
    EncoderDecoderConfig.Size size =
        new EncoderDecoderConfig.Size(
            layers,
            Auto.auto(),
            Integer.parseInt(given.getOrDefault("hidden", "128")),
            Integer.parseInt(given.getOrDefault("heads", "4")),
            Auto.of(Integer.parseInt(given.getOrDefault("inner", "256"))),
            Double.parseDouble(given.getOrDefault("dropout", "0.1")),
            true,
            true,
            EncoderDecoderConfig.Positions.SINUSOIDAL,
            EncoderDecoderConfig.NormPlace.PRE,
            128);
    Loss loss =
        new Loss.CrossEntropy(
            Double.parseDouble(given.getOrDefault("smoothing", "0.1")),
            Optional.empty(),
            Optional.empty());
    ParallelTextExamples examples =
        ParallelTextExamples.open(
            List.of(
                pair(folder, "train", SplitName.TRAIN),
                pair(folder, "val", SplitName.VALIDATION),
                pair(folder, "test_2016_flickr", SplitName.TEST)));
    Splits splits =
        new Splits(
            members(examples, SplitName.TRAIN),
            members(examples, SplitName.VALIDATION),
            members(examples, SplitName.TEST),
            List.of());
    TaskData data =
        TaskData.prepare(
            examples,
            splits,
            Auto.of(
                List.of(
                    new FeatureConfig.Pieces(
                        pieces, 100, Padding.LONGEST, Optional.of("source"), "source"))),
            Augmented.NOT,
            new TaskConfig.SequenceToSequence(
                "target", pieces, Optional.of("source"), 100, 5, 0.6, Auto.of(loss)));
    EncoderDecoderConfig config =
        new EncoderDecoderConfig(
            data.features().getFirst().shape().cardinalities().getFirst(),
            data.task().task().heads().getFirst().width(),
            size);
    ParameterSet parameters = ParameterSet.allocate(config.parameters());
    parameters.initialise(seed);
    System.out.printf(
        Locale.ROOT,
        "%,d parameters, vocabularies of %,d and %,d pieces%n",
        parameters.numel(),
        config.sourceVocabulary(),
        config.targetVocabulary());
    ExampleBatches training = data.training(batch, seed);
    SplitName part =
        SplitName.valueOf(given.getOrDefault("split", "validation").toUpperCase(Locale.ROOT));
    ExampleBatches judged = ExampleBatches.inOrder(data.encoded(), splits.of(part), 64);
    if (given.containsKey("tokenizer")) {
      Files.writeString(
          Path.of(given.get("tokenizer")),
          ((SequenceToSequence) data.task().task()).tokenizer(),
          StandardCharsets.UTF_8);
    }
    long steps =
        given.containsKey("steps")
            ? Long.parseLong(given.get("steps"))
            : (long)
                (Double.parseDouble(given.getOrDefault("epochs", "6"))
                    * training.batchesPerEpoch());
    EncoderDecoder network = new EncoderDecoder(config, parameters);
    long started = System.nanoTime();
    try (ExampleObjective objective =
        new ExampleObjective(
            network,
            data.task(),
            training,
            null,
            new ExampleObjective.Options(
                given.getOrDefault("precision", "fp32").equals("bf16")
                    ? DType.BFLOAT16
                    : DType.FLOAT32,
                null,
                seed,
                (_, _) -> {},
                Map.of()))) {
      TaskTraining.train(
          objective,
          new OptimizerConfig.Adam(
              Double.parseDouble(given.getOrDefault("rate", "2e-3")),
              0.9,
              0.98,
              1e-9,
              OptimizerConfig.Penalty.NONE),
          new Schedule.Cosine(Long.parseLong(given.getOrDefault("warmup", "272")), 0),
          steps,
          1.0,
          seed);
      double trained = (System.nanoTime() - started) / 1e9;
      if (given.containsKey("steps")) {
        return;
      }
      try (Scope _ = Scope.open()) {
        Evaluation evaluation =
            Evaluation.of(
                network, data.task().task(), data.task().criterion(), judged, Long.MAX_VALUE);
        Predictions.Texts texts = (Predictions.Texts) evaluation.predictions();
        long[] numbers = new long[Bleu.NUMBERS];
        for (int i = 0; i < texts.told().size(); i++) {
          long[] some = Bleu.numbers(texts.told().get(i), texts.references().get(i));
          for (int j = 0; j < numbers.length; j++) {
            numbers[j] += some[j];
          }
        }
        if (given.containsKey("out")) {
          Files.write(Path.of(given.get("out")), texts.told(), StandardCharsets.UTF_8);
        }
        System.out.printf(
            Locale.ROOT,
            "%s: loss %.4f, BLEU %.2f (%s); trained in %.0f s, answered in %.0f s%n",
            part.label(),
            evaluation.loss(),
            Bleu.score(numbers),
            Bleu.signature(texts.references()),
            trained,
            (System.nanoTime() - started) / 1e9 - trained);
        for (int i = 0; i < 3; i++) {
          System.out.println(
              texts.references().get(i).getFirst() + "\n  -> " + texts.told().get(i));
        }
      }
    }
  }

  private static ParallelTextExamples.Pair pair(Path folder, String name, SplitName split) {
    return new ParallelTextExamples.Pair(
        folder.resolve(name + ".en.gz"), folder.resolve(name + ".de.gz"), Optional.of(split));
  }

  private static int[] members(ParallelTextExamples examples, SplitName split) {
    return IntStream.range(0, examples.size())
        .filter(i -> examples.given(i).equals(Optional.of(split)))
        .toArray();
  }
}
