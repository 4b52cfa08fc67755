package dev.slipway.recipe.examples;

import dev.slipway.data.SplitName;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.data.feature.BagFeature;
import dev.slipway.data.feature.CategoriesFeature;
import dev.slipway.data.feature.Columns;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.PiecesFeature;
import dev.slipway.data.feature.TokensFeature;
import dev.slipway.data.feature.WordsFeature;
import dev.slipway.eval.yardstick.Features;
import dev.slipway.eval.yardstick.RatingYardsticks;
import dev.slipway.eval.yardstick.TaggingYardsticks;
import dev.slipway.eval.yardstick.TaskYardsticks;
import dev.slipway.eval.yardstick.TextYardsticks;
import dev.slipway.nn.InputShape;
import dev.slipway.task.DirectTask;
import dev.slipway.task.MultiLabelClassification;
import dev.slipway.task.MultiTask;
import dev.slipway.task.Predictions;
import dev.slipway.task.SequenceTagging;
import dev.slipway.task.Task;
import dev.slipway.task.TaskData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Gives yardsticks the very examples that the model had: texts, columns or pictures. */
final class YardstickInputs {
  private YardstickInputs() {}

  /** What yardsticks tell of the test examples; empty where the task or its inputs have none. */
  static Optional<TaskYardsticks.Result> predict(TaskData data, Predictions predictions) {
    return predict(
        data,
        predictions,
        data.members(SplitName.TRAIN),
        predictions instanceof Predictions.Rankings ? data.judged() : predictions.examples());
  }

  /**
   * The same, of some of the examples.
   *
   * @param predictions tell the kind and its classes
   */
  static Optional<TaskYardsticks.Result> predict(
      TaskData data, Predictions predictions, int[] training, int[] test) {
    return of(data, data.task().task(), predictions, training, test);
  }

  private static Optional<TaskYardsticks.Result> of(
      TaskData data, Task task, Predictions predictions, int[] training, int[] test) {
    if (predictions instanceof Predictions.Recommended) {
      return Optional.empty();
    }
    if (task instanceof MultiTask several
        && predictions instanceof Predictions.Several(int[] _, var byHead)) {
      return together(data, several, byHead, training, test);
    }
    if (predictions instanceof Predictions.Tags && task instanceof SequenceTagging tagging) {
      return Optional.of(tags(data, tagging, training, test));
    }
    if (predictions instanceof Predictions.Numbers && isRatings(data)) {
      return Optional.of(ratings(data, training, test));
    }
    Optional<Features> taught = features(data, training, training);
    if (taught.isEmpty()) {
      return Optional.empty();
    }
    Features asked = features(data, test, training).orElseThrow();
    String field = task.fields().getFirst();
    return switch (predictions) {
      case Predictions.Binary binary ->
          Optional.of(
              TaskYardsticks.classification(
                  taught.get(), labels(data, field, training, binary.classes()), 2, asked));
      case Predictions.MultiClass classes ->
          Optional.of(
              TaskYardsticks.classification(
                  taught.get(),
                  labels(data, field, training, classes.classes()),
                  classes.classes().size(),
                  asked));
      case Predictions.Numbers _, Predictions.Rankings _ ->
          Optional.of(
              TaskYardsticks.regression(taught.get(), numbers(data, field, training), asked));
      case Predictions.MultiLabel _ ->
          Optional.of(
              TaskYardsticks.multiLabel(
                  taught.get(), marks(data, (MultiLabelClassification) task, training), asked));
      case Predictions.Tags _,
          Predictions.Texts _,
          Predictions.Recommended _,
          Predictions.Transcripts _,
          Predictions.Spans _,
          Predictions.Retrieved _,
          Predictions.Several _ ->
          Optional.empty();
    };
  }

