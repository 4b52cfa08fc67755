package dev.slipway.task;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.feature.EncodedSequences;
import dev.slipway.data.feature.Fields;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.function.IntFunction;
import tools.jackson.databind.node.ObjectNode;

/**
 * A text letter by letter from a longer sequence, such as speech, without the letters' places: by
 * connectionist temporal classification (Graves et al. 2006). Output 0 of each place stands for no
 * letter; the text is read off the best path, repeats joined.
 *
 * @param letters code points, in the order of the outputs from 1
 */
public record Transcription(String field, List<String> letters) implements HeadTask {
  public Transcription {
    letters = List.copyOf(letters);
  }

  static Transcription fit(String field, ExampleSet examples, int[] training) {
    Fields.named(examples, field, Field.Kind.TEXT);
    TreeSet<Integer> points = new TreeSet<>();
    for (int example : training) {
      text(examples, example, field).codePoints().forEach(points::add);
    }
    if (points.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "task.no-target",
          "no training example has a " + field + ", of " + training.length,
          "name another target, or mend the column");
    }
    return new Transcription(field, points.stream().map(Character::toString).toList());
  }

  private static String text(ExampleSet examples, int example, String field) {
    return examples.value(example, field) instanceof Value.Text(String text) ? text.strip() : "";
  }

  private Map<String, Integer> places() {
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < letters.size(); i++) {
      places.put(letters.get(i), i + 1);
    }
    return places;
  }

  @Override
  public Head head(String name) {
    return new Head(
        name, 1 + letters.size(), true, letters.size() + " letters and one for none of them");
  }

  @Override
  public Encoded target(String name, ExampleSet examples) {
    Fields.named(examples, field, Field.Kind.TEXT);
    Map<String, Integer> places = places();
    int[][] ids = new int[examples.size()][];
    for (int i = 0; i < ids.length; i++) {
      ids[i] =
          text(examples, i, field)
              .codePoints()
              .map(point -> places.getOrDefault(Character.toString(point), 0))
              .toArray();
    }
    return new EncodedSequences(InputShape.ids(name, 1 + letters.size(), InputShape.VARIABLE), ids);
  }

  @Override
  public IntFunction<Optional<Dropped>> problems(ExampleSet examples) {
    Map<String, Integer> places = places();
    return example -> {
      String text = text(examples, example, field);
      if (text.isEmpty()) {
        return Optional.of(new Dropped(DropReason.TARGET_MISSING, field));
      }
      return text.codePoints()
          .mapToObj(Character::toString)
          .filter(letter -> !places.containsKey(letter))
          .findFirst()
          .map(letter -> new Dropped(DropReason.LABEL_UNKNOWN, letter));
    };
  }

  @Override
  public List<Answer> read(Tensor raw, Inputs inputs) {
    int rows = (int) raw.size(0);
    int time = (int) raw.size(1);
    int width = (int) raw.size(2);
    double[] logs = raw.to(DType.FLOAT64).logSoftmax(-1).toDoubles(); // (B, T, C)
    Tensor own = Criterion.frames(inputs, raw);
    long[] lengths = own == null ? new long[0] : own.toLongs();
    List<Answer> answers = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      StringBuilder text = new StringBuilder();
      double sum = 0;
      int before = 0;
      for (int t = 0; t < (own == null ? time : lengths[row]); t++) {
        int from = (row * time + t) * width;
        double[] place = Arrays.copyOfRange(logs, from, from + width);
        int best = Heads.argmax(place);
        sum += place[best];
        if (best != 0 && best != before) {
          text.append(letters.get(best - 1));
        }
        before = best;
      }
      answers.add(new Answer.Written(text.toString(), sum));
    }
    return answers;
  }

  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    return new Predictions.Transcripts(
        members,
        Arrays.stream(members).mapToObj(i -> text(examples, i, field)).toList(),
        answers.stream().map(answer -> ((Answer.Written) answer).text()).toList());
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    Answer.Written written = (Answer.Written) answer;
    return Json.object()
        .put("text", written.text())
        .put("log-probability", written.logProbability());
  }

  @Override
  public ObjectNode answerSchema() {
    SequencedMap<String, ObjectNode> properties = new LinkedHashMap<>();
    properties.put("text", Heads.type("string"));
    properties.put("log-probability", Heads.type("number"));
    return Heads.schema(properties);
  }
}
