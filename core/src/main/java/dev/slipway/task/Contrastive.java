package dev.slipway.task;

import dev.slipway.base.Json;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.feature.EncodedNothing;
import dev.slipway.data.feature.Fields;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import tools.jackson.databind.node.ObjectNode;

/**
 * Vectors that are near for texts that belong together: each query's own text against the others of
 * the batch (Henderson et al. 2017, section 4; van den Oord et al. 2018). Judged by the place that
 * the right text takes among those of all examples.
 *
 * @param texts the fields: the query, the text that belongs to it, and one that does not where
 *     there are such
 * @param cuts how many texts are looked at where a query is judged
 */
public record Contrastive(List<String> texts, List<Integer> cuts) implements Task {
  /** Queries whose place is looked for at a time. */
  private static final int ROWS = 256;

  public Contrastive {
    texts = List.copyOf(texts);
    cuts = List.copyOf(cuts);
  }

  static Contrastive fit(TaskConfig.Contrastive config, ExampleSet examples) {
    config.texts().forEach(text -> Fields.named(examples, text, Field.Kind.TEXT));
    return new Contrastive(config.texts(), config.cuts());
  }

  @Override
  public List<String> fields() {
    return texts.subList(1, texts.size());
  }

  @Override
  public List<Head> heads() {
    return List.of(new Head(Network.OUTPUT, Head.ANY, true, "vectors"));
  }

  @Override
  public SequencedMap<String, Encoded> targets(ExampleSet examples) {
    SequencedMap<String, Encoded> one = new LinkedHashMap<>();
    one.put(Network.OUTPUT, new EncodedNothing(InputShape.floats(Network.OUTPUT)));
    return one;
  }

  @Override
  public IntFunction<Optional<Dropped>> problems(ExampleSet examples) {
    return example ->
        texts.stream()
            .filter(text -> text(examples, example, text).isBlank())
            .findFirst()
            .map(text -> new Dropped(DropReason.TARGET_MISSING, text));
  }

  private static String text(ExampleSet examples, int example, String field) {
    return examples.value(example, field) instanceof Value.Text(String text) ? text : "";
  }

  @Override
  public List<Answer> predict(Network network, Inputs inputs, ExampleSet examples, int[] rows) {
    try (NoGrad _ = NoGrad.open()) {
      Tensor output = network.output(inputs, Pass.INFERENCE).to(DType.FLOAT32); // (B, 2, D)
      int views = Math.toIntExact(output.size(1));
      int width = Math.toIntExact(output.size(2));
      float[] flat = output.contiguous().toFloats();
      List<Answer> answers = new ArrayList<>();
      for (int row = 0; row < rows.length; row++) {
        float[][] vectors = new float[views][];
        for (int view = 0; view < views; view++) {
          int from = (row * views + view) * width;
          vectors[view] = Arrays.copyOfRange(flat, from, from + width);
        }
        answers.add(new Answer.Embedded(vectors));
      }
      return answers;
    }
  }

  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    List<String> positives =
        Arrays.stream(members).mapToObj(i -> text(examples, i, texts.get(1))).toList();
    return new Predictions.Retrieved(
        members, ranks(answers, positives), cuts.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Places by cosine; a text that is the right one word for word is no other. */
  private static int[] ranks(List<Answer> answers, List<String> positives) {
    int count = answers.size();
    int[] ranks = new int[count];
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Tensor queries = unit(answers, 0);
      Tensor texts = unit(answers, 1).transpose(0, 1);
      for (int from = 0; from < count; from += ROWS) {
        int rows = Math.min(ROWS, count - from);
        float[] cosines;
        try (Scope _ = Scope.open()) {
          cosines = queries.narrow(0, from, rows).matmul(texts).toFloats(); // (R, N)
        }
        for (int row = 0; row < rows; row++) {
          float own = cosines[row * count + from + row];
          int rank = 1;
          for (int other = 0; other < count; other++) {
            if (cosines[row * count + other] > own
                && !positives.get(other).equals(positives.get(from + row))) {
              rank++;
            }
          }
          ranks[from + row] = rank;
        }
      }
    }
    return ranks;
  }

  private static Tensor unit(List<Answer> answers, int view) {
    int width = ((Answer.Embedded) answers.getFirst()).vectors()[view].length;
    float[] flat = new float[Math.multiplyExact(answers.size(), width)];
    for (int i = 0; i < answers.size(); i++) {
      float[] vector = ((Answer.Embedded) answers.get(i)).vectors()[view];
      double squares = 1e-24;
      for (float value : vector) {
        squares += (double) value * value;
      }
      float length = (float) Math.sqrt(squares);
      for (int j = 0; j < width; j++) {
        flat[i * width + j] = vector[j] / length;
      }
    }
    return Tensor.of(flat, answers.size(), width);
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    ObjectNode json = Json.object();
    json.set("embedding", Json.tree(((Answer.Embedded) answer).vectors()[0]));
    return json;
  }

  @Override
  public ObjectNode answerSchema() {
    SequencedMap<String, ObjectNode> properties = new LinkedHashMap<>();
    properties.put("embedding", Heads.listOf(Heads.type("number")));
    return Heads.schema(properties);
  }
}