  /** The simplest yardsticks of each head side by side, then the strongest ones. */
  private static Optional<TaskYardsticks.Result> together(
      TaskData data,
      MultiTask several,
      SequencedMap<String, Predictions> byHead,
      int[] training,
      int[] test) {
    List<TaskYardsticks.Result> heads = new ArrayList<>();
    for (MultiTask.Part part : several.parts()) {
      Predictions told = byHead.get(part.name());
      Optional<TaskYardsticks.Result> one =
          told == null ? Optional.empty() : of(data, part.task(), told, training, test);
      if (one.isEmpty()) {
        return Optional.empty();
      }
      heads.add(one.get());
    }
    List<dev.slipway.eval.yardstick.Predictions> found =
        List.of(
            dev.slipway.eval.yardstick.Predictions.together(
                heads.stream().map(head -> head.predictions().getFirst()).toList()),
            dev.slipway.eval.yardstick.Predictions.together(
                heads.stream().map(head -> head.predictions().getLast()).toList()));
    return Optional.of(
        new TaskYardsticks.Result(
            found, heads.stream().flatMap(head -> head.leftOut().stream()).distinct().toList()));
  }

  private static TaskYardsticks.Result tags(
      TaskData data, SequenceTagging task, int[] training, int[] test) {
    Map<String, Integer> places = new HashMap<>();
    task.tags().forEach(tag -> places.put(tag, places.size()));
    int[][] tags = new int[training.length][];
    for (int i = 0; i < tags.length; i++) {
      tags[i] =
          SequenceTagging.split(data.examples().value(training[i], task.field())).stream()
              .mapToInt(places::get)
              .toArray();
    }
    return TaggingYardsticks.tags(
        tokens(data, task, training), tags, task.tags().size(), tokens(data, task, test));
  }

  private static List<List<String>> tokens(TaskData data, SequenceTagging task, int[] members) {
    return Arrays.stream(members)
        .mapToObj(member -> SequenceTagging.split(data.examples().value(member, task.tokens())))
        .toList();
  }

  /** Whether yardsticks learn from pixels. */
  static boolean ofPictures(TaskData data) {
    return features(data, new int[0], new int[0]).orElse(null) instanceof Features.Pictures;
  }

  /** Whether yardsticks learn from words. */
  static boolean ofTexts(TaskData data) {
    return data.task().task() instanceof DirectTask
        && features(data, new int[0], new int[0]).orElse(null) instanceof Features.Texts;
  }

  private static boolean[][] marks(TaskData data, MultiLabelClassification task, int[] members) {
    boolean[][] marks = new boolean[members.length][task.labels().size()];
    for (int i = 0; i < members.length; i++) {
      List<String> told = task.told(data.examples().value(members[i], task.field()));
      for (int label = 0; label < marks[i].length; label++) {
        marks[i][label] = told.contains(task.labels().get(label));
      }
    }
    return marks;
  }

  /** What yardsticks write for the test examples; empty where their source is no text. */
  static List<TextYardsticks.Written> written(TaskData data, Predictions.Texts predictions) {
    int[] training = data.members(SplitName.TRAIN);
    if (!(features(data, training, training).orElse(null) instanceof Features.Texts sources)
        || !(features(data, predictions.examples(), training).orElse(null)
            instanceof Features.Texts asked)) {
      return List.of();
    }
    return TextYardsticks.sequenceToSequence(
        sources.texts(),
        texts(data.examples(), data.task().task().fields().getFirst(), training),
        asked.texts());
  }

  private static List<String> texts(ExampleSet examples, String field, int[] members) {
    List<String> texts = new ArrayList<>();
    for (int member : members) {
      texts.add(examples.value(member, field) instanceof Value.Text(String text) ? text : "");
    }
    return texts;
  }

  /** Whether a number of two ids is learnt: a user's rating of an item. */
  private static boolean isRatings(TaskData data) {
    return data.features().size() == 1
        && data.features().getFirst() instanceof CategoriesFeature ids
        && ids.fields().size() == 2;
  }

  private static TaskYardsticks.Result ratings(TaskData data, int[] training, int[] test) {
    List<String> fields = data.features().getFirst().fields();
    return RatingYardsticks.biases(
        codes(data.examples(), fields.getFirst(), training, training),
        codes(data.examples(), fields.getLast(), training, training),
        numbers(data, data.task().task().fields().getFirst(), training),
        codes(data.examples(), fields.getFirst(), test, training),
        codes(data.examples(), fields.getLast(), test, training));
  }

