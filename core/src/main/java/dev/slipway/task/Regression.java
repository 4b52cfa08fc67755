package dev.slipway.task;

import dev.slipway.base.Json;
import dev.slipway.data.column.NumberTransform;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.feature.Columns;
import dev.slipway.data.feature.EncodedFloats;
import dev.slipway.data.feature.Fields;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * A number. The network learns it scaled; answers are in the target's own unit.
 *
 * @param scale fitted on the training split; it clips nothing
 * @param range that answers stay in, such as that of ratings; null for none
 */
public record Regression(String field, NumberTransform scale, @Nullable Range range)
    implements HeadTask {
  /** The smallest and the largest target of the training split. */
  public record Range(double lowest, double highest) {
    double clipped(double value) {
      return Math.clamp(value, lowest, highest);
    }
  }

  @Override
  public Head head(String name) {
    return new Head(name, 1, false, "one number");
  }

  @Override
  public Encoded target(String name, ExampleSet examples) {
    Fields.named(examples, field, Field.Kind.NUMBER);
    double[] numbers = examples.numbers(field);
    float[] scaled = new float[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      scaled[i] = Double.isFinite(numbers[i]) ? (float) scale.scaled(numbers[i]) : 0;
    }
    return new EncodedFloats(InputShape.floats(name), scaled);
  }

  @Override
  public IntFunction<Optional<Dropped>> problems(ExampleSet examples) {
    return example ->
        Double.isFinite(Columns.number(examples.value(example, field)))
            ? Optional.empty()
            : Optional.of(new Dropped(DropReason.TARGET_MISSING, field));
  }

  @Override
  public List<Answer> read(Tensor raw, Inputs inputs) {
    List<Answer> answers = new ArrayList<>();
    for (double[] row : Heads.rows(raw)) {
      double value = scale.unscaled(row[0]);
      // A number that is none stays one: it must not look like an answer.
      answers.add(
          new Answer.Estimated(
              range == null || !Double.isFinite(value) ? value : range.clipped(value)));
    }
    return answers;
  }

  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    double[] truth = new double[members.length];
    double[] predicted = new double[members.length];
    for (int i = 0; i < members.length; i++) {
      truth[i] = Columns.number(examples.value(members[i], field));
      predicted[i] = ((Answer.Estimated) answers.get(i)).value();
    }
    return new Predictions.Numbers(members, truth, predicted);
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    return Json.object().put("value", ((Answer.Estimated) answer).value());
  }

  @Override
  public ObjectNode answerSchema() {
    SequencedMap<String, ObjectNode> properties = new LinkedHashMap<>();
    properties.put("value", Heads.type("number"));
    return Heads.schema(properties);
  }
}
