package dev.slipway.task;

import dev.slipway.base.Json;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import tools.jackson.databind.node.ObjectNode;

/**
 * One of two classes, by one logit: its sigmoid is the probability of the second class.
 *
 * @param classes the negative one and the positive one
 * @param threshold the answer is positive from this probability up
 */
public record BinaryClassification(String field, List<String> classes, double threshold)
    implements HeadTask {
  public BinaryClassification {
    classes = List.copyOf(classes);
    if (classes.size() != 2 || !(threshold >= 0 && threshold <= 1)) {
      throw new IllegalArgumentException("two classes and a threshold, came " + classes);
    }
  }

  /** The same with a threshold that was chosen on the validation split. */
  public BinaryClassification withThreshold(double value) {
    return new BinaryClassification(field, classes, value);
  }

  @Override
  public Head head(String name) {
    return new Head(name, 1, false, "two classes");
  }

  @Override
  public Encoded target(String name, ExampleSet examples) {
    return ClassNames.encode(name, field, classes, examples);
  }

  @Override
  public IntFunction<Optional<Dropped>> problems(ExampleSet examples) {
    return ClassNames.problems(field, classes, examples);
  }

  @Override
  public List<Answer> read(Tensor raw, Inputs inputs) {
    List<Answer> answers = new ArrayList<>();
    for (double[] row : Heads.rows(raw.to(DType.FLOAT64).sigmoid())) {
      answers.add(new Answer.Classified(new double[] {1 - row[0], row[0]}));
    }
    return answers;
  }

  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    double[] positive = new double[members.length];
    for (int i = 0; i < members.length; i++) {
      positive[i] = ((Answer.Classified) answers.get(i)).probabilities()[1];
    }
    return new Predictions.Binary(
        members, classes, ClassNames.truth(field, classes, examples, members), positive, threshold);
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    double[] probabilities = ((Answer.Classified) answer).probabilities();
    int told = probabilities[1] >= threshold ? 1 : 0;
    ObjectNode json =
        Json.object().put("label", classes.get(told)).put("probability", probabilities[told]);
    json.set("top", Heads.ranked(classes, probabilities, top));
    return json;
  }

  @Override
  public ObjectNode answerSchema() {
    return ClassNames.answerSchema(classes);
  }
}