  /** A yardstick's outputs in the place of the model's. */
  static Predictions as(Predictions model, dev.slipway.eval.yardstick.Predictions yardstick) {
    return switch (model) {
      case Predictions.Binary binary ->
          new Predictions.Binary(
              binary.examples(), binary.classes(), binary.truth(), yardstick.column(1), 0.5);
      case Predictions.MultiClass classes ->
          new Predictions.MultiClass(
              classes.examples(), classes.classes(), classes.truth(), yardstick.outputs());
      case Predictions.Numbers numbers ->
          new Predictions.Numbers(numbers.examples(), numbers.truth(), yardstick.numbers());
      case Predictions.Rankings lists -> lists.scored(yardstick.numbers());
      case Predictions.MultiLabel labels ->
          new Predictions.MultiLabel(
              labels.examples(),
              labels.labels(),
              labels.truth(),
              yardstick.outputs(),
              labels.thresholds());
      case Predictions.Tags tags ->
          new Predictions.Tags(
              tags.examples(),
              tags.tags(),
              tags.truth(),
              Arrays.stream(yardstick.outputs())
                  .map(
                      row ->
                          Arrays.stream(row).mapToObj(tag -> tags.tags().get((int) tag)).toList())
                  .toList());
      case Predictions.Several(int[] examples, var byHead) -> {
        SequencedMap<String, Predictions> heads = new LinkedHashMap<>();
        int[] from = new int[examples.length];
        byHead.forEach((head, one) -> heads.put(head, as(one, yardstick.part(from, widths(one)))));
        yield new Predictions.Several(examples, heads);
      }
      case Predictions.Texts _,
          Predictions.Transcripts _,
          Predictions.Spans _,
          Predictions.Retrieved _,
          Predictions.Recommended _ ->
          throw new IllegalStateException("this task has no yardstick");
    };
  }

  /** How many outputs a yardstick has for each example. */
  private static int[] widths(Predictions predictions) {
    int[] widths = new int[predictions.examples().length];
    for (int i = 0; i < widths.length; i++) {
      widths[i] =
          switch (predictions) {
            case Predictions.Binary _ -> 2;
            case Predictions.MultiClass classes -> classes.classes().size();
            case Predictions.MultiLabel labels -> labels.labels().size();
            case Predictions.Tags tags -> tags.truth().get(i).size();
            case Predictions.Numbers _, Predictions.Rankings _ -> 1;
            case Predictions.Texts _,
                Predictions.Transcripts _,
                Predictions.Spans _,
                Predictions.Retrieved _,
                Predictions.Recommended _,
                Predictions.Several _ ->
                throw new IllegalStateException("no head of several has this task");
          };
    }
    return widths;
  }

  private static int[] labels(TaskData data, String field, int[] members, List<String> classes) {
    Map<String, Integer> index = new HashMap<>();
    for (int i = 0; i < classes.size(); i++) {
      index.put(classes.get(i), i);
    }
    int[] labels = new int[members.length];
    for (int i = 0; i < labels.length; i++) {
      Integer label = index.get(word(data.examples().value(members[i], field)));
      if (label == null) {
        throw new IllegalStateException("a training example of no known class was not dropped");
      }
      labels[i] = label;
    }
    return labels;
  }

  private static double[] numbers(TaskData data, String field, int[] members) {
    double[] all = data.examples().numbers(field);
    double[] numbers = new double[members.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = all[members[i]];
    }
    return numbers;
  }

  /** A value as a class's name, as tasks have it; empty where it is missing. */
  static String word(Value value) {
    return Columns.word(value) instanceof String word ? word : "";
  }

