package dev.slipway.recipe.examples;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Fraction;
import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.SplitPart;
import dev.slipway.data.example.SplitRule;
import dev.slipway.data.example.Splits;
import dev.slipway.data.feature.Augmented;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.statistics.DifferenceHash;
import dev.slipway.data.statistics.ExampleStatistics;
import dev.slipway.hub.FetchListener;
import dev.slipway.model.LayerTable;
import dev.slipway.model.Network;
import dev.slipway.model.pretrained.SentenceModules;
import dev.slipway.recipe.DataSettings;
import dev.slipway.recipe.ModelSettings;
import dev.slipway.recipe.PretrainedFolder;
import dev.slipway.recipe.Recipe;
import dev.slipway.recipe.TaskSettings;
import dev.slipway.recipe.run.Phase;
import dev.slipway.recipe.run.RunEvent;
import dev.slipway.recipe.run.RunListener;
import dev.slipway.task.InputLengths;
import dev.slipway.task.TaskConfig;
import dev.slipway.task.TaskData;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A recipe's examples and network, opened: what a forecast is made of, and what a run carries out.
 */
public final class ExampleRun implements AutoCloseable {
  /** Most rows of a step where nobody says. */
  private static final int ROWS = 64;

  /** Fewest of them, and how many steps a pass of a small training split should have. */
  private static final int LEAST_ROWS = 8;

  private static final int STEPS_OF_A_PASS = 16;

  /** Decoded content that an input keeps in memory. */
  private static final long CACHE = 1L << 30;

  private final Recipe recipe;
  private final ExampleSet examples;
  private final List<FeatureConfig> inputs;
  private final @Nullable Path folder;
  private final TaskData data;
  private final ExampleStatistics statistics;
  private final Blueprint network;
  private final InputLengths lengths;
  private final double seconds;

  private ExampleRun(
      Recipe recipe,
      ExampleSet examples,
      List<FeatureConfig> inputs,
      @Nullable Path folder,
      TaskData data,
      ExampleStatistics statistics,
      Blueprint network,
      double seconds) {
    this.recipe = recipe;
    this.examples = examples;
    this.inputs = inputs;
    this.folder = folder;
    this.data = data;
    this.statistics = statistics;
    this.network = network;
    this.lengths = data.inputLengths();
    this.seconds = seconds;
  }

  /**
   * Reads the source, divides it, fits features and task, and checks the network's shapes.
   *
   * @throws dev.slipway.base.SlipwayException for every problem that a person can mend
   */
  public static ExampleRun open(Recipe recipe, RunListener listener) {
    long start = System.nanoTime();
    listener.on(new RunEvent.PhaseStarted(Phase.DATA));
    ExampleSet examples =
        ExampleSources.open(
            (DataSettings.ExampleSource) recipe.data().source(), fetching(listener));
    try {
      Splits splits = splits(recipe, examples);
      @Nullable Path folder =
          recipe.model() instanceof ModelSettings.Pretrained pretrained
              ? PretrainedFolder.of(pretrained.path(), fetching(listener))
              : null;
      List<FeatureConfig> inputs =
          recipe.data().inputs().isAuto()
              ? folder == null
                  ? task(recipe).inputs(examples, splits.train())
                  : EncoderInputs.inferred(recipe, examples, SentenceModules.of(folder))
              : recipe.data().inputs().value();
      TaskData data = prepare(recipe, inputs, folder, examples, splits);
      Blueprint network = blueprint(recipe, folder, data);
      listener.on(
          new RunEvent.PhaseProgress(
              Phase.DATA, Double.NaN, "looking for duplicates between splits"));
      ExampleStatistics statistics =
          ExampleStatistics.of(
              examples, splits, statisticsTarget(task(recipe)), new DifferenceHash());
      double seconds = (System.nanoTime() - start) / 1e9;
      listener.on(new RunEvent.PhaseFinished(Phase.DATA, false, seconds, text(data)));
      ExampleRun run =
          new ExampleRun(recipe, examples, inputs, folder, data, statistics, network, seconds);
      run.warnings().forEach(warning -> listener.on(new RunEvent.Note(warning)));
      return run;
    } catch (RuntimeException e) {
      examples.close();
      throw e;
    }
  }

  private static Blueprint blueprint(Recipe recipe, @Nullable Path folder, TaskData data) {
    return folder == null
        ? Blueprint.of(recipe.model(), data)
        : EncoderBlueprint.of(folder, recipe.tune(), data);
  }

  /** The network of this run for other splits, whose names and values are others. */
  Blueprint blueprint(TaskData divided) {
    return blueprint(recipe, folder, divided);
  }

  /** A pair of a user and an item is told twice only where both are the same. */
  private static Optional<String> statisticsTarget(TaskConfig task) {
    return task instanceof TaskConfig.Recommendation
        ? Optional.empty()
        : Optional.of(task.targets().getFirst());
  }

  /** The same examples divided otherwise, for a fold of a cross-validation. */
  TaskData divided(Splits splits) {
    return prepare(recipe, inputs, folder, examples, splits);
  }

