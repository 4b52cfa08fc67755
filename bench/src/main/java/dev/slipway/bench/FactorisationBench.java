package dev.slipway.bench;

import dev.slipway.base.binding.Auto;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.example.Splits;
import dev.slipway.data.example.Value;
import dev.slipway.data.feature.Augmented;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.model.factorisation.Factorisation;
import dev.slipway.model.factorisation.FactorisationConfig;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSet;
import dev.slipway.optim.OptimizerConfig;
import dev.slipway.optim.Schedule;
import dev.slipway.task.Evaluation;
import dev.slipway.task.ExampleObjective;
import dev.slipway.task.Predictions;
import dev.slipway.task.TaskConfig;
import dev.slipway.task.TaskData;
import dev.slipway.tensor.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.zip.ZipFile;

/**
 * RMSE of matrix factorisation with biases on MovieLens-100k, ua.base and ua.test; the peer is
 * {@code bench/peers/factorisation.py}.
 *
 * <p>Arguments, all optional: {@code factors=64 epochs=30 rate=3e-3 decay=2.5e-4 batch=1024 seed=1
 * split=test}; {@code split=validation} judges by a tenth of ua.base, on which settings are chosen.
 */
public final class FactorisationBench {
  private FactorisationBench() {}

  public static void main(String... args) throws IOException {
    Map<String, String> given = TaskTraining.arguments(args);
    Path archive =
        Path.of(Objects.requireNonNull(System.getenv("SLIPWAY_DATASETS"))).resolve("ml-100k.zip");
    long seed = Long.parseLong(given.getOrDefault("seed", "1"));
    boolean validation = given.getOrDefault("split", "test").equals("validation");
    List<MemoryExamples.Row> rows = new ArrayList<>();
    int base = read(archive, "ua.base", rows);
    if (!validation) {
      read(archive, "ua.test", rows);
    }
    MemoryExamples examples =
        new MemoryExamples(
            List.of(
                new Field("user", Field.Kind.TEXT),
                new Field("item", Field.Kind.TEXT),
                new Field("rating", Field.Kind.NUMBER)),
            rows);
    SplittableRandom random = new SplittableRandom(7);
    List<Integer> train = new ArrayList<>();
    List<Integer> judged = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      boolean held = validation ? random.nextDouble() < 0.1 : i >= base;
      (held ? judged : train).add(i);
    }
    int[] judgedRows = ints(judged);
    Splits splits =
        new Splits(
            ints(train),
            validation ? judgedRows : new int[0],
            validation ? new int[0] : judgedRows,
            List.of());
    TaskData data =
        TaskData.prepare(
            examples,
            splits,
            Auto.of(List.of(FeatureConfig.Categories.of(List.of("user", "item")))),
            Augmented.NOT,
            TaskConfig.Regression.of("rating"));
    List<InputShape> inputs = List.of(data.features().getFirst().shape());
    FactorisationConfig config =
        Factorisation.config(
            new FactorisationConfig.Size(
                Integer.parseInt(given.getOrDefault("factors", "64")), 0.1),
            inputs);
    ParameterSet parameters = ParameterSet.allocate(config.parameters());
    parameters.initialise(seed);
    ExampleBatches training =
        ExampleBatches.shuffled(
            data.encoded(),
            splits.train(),
            Integer.parseInt(given.getOrDefault("batch", "1024")),
            seed);
    Factorisation network = new Factorisation(config, inputs, parameters);
    long started = System.nanoTime();
    try (ExampleObjective objective =
        new ExampleObjective(
            network, data.task(), training, null, ExampleObjective.Options.PLAIN)) {
      TaskTraining.train(
          objective,
          new OptimizerConfig.Adam(
              Double.parseDouble(given.getOrDefault("rate", "3e-3")),
              0.9,
              0.999,
              1e-8,
              new OptimizerConfig.Penalty(
                  0, Double.parseDouble(given.getOrDefault("decay", "2.5e-4")))),
          new Schedule.Linear(0, 0),
          Long.parseLong(given.getOrDefault("epochs", "30")) * training.batchesPerEpoch(),
          0,
          seed);
      try (Scope _ = Scope.open()) {
        Predictions.Numbers numbers =
            (Predictions.Numbers)
                Evaluation.of(
                        network,
                        data.task().task(),
                        data.task().criterion(),
                        ExampleBatches.inOrder(data.encoded(), judgedRows, 4096),
                        Long.MAX_VALUE)
                    .predictions();
        double sum = 0;
        for (int i = 0; i < numbers.truth().length; i++) {
          double error = numbers.truth()[i] - numbers.predicted()[i];
          sum += error * error;
        }
        System.out.printf(
            Locale.ROOT,
            "factors %d, seed %d, %s: RMSE %.4f in %.1f s%n",
            config.size().factors(),
            seed,
            validation ? "a tenth of ua.base" : "ua.test",
            Math.sqrt(sum / numbers.truth().length),
            (System.nanoTime() - started) / 1e9);
      }
    }
  }

  private static int read(Path archive, String name, List<MemoryExamples.Row> rows)
      throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      byte[] bytes =
          zip.getInputStream(Objects.requireNonNull(zip.getEntry("ml-100k/" + name)))
              .readAllBytes();
      for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n")) {
        String[] parts = line.split("\t", 4);
        rows.add(
            new MemoryExamples.Row(
                name + ":" + rows.size(),
                line.length(),
                Map.of(
                    "user",
                    new Value.Text(parts[0]),
                    "item",
                    new Value.Text(parts[1]),
                    "rating",
                    new Value.Number(Double.parseDouble(parts[2])))));
      }
      return rows.size();
    }
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }
}