  private static Optional<Features> features(TaskData data, int[] members, int[] training) {
    List<String> fields =
        data.features().stream().flatMap(feature -> feature.fields().stream()).toList();
    ExampleSet examples = data.examples();
    Map<String, Field.Kind> kinds = new HashMap<>();
    examples.fields().forEach(field -> kinds.put(field.name(), field.kind()));
    if (data.features().size() == 1 && fields.size() == 1) {
      Field.Kind kind = kinds.get(fields.getFirst());
      InputShape shape = data.features().getFirst().shape();
      if (shape.isVariable() && kind == Field.Kind.SOUND) {
        return Optional.empty();
      }
      if (kind == Field.Kind.PICTURE || kind == Field.Kind.SOUND) {
        return Optional.of(pictures(data, data.features().getFirst(), members));
      }
    }
    List<String> read =
        data.features().stream()
            .filter(YardstickInputs::isText)
            .flatMap(feature -> feature.fields().stream())
            .toList();
    if (!fields.isEmpty() && read.size() == fields.size()) {
      return Optional.of(new Features.Texts(joined(examples, read, members)));
    }
    List<Features.Column> columns = new ArrayList<>();
    for (String field : fields) {
      Field.Kind kind = kinds.get(field);
      if (read.contains(field)) {
        continue; // beside columns, prose would be a category of one example each
      }
      if (kind == Field.Kind.NUMBER) {
        double[] all = examples.numbers(field);
        double[] some = new double[members.length];
        for (int i = 0; i < some.length; i++) {
          some[i] = all[members[i]];
        }
        columns.add(new Features.Column.Numbers(field, some));
      } else if (kind == Field.Kind.TEXT) {
        columns.add(categories(examples, field, members, training));
      } else {
        return Optional.empty();
      }
    }
    return columns.isEmpty() ? Optional.empty() : Optional.of(new Features.Columns(columns));
  }

  /** Whether a field is read as text, and not as a category. */
  private static boolean isText(Feature feature) {
    return feature instanceof WordsFeature
        || feature instanceof BagFeature
        || feature instanceof PiecesFeature
        || feature instanceof TokensFeature;
  }

  /** The texts of several fields, one after the other. */
  private static List<String> joined(ExampleSet examples, List<String> fields, int[] members) {
    List<String> joined = texts(examples, fields.getFirst(), members);
    for (String field : fields.subList(1, fields.size())) {
      List<String> more = texts(examples, field, members);
      for (int i = 0; i < joined.size(); i++) {
        joined.set(i, joined.get(i) + " " + more.get(i));
      }
    }
    return joined;
  }

  private static Features.Column categories(
      ExampleSet examples, String field, int[] members, int[] training) {
    return new Features.Column.Categories(field, codes(examples, field, members, training));
  }

  /** Numbers from 0 in the order of the training examples; −1 for what they have not. */
  private static int[] codes(ExampleSet examples, String field, int[] members, int[] training) {
    Map<String, Integer> codes = new HashMap<>();
    for (int member : training) {
      String word = word(examples.value(member, field));
      codes.computeIfAbsent(word, _ -> codes.size());
    }
    int[] of = new int[members.length];
    for (int i = 0; i < of.length; i++) {
      of[i] = codes.getOrDefault(word(examples.value(members[i], field)), -1);
    }
    return of;
  }

  private static Features pictures(TaskData data, Feature feature, int[] members) {
    SequencedMap<String, Encoded> inputs = data.encoded().inputs();
    Encoded encoded = inputs.get(feature.name());
    if (encoded == null) {
      throw new IllegalStateException("no input " + feature.name());
    }
    List<Long> sizes = feature.shape().sizes();
    int channels = sizes.size() == 3 ? sizes.get(0).intValue() : 1;
    int height = sizes.get(sizes.size() - 2).intValue();
    int width = sizes.getLast().intValue();
    float[][] pictures = new float[members.length][];
    int chunk = 256;
    for (int from = 0; from < members.length; from += chunk) {
      int[] rows = Arrays.copyOfRange(members, from, Math.min(members.length, from + chunk));
      float[] values =
          switch (encoded.gather(rows, null)) {
            case Values.Floats(float[] all, long[] _) -> all;
            case Values.Ragged(float[] all, long[] _, int[] _) -> all;
            case Values.Ids _ -> throw new IllegalStateException("a picture is no list of ids");
          };
      for (int i = 0; i < rows.length; i++) {
        pictures[from + i] = lastChannels(values, i, channels, height, width);
      }
    }
    return new Features.Pictures(height, width, channels, pictures);
  }

  /** Channels first to channels last. */
  private static float[] lastChannels(
      float[] values, int row, int channels, int height, int width) {
    float[] picture = new float[channels * height * width];
    int start = row * picture.length;
    for (int c = 0; c < channels; c++) {
      for (int at = 0; at < height * width; at++) {
        picture[at * channels + c] = values[start + c * height * width + at];
      }
    }
    return picture;
  }
}