  private static TaskData prepare(
      Recipe recipe,
      List<FeatureConfig> inputs,
      @Nullable Path folder,
      ExampleSet examples,
      Splits splits) {
    return TaskData.prepare(
        examples,
        splits,
        Auto.of(EncoderInputs.bound(inputs, folder)),
        new Augmented(recipe.data().augment(), CACHE),
        task(recipe));
  }

  private static Splits splits(Recipe recipe, ExampleSet examples) {
    DataSettings.Split split = recipe.data().split();
    return Splits.of(
        examples,
        rule(recipe),
        part(split.validation(), examples, SplitName.VALIDATION),
        part(split.test(), examples, SplitName.TEST),
        recipe.seed());
  }

  /** How examples are divided; without a word, each class keeps its share. */
  static SplitRule rule(Recipe recipe) {
    Auto<DataSettings.SplitBy> by = recipe.data().split().by();
    TaskConfig task = task(recipe);
    boolean classes = task instanceof TaskConfig.Binary || task instanceof TaskConfig.MultiClass;
    if (by.isAuto()) {
      return classes ? new SplitRule.Stratified(task.targets().getFirst()) : new SplitRule.Hash();
    }
    return switch (by.value()) {
      case DataSettings.SplitBy.Hash() -> new SplitRule.Hash();
      case DataSettings.SplitBy.Stratified() -> new SplitRule.Stratified(task.targets().getFirst());
      case DataSettings.SplitBy.Grouped(String field) -> new SplitRule.Grouped(field);
      case DataSettings.SplitBy.Time(String field) -> new SplitRule.Time(field);
    };
  }

  private static SplitPart part(Auto<Fraction> setting, ExampleSet examples, SplitName split) {
    if (!setting.isAuto()) {
      return new SplitPart.Fraction(setting.value().value());
    }
    boolean given =
        IntStream.range(0, examples.size())
            .anyMatch(i -> examples.given(i).filter(split::equals).isPresent());
    return given ? new SplitPart.Given() : new SplitPart.Fraction(0.1);
  }

  static TaskConfig task(Recipe recipe) {
    return switch (recipe.task()) {
      case TaskSettings.Examples(TaskConfig task) -> task;
      case TaskSettings.LanguageModelling _,
          TaskSettings.InstructionTuning _,
          TaskSettings.PreferenceTuning _,
          TaskSettings.RewardModelling _ ->
          throw new IllegalStateException("a language model is learnt of documents");
    };
  }

  private static String text(TaskData data) {
    return String.format(
        Locale.ROOT,
        "%,d examples: %,d to train on, %,d for validation, %,d for the test",
        data.examples().size(),
        data.members(SplitName.TRAIN).length,
        data.members(SplitName.VALIDATION).length,
        data.members(SplitName.TEST).length);
  }

  private static FetchListener fetching(RunListener listener) {
    return new FetchListener() {
      @Override
      public void progress(String file, long bytes, long total) {
        listener.on(
            new RunEvent.PhaseProgress(
                Phase.DATA,
                total > 0 ? (double) bytes / total : Double.NaN,
                String.format(
                    Locale.ROOT, "fetching %s: %.1f of %.1f MB", file, bytes / 1e6, total / 1e6)));
      }
    };
  }

  ExampleSet examples() {
    return examples;
  }

  /** Features as configured or inferred. */
  List<FeatureConfig> inputs() {
    return inputs;
  }

  public Recipe recipe() {
    return recipe;
  }

  public TaskData data() {
    return data;
  }

  public Blueprint network() {
    return network;
  }

  /** What reading and fitting took. */
  double seconds() {
    return seconds;
  }

  /** Rows of a step. */
  int rows() {
    int most = data.members(SplitName.TRAIN).length;
    // Of few examples a few large steps learn nothing; a power of two, as people would take.
    int usual = Integer.highestOneBit(Math.clamp(most / STEPS_OF_A_PASS, LEAST_ROWS, ROWS));
    return Math.min(recipe.train().batch().orElse(usual), Math.max(1, most));
  }

  /** What each layer gives and costs for an example of mean length. */
  public LayerTable table() {
    return network.table(lengths.mean());
  }

  /** How long examples are, by input. */
  public InputLengths lengths() {
    return lengths;
  }

  Network create() {
    return network.create(recipe.seed());
  }

  ExampleStatistics statistics() {
    return statistics;
  }

  /** Of the source, the split, the target, and what statistics found; each once. */
  List<String> warnings() {
    Set<String> all = new LinkedHashSet<>(data.warnings());
    all.addAll(statistics.warnings());
    return List.copyOf(all);
  }

  /** Whether a target is an example, and not a token of one. */
  public boolean oneTargetEach() {
    TaskConfig task = task(recipe);
    return !(task instanceof TaskConfig.SequenceToSequence
        || task instanceof TaskConfig.Tagging
        || task instanceof TaskConfig.SpanAnswering);
  }

  @Override
  public void close() {
    examples.close();
  }
}
