package dev.slipway.task;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Auto;
import dev.slipway.data.Ledger;
import dev.slipway.data.SplitName;
import dev.slipway.data.augment.Augmentation;
import dev.slipway.data.augment.Mixup;
import dev.slipway.data.augment.PictureStep;
import dev.slipway.data.augment.SoundStep;
import dev.slipway.data.augment.TextStep;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleBatches;
import dev.slipway.data.example.ExampleBatches.EncodedExamples;
import dev.slipway.data.example.ExampleLedger;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.HiddenFields;
import dev.slipway.data.example.Splits;
import dev.slipway.data.feature.Augmented;
import dev.slipway.data.feature.Columns;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.feature.Keep;
import dev.slipway.data.feature.WordsFeature;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A source made ready for a task: split, features and task fitted on the training split, what
 * cannot be used left out with a reason, all else encoded.
 *
 * @param encoded the whole set; members of the splits are indices in it
 * @param parts of each example, also of those left out
 * @param dropped why an example is left out, by its index
 * @param warnings a sentence each, of the target and of what was left out
 */
public record TaskData(
    EncodedExamples encoded,
    List<Feature> features,
    FittedTask task,
    SplitName[] parts,
    SequencedMap<Integer, Dropped> dropped,
    List<String> warnings) {
  public TaskData {
    features = List.copyOf(features);
    warnings = List.copyOf(warnings);
    dropped = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(dropped));
  }

  /**
   * Does it.
   *
   * @param examples must outlive what comes
   * @param splits every example in one
   * @param inputs the features; auto infers them from the fields
   * @throws SlipwayException if a field is missing or of another kind, nothing is left to learn
   *     from, or the target has nothing to learn
   */
  public static TaskData prepare(
      ExampleSet examples,
      Splits splits,
      Auto<List<FeatureConfig>> inputs,
      Augmented augmented,
      TaskConfig task) {
    SplitName[] parts = parts(examples, splits);
    int[] training = members(parts, SplitName.TRAIN, Map.of());
    refuseEmpty(training, examples);
    FittedTask bare = task.fit(examples, training);
    ExampleSet shown =
        task instanceof TaskConfig.Contrastive
            ? examples
            : new HiddenFields(examples, task.targets());
    List<FeatureConfig> configs = inputs.isAuto() ? task.inputs(shown, training) : inputs.value();
    List<Feature> features =
        SequenceToSequence.features(
            task,
            bare.task(),
            configs,
            shown,
            training,
            () -> Columns.words(examples, task.targets().getFirst()));
    FittedTask fitted = bare.reading(features);
    refuseShiftedTags(features, fitted.task(), augmented);
    refuseIdle(augmented, features);
    SequencedMap<Integer, Dropped> dropped = dropped(examples, features, fitted.task());
    refuseEmpty(members(parts, SplitName.TRAIN, dropped), examples);
    SequencedMap<String, Encoded> encodedInputs = new LinkedHashMap<>();
    for (Feature feature : features) {
      if (encodedInputs.put(feature.name(), feature.encode(examples, augmented)) != null) {
        throw new SlipwayException(
            Exit.USAGE,
            "data.input-twice",
            "two inputs are named " + feature.name(),
            "give one of them another name:");
      }
    }
    encodedInputs.putAll(fitted.task().taught(examples));
    List<String> warnings = new ArrayList<>(splits.warnings());
    warnings.addAll(fitted.warnings());
    warnings.addAll(warnings(examples, parts, dropped));
    return new TaskData(
        new EncodedExamples(examples, encodedInputs, fitted.task().targets(examples)),
        features,
        fitted,
        parts,
        dropped,
        warnings);
  }

  private static SplitName[] parts(ExampleSet examples, Splits splits) {
    SplitName[] parts = new SplitName[examples.size()];
    for (SplitName part : SplitName.values()) {
      for (int example : splits.of(part)) {
        parts[example] = part;
      }
    }
    return parts;
  }

  private static void refuseEmpty(int[] training, ExampleSet examples) {
    if (training.length == 0) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.no-training-examples",
          "none of the " + examples.size() + " examples is left to learn from",
          "check the source and data.split, or hold out fewer");
    }
  }

  private static SequencedMap<Integer, Dropped> dropped(
      ExampleSet examples, List<Feature> features, Task task) {
    IntFunction<Optional<Dropped>> ofTarget = task.problems(examples);
    List<Optional<Dropped>> all =
        IntStream.range(0, examples.size())
            .parallel()
            .mapToObj(
                i ->
                    ofTarget
                        .apply(i)
                        .or(
                            () ->
                                features.stream()
                                    .map(feature -> feature.problem(examples, i))
                                    .flatMap(Optional::stream)
                                    .findFirst()))
            .toList();
    SequencedMap<Integer, Dropped> dropped = new LinkedHashMap<>();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).isPresent()) {
        dropped.put(i, all.get(i).get());
      }
    }
    return dropped;
  }

  private static List<String> warnings(
      ExampleSet examples, SplitName[] parts, Map<Integer, Dropped> dropped) {
    List<String> warnings = new ArrayList<>();
    Map<String, Integer> unknown = new TreeMap<>();
    Map<DropReason, List<Integer>> others = new TreeMap<>();
    dropped.forEach(
        (example, why) -> {
          if (why.reason() == DropReason.LABEL_UNKNOWN) {
            unknown.merge(why.detail(), 1, Integer::sum);
          } else {
            others.computeIfAbsent(why.reason(), _ -> new ArrayList<>()).add(example);
          }
        });
    if (!unknown.isEmpty()) {
      warnings.add(
          counted(unknown.values().stream().mapToInt(Integer::intValue).sum(), "held-out example")
              + " left out, since no training example has the label: "
              + TaskFitting.listed(
                  unknown.entrySet().stream().map(e -> e.getKey() + " ×" + e.getValue()).toList()));
    }
    others.forEach(
        (reason, which) ->
            warnings.add(
                counted(which.size(), "example")
                    + " left out ("
                    + reason.label()
                    + "): "
                    + TaskFitting.listed(which.stream().map(examples::id).toList())));
    if (!examples.dropped().isEmpty()) {
      warnings.add(
          counted(examples.dropped().size(), "record")
              + " left out, since they can't be read: "
              + TaskFitting.listed(
                  examples.dropped().stream()
                      .map(each -> each.id() + " (" + each.problem().reason().label() + ")")
                      .toList()));
    }
    for (SplitName part : List.of(SplitName.VALIDATION, SplitName.TEST)) {
      if (members(parts, part, dropped).length == 0) {
        warnings.add("the " + part.label() + " split is empty");
      }
    }
    return warnings;
  }

  /** Tags are cut at a text's end: words that are cut at its beginning would have others' tags. */
  private static void refuseShiftedTags(List<Feature> features, Task task, Augmented augmented) {
    for (Augmentation step : augmented.steps()) {
      if (task instanceof SequenceTagging && step instanceof TextStep) {
        throw new SlipwayException(
            Exit.USAGE,
            "task.tags-shifted",
            "data.augment has " + step.kind() + ", which changes words, and each word has a tag",
            "leave it out: tags would be those of other words");
      }
    }
    for (Feature feature : features) {
      if (task instanceof SequenceTagging
          && feature instanceof WordsFeature words
          && words.keep() != Keep.BEGINNING) {
        throw new SlipwayException(
            Exit.USAGE,
            "task.tags-shifted",
            "the input "
                + words.name()
                + " keeps the end of long texts, whose tags begin with the first word",
            "write keep: beginning, or split long texts");
      }
    }
  }

  /** A step that nothing takes would be believed to work. */
  private static void refuseIdle(Augmented augmented, List<Feature> features) {
    for (Augmentation step : augmented.steps()) {
      String takers =
          switch (step) {
            case TextStep _ -> "texts read as words, pieces or tokens";
            case PictureStep _ -> "pictures";
            case SoundStep _ -> "sounds";
            case Mixup _ -> "";
          };
      if (!takers.isEmpty() && features.stream().noneMatch(feature -> feature.takes(step))) {
        throw new SlipwayException(
            Exit.USAGE,
            "data.augment-idle",
            "data.augment has "
                + step.kind()
                + ", which changes "
                + takers
                + ", and no input is one: "
                + features.stream().map(Feature::name).collect(Collectors.joining(", ")),
            "leave it out, or read such an input in data.inputs");
      }
    }
  }

  private static String counted(int count, String thing) {
    return String.format(Locale.ROOT, "%,d %s", count, thing) + (count == 1 ? " is" : "s are");
  }

  private static int[] members(SplitName[] parts, SplitName part, Map<Integer, Dropped> dropped) {
    return IntStream.range(0, parts.length)
        .filter(i -> parts[i] == part && !dropped.containsKey(i))
        .toArray();
  }

  public ExampleSet examples() {
    return encoded.examples();
  }

  /** The examples of a split that can be used, as indices in the set. */
  public int[] members(SplitName part) {
    return members(parts, part, dropped);
  }

  /**
   * The task as the test split judges it and as it is packaged: it also knows what users took in
   * the validation split.
   */
  public Task finished() {
    return task.task() instanceof Recommendation items
        ? items.knowing(examples(), members(parts, SplitName.VALIDATION, Map.of()))
        : task.task();
  }

  /** The examples that a finished model is judged by, in the order in which it answers them. */
  public int[] judged() {
    ExampleBatches batches = inOrder(SplitName.TEST, 1).orElseThrow();
    return LongStream.range(0, batches.batchesPerEpoch())
        .boxed()
        .flatMapToInt(index -> Arrays.stream(batches.examples(index)))
        .toArray();
  }

  /** What a network is given: the features' inputs, then those that it has while it learns. */
  public List<InputShape> inputs() {
    return encoded.inputs().values().stream().map(Encoded::shape).toList();
  }

  /**
   * The training split, shuffled; where an input differs in length from example to example, batches
   * are of similar lengths.
   */
  public ExampleBatches training(int rows, long seed) {
    ExampleBatches batches =
        whole(ExampleBatches.shuffled(encoded, members(SplitName.TRAIN), rows, seed));
    return lengths().map(batches::bucketed).orElse(batches);
  }

  /** How long the training examples are where inputs differ in length; reads all of them. */
  public InputLengths inputLengths() {
    Map<String, int[]> lengths = new LinkedHashMap<>();
    encoded
        .inputs()
        .forEach(
            (name, input) -> {
              if (input.shape().isVariable()) {
                lengths.put(name, lengths(input));
              }
            });
    return InputLengths.of(lengths, members(SplitName.TRAIN));
  }

  /**
   * Of each example what batches are sorted by: the true length in the last of those inputs that
   * differ in length, and in the one before it where that is the same. The last is the most costly
   * one: what an encoder-decoder network is taught passes through its output layer.
   */
  private Optional<int[]> lengths() {
    List<Encoded> varying =
        encoded.inputs().values().stream().filter(input -> input.shape().isVariable()).toList();
    if (varying.isEmpty()) {
      return Optional.empty();
    }
    int[] keys = lengths(varying.getLast());
    if (varying.size() > 1) {
      int[] next = lengths(varying.get(varying.size() - 2));
      Arrays.setAll(keys, i -> Math.min(keys[i], 0x7FFF) << 16 | Math.min(next[i], 0xFFFF));
    }
    return Optional.of(keys);
  }

  /** Of an epoch's batches the one whose examples are longest; reads all of them. */
  public long longest(ExampleBatches batches) {
    int[] lengths = lengths().orElse(new int[0]);
    if (lengths.length == 0) {
      return 0;
    }
    long longest = 0;
    int most = -1;
    for (long index = 0; index < batches.batchesPerEpoch(); index++) {
      int here = Arrays.stream(batches.examples(index)).map(i -> lengths[i]).max().orElse(0);
      longest = here > most ? index : longest;
      most = Math.max(most, here);
    }
    return longest;
  }

  private int[] lengths(Encoded input) {
    return IntStream.range(0, examples().size())
        .map(i -> (int) input.gather(new int[] {i}, null).shape()[1])
        .toArray();
  }

  /** A split in its order; empty where it has no examples. */
  public Optional<ExampleBatches> inOrder(SplitName part, int rows) {
    int[] members = members(part);
    return members.length == 0
        ? Optional.empty()
        : Optional.of(whole(ExampleBatches.inOrder(encoded, members, rows)));
  }

  /** Batches of whole queries, where they are learnt. */
  private ExampleBatches whole(ExampleBatches batches) {
    return task.task() instanceof Ranking ranking
        ? batches.grouped(ranking.queries(examples()))
        : batches;
  }

  /** What became of each record after so many micro-batches of the training split, proven. */
  public Ledger ledger(ExampleBatches training, long microBatches) {
    return ExampleLedger.of(examples(), parts, dropped, training.timesSeen(microBatches));
  }
}
