package dev.slipway.task;

import dev.slipway.base.Json;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Value;
import dev.slipway.data.feature.EncodedFloats;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Any of several labels, by a logit for each: its sigmoid is the label's probability.
 *
 * @param separator between labels where the field is text; empty where it holds labels
 * @param labels names in the order of the outputs
 * @param thresholds a label is told from this probability up
 */
public record MultiLabelClassification(
    String field, String separator, List<String> labels, List<Double> thresholds)
    implements HeadTask {
  public MultiLabelClassification {
    labels = List.copyOf(labels);
    thresholds = List.copyOf(thresholds);
    if (labels.size() != thresholds.size()) {
      throw new IllegalArgumentException("a threshold for each label");
    }
  }

  /** The labels of an example; none where they are missing. */
  public List<String> told(Value value) {
    return labelsOf(value, separator) instanceof List<String> labels ? labels : List.of();
  }

  /** The labels that a value holds; null where it is missing. */
  static @Nullable List<String> labelsOf(Value value, String separator) {
    return switch (value) {
      case Value.Labels(List<String> labels) -> labels;
      case Value.Text(String text) when separator.isEmpty() ->
          text.isBlank() ? List.of() : List.of(text.strip());
      case Value.Text(String text) ->
          Arrays.stream(text.split(java.util.regex.Pattern.quote(separator), -1))
              .map(String::strip)
              .filter(label -> !label.isEmpty())
              .toList();
      case Value.Missing _, Value.Number _, Value.Content _, Value.Pixels _ -> null;
    };
  }

  @Override
  public Head head(String name) {
    return new Head(name, labels.size(), false, labels.size() + " labels");
  }

  @Override
  public Encoded target(String name, ExampleSet examples) {
    Map<String, Integer> places = ClassNames.places(labels);
    int width = labels.size();
    float[] marks = new float[Math.multiplyExact(examples.size(), width)];
    for (int i = 0; i < examples.size(); i++) {
      List<String> told = labelsOf(examples.value(i, field), separator);
      if (told != null) {
        for (String label : told) {
          Integer place = places.get(label);
          if (place != null) {
            marks[i * width + place] = 1;
          }
        }
      }
    }
    return new EncodedFloats(InputShape.floats(name, (long) width), marks);
  }

  @Override
  public IntFunction<Optional<Dropped>> problems(ExampleSet examples) {
    Map<String, Integer> places = ClassNames.places(labels);
    return example -> {
      List<String> told = labelsOf(examples.value(example, field), separator);
      if (told == null) {
        return Optional.of(new Dropped(DropReason.TARGET_MISSING, field));
      }
      return told.stream()
          .filter(label -> !places.containsKey(label))
          .findFirst()
          .map(label -> new Dropped(DropReason.LABEL_UNKNOWN, label));
    };
  }

  @Override
  public List<Answer> read(Tensor raw, Inputs inputs) {
    List<Answer> answers = new ArrayList<>();
    for (double[] row : Heads.rows(raw.to(DType.FLOAT64).sigmoid())) {
      answers.add(new Answer.Labelled(row));
    }
    return answers;
  }

  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    Map<String, Integer> places = ClassNames.places(labels);
    boolean[][] truth = new boolean[members.length][labels.size()];
    double[][] probabilities = new double[members.length][];
    for (int i = 0; i < members.length; i++) {
      List<String> told = labelsOf(examples.value(members[i], field), separator);
      if (told != null) {
        for (String label : told) {
          truth[i][places.getOrDefault(label, 0)] |= places.containsKey(label);
        }
      }
      probabilities[i] = ((Answer.Labelled) answers.get(i)).probabilities();
    }
    return new Predictions.MultiLabel(
        members,
        labels,
        truth,
        probabilities,
        thresholds.stream().mapToDouble(Double::doubleValue).toArray());
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    double[] probabilities = ((Answer.Labelled) answer).probabilities();
    ObjectNode json = Json.object();
    ArrayNode told = json.putArray("labels");
    for (int i = 0; i < probabilities.length; i++) {
      if (probabilities[i] >= thresholds.get(i)) {
        told.addObject().put("label", labels.get(i)).put("probability", probabilities[i]);
      }
    }
    json.set("top", Heads.ranked(labels, probabilities, top));
    return json;
  }

  @Override
  public ObjectNode answerSchema() {
    SequencedMap<String, ObjectNode> labelled = new LinkedHashMap<>();
    labelled.put("label", Heads.oneOf(labels));
    labelled.put("probability", Heads.probability());
    SequencedMap<String, ObjectNode> properties = new LinkedHashMap<>();
    properties.put("labels", Heads.listOf(Heads.schema(labelled)));
    properties.put("top", Heads.listOf(Heads.schema(labelled)));
    return Heads.schema(properties);
  }
}
