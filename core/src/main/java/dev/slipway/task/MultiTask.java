package dev.slipway.task;

import dev.slipway.base.Json;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.source.Dropped;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import tools.jackson.databind.node.ObjectNode;

/** Several tasks at once, a head of one network each. An example must have the target of all. */
public record MultiTask(List<Part> parts) implements DirectTask {
  /**
   * One of the tasks.
   *
   * @param name of the network's output
   */
  public record Part(String name, HeadTask task) {}

  public MultiTask {
    parts = List.copyOf(parts);
  }

  @Override
  public List<String> fields() {
    return parts.stream().flatMap(part -> part.task.fields().stream()).distinct().toList();
  }

  @Override
  public List<Head> heads() {
    return parts.stream().map(part -> part.task.head(part.name)).toList();
  }

  @Override
  public SequencedMap<String, Encoded> targets(ExampleSet examples) {
    SequencedMap<String, Encoded> targets = new LinkedHashMap<>();
    parts.forEach(part -> targets.put(part.name, part.task.target(part.name, examples)));
    return targets;
  }

  @Override
  public IntFunction<Optional<Dropped>> problems(ExampleSet examples) {
    List<IntFunction<Optional<Dropped>>> all =
        parts.stream().map(part -> part.task.problems(examples)).toList();
    return example ->
        all.stream().map(problems -> problems.apply(example)).flatMap(Optional::stream).findFirst();
  }

  @Override
  public List<Answer> read(SequencedMap<String, Tensor> outputs, Inputs inputs) {
    List<SequencedMap<String, Answer>> rows = new ArrayList<>();
    for (Part part : parts) {
      List<Answer> answers = part.task.read(Heads.output(outputs, part.name), inputs);
      for (int row = 0; row < answers.size(); row++) {
        if (rows.size() == row) {
          rows.add(new LinkedHashMap<>());
        }
        rows.get(row).put(part.name, answers.get(row));
      }
    }
    return rows.stream().<Answer>map(Answer.Several::new).toList();
  }

  private static Answer of(Answer answer, Part part) {
    Answer one = ((Answer.Several) answer).byHead().get(part.name);
    if (one == null) {
      throw new IllegalArgumentException("no answer of the head " + part.name);
    }
    return one;
  }

  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    SequencedMap<String, Predictions> all = new LinkedHashMap<>();
    for (Part part : parts) {
      all.put(
          part.name,
          part.task.predictions(
              examples, members, answers.stream().map(answer -> of(answer, part)).toList()));
    }
    return new Predictions.Several(members, all);
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    ObjectNode json = Json.object();
    for (Part part : parts) {
      json.set(part.name, part.task.json(of(answer, part), request, example, top));
    }
    return json;
  }

  @Override
  public ObjectNode answerSchema() {
    SequencedMap<String, ObjectNode> properties = new LinkedHashMap<>();
    parts.forEach(part -> properties.put(part.name, part.task.answerSchema()));
    return Heads.schema(properties);
  }
}
