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
 * One of several classes, by a logit for each: their softmax are the probabilities.
 *
 * @param classes names in the order of the outputs
 */
public record MultiClassClassification(String field, List<String> classes) implements HeadTask {
  public MultiClassClassification {
    classes = List.copyOf(classes);
  }

  @Override
  public Head head(String name) {
    return new Head(name, classes.size(), false, classes.size() + " classes");
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
    for (double[] row : Heads.rows(raw.to(DType.FLOAT64).softmax(-1))) {
      answers.add(new Answer.Classified(row));
    }
    return answers;
  }

  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    double[][] probabilities =
        answers.stream()
            .map(answer -> ((Answer.Classified) answer).probabilities())
            .toArray(double[][]::new);
    return new Predictions.MultiClass(
        members, classes, ClassNames.truth(field, classes, examples, members), probabilities);
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    double[] probabilities = ((Answer.Classified) answer).probabilities();
    int told = Heads.argmax(probabilities);
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
