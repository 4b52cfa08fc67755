package dev.slipway.task;

import dev.slipway.base.Json;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.feature.EncodedSequences;
import dev.slipway.data.feature.Fields;
import dev.slipway.data.feature.TokensFeature;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.Input;
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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A tag for each token, by a logit for each tag. Tokens are what blanks part in a field of text, or
 * the entries of a field of labels; the feature that reads them must make one id of each.
 *
 * @param field the tags, as many as tokens
 * @param tokens the field of the tokens
 * @param tags names in the order of the outputs
 */
public record SequenceTagging(String field, String tokens, List<String> tags) implements HeadTask {
  public SequenceTagging {
    tags = List.copyOf(tags);
  }

  /** Tokens or tags of a value; none where it is missing. */
  public static List<String> split(Value value) {
    return TokensFeature.words(value);
  }

  @Override
  public Head head(String name) {
    return new Head(name, tags.size(), true, tags.size() + " tags");
  }

  @Override
  public Encoded target(String name, ExampleSet examples) {
    Fields.named(examples, field, Field.Kind.LABELS, Field.Kind.TEXT);
    Map<String, Integer> places = ClassNames.places(tags);
    int[][] ids = new int[examples.size()][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] =
          split(examples.value(i, field)).stream()
              .mapToInt(tag -> places.getOrDefault(tag, ClassNames.NONE))
              .toArray();
    }
    return new EncodedSequences(InputShape.ids(name, tags.size(), InputShape.VARIABLE), ids);
  }

  @Override
  public IntFunction<Optional<Dropped>> problems(ExampleSet examples) {
    Map<String, Integer> places = ClassNames.places(tags);
    return example -> {
      List<String> told = split(examples.value(example, field));
      int words = split(examples.value(example, tokens)).size();
      if (told.isEmpty()) {
        return Optional.of(new Dropped(DropReason.TARGET_MISSING, field));
      }
      if (told.size() != words) {
        return Optional.of(
            new Dropped(DropReason.TARGET_MISSING, told.size() + " tags for " + words + " tokens"));
      }
      return told.stream()
          .filter(tag -> !places.containsKey(tag))
          .findFirst()
          .map(tag -> new Dropped(DropReason.LABEL_UNKNOWN, tag));
    };
  }

  @Override
  public List<Answer> read(Tensor raw, Inputs inputs) {
    Tensor probabilities = raw.to(DType.FLOAT64).softmax(-1); // (B, T, C)
    int rows = (int) raw.size(0);
    int longest = (int) raw.size(1);
    int width = (int) raw.size(2);
    double[] flat = probabilities.toDoubles();
    long[] lengths = lengths(inputs, rows, longest);
    List<Answer> answers = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      int length = (int) Math.min(lengths[row], longest);
      int[] told = new int[length];
      double[] sure = new double[length];
      for (int t = 0; t < length; t++) {
        int from = (row * longest + t) * width;
        double[] token = Arrays.copyOfRange(flat, from, from + width);
        told[t] = Heads.argmax(token);
        sure[t] = token[told[t]];
      }
      answers.add(new Answer.Tagged(told, sure));
    }
    return answers;
  }

  private static long[] lengths(Inputs inputs, int rows, int longest) {
    for (Input input : inputs.byName().values()) {
      if (input.lengths() != null) {
        return input.lengths().toLongs();
      }
    }
    long[] all = new long[rows];
    Arrays.fill(all, longest);
    return all;
  }

  /** Where the input was cut short, its last tags have no answer and are left out. */
  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    List<List<String>> truth = new ArrayList<>();
    List<List<String>> predicted = new ArrayList<>();
    for (int i = 0; i < members.length; i++) {
      List<String> told = split(examples.value(members[i], field));
      int[] found = ((Answer.Tagged) answers.get(i)).tags();
      int length = Math.min(told.size(), found.length);
      truth.add(List.copyOf(told.subList(0, length)));
      predicted.add(Arrays.stream(found).limit(length).mapToObj(tags::get).toList());
    }
    return new Predictions.Tags(members, tags, truth, predicted);
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    Answer.Tagged told = (Answer.Tagged) answer;
    List<String> words = split(request.value(example, tokens));
    ObjectNode json = Json.object();
    ArrayNode list = json.putArray("tags");
    for (int t = 0; t < Math.min(words.size(), told.tags().length); t++) {
      list.addObject()
          .put("token", words.get(t))
          .put("tag", tags.get(told.tags()[t]))
          .put("probability", told.probabilities()[t]);
    }
    return json;
  }

  @Override
  public ObjectNode answerSchema() {
    SequencedMap<String, ObjectNode> tagged = new LinkedHashMap<>();
    tagged.put("token", Heads.type("string"));
    tagged.put("tag", Heads.oneOf(tags));
    tagged.put("probability", Heads.probability());
    SequencedMap<String, ObjectNode> properties = new LinkedHashMap<>();
    properties.put("tags", Heads.listOf(Heads.schema(tagged)));
    return Heads.schema(properties);
  }
}
