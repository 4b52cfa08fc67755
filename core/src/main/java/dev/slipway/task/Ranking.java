package dev.slipway.task;

import dev.slipway.base.Json;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import tools.jackson.databind.node.ObjectNode;

/**
 * The order of a query's documents, by a score of each. An example is a document; those of a query
 * are learnt and judged together.
 *
 * @param field the relevance: 0 for none, else how much
 * @param query the field by which documents are of one query
 * @param cuts how many documents are looked at where a query is judged
 */
public record Ranking(String field, String query, List<Integer> cuts) implements HeadTask {
  public Ranking {
    cuts = List.copyOf(cuts);
  }

  static Ranking fit(TaskConfig.Ranking config, ExampleSet examples, int[] training) {
    Fields.named(examples, config.target(), Field.Kind.NUMBER);
    Columns.words(examples, config.query()); // says if there is no such field
    double[] relevance = examples.numbers(config.target());
    if (Arrays.stream(training).noneMatch(example -> relevance[example] > 0)) {
      throw TaskFitting.noTarget(config.target() + " above 0", training.length);
    }
    return new Ranking(config.target(), config.query(), config.cuts());
  }

  @Override
  public List<String> fields() {
    return List.of(field, query);
  }

  @Override
  public Head head(String name) {
    return new Head(name, 1, false, "one score");
  }

  /** The number of each example's query, from 0 in the order of the set. */
  int[] queries(ExampleSet examples) {
    var words = Columns.words(examples, query);
    Map<String, Integer> numbers = new HashMap<>();
    int[] queries = new int[examples.size()];
    for (int i = 0; i < queries.length; i++) {
      String word = String.valueOf(words.apply(i));
      Integer known = numbers.putIfAbsent(word, numbers.size());
      queries[i] = known == null ? numbers.size() - 1 : known;
    }
    return queries;
  }

  /** Relevance and the number of the query. */
  @Override
  public Encoded target(String name, ExampleSet examples) {
    double[] relevance = examples.numbers(field);
    int[] queries = queries(examples);
    float[] pairs = new float[2 * queries.length];
    for (int i = 0; i < queries.length; i++) {
      pairs[2 * i] = Double.isFinite(relevance[i]) ? (float) relevance[i] : 0;
      pairs[2 * i + 1] = queries[i];
    }
    return new EncodedFloats(InputShape.floats(name, 2L), pairs);
  }

  @Override
  public IntFunction<Optional<Dropped>> problems(ExampleSet examples) {
    return example -> {
      double relevance = Columns.number(examples.value(example, field));
      if (!Double.isFinite(relevance) || relevance < 0) {
        return Optional.of(new Dropped(DropReason.TARGET_MISSING, field));
      }
      return Columns.word(examples.value(example, query)) == null
          ? Optional.of(new Dropped(DropReason.TARGET_MISSING, query))
          : Optional.empty();
    };
  }

  @Override
  public List<Answer> read(Tensor raw, Inputs inputs) {
    List<Answer> answers = new ArrayList<>();
    for (double[] row : Heads.rows(raw)) {
      answers.add(new Answer.Estimated(row[0]));
    }
    return answers;
  }

  /** One row a query, in the order of their first documents. */
  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    double[] scores =
        answers.stream().mapToDouble(answer -> ((Answer.Estimated) answer).value()).toArray();
    var words = Columns.words(examples, query);
    SequencedMap<String, List<Integer>> rows = new LinkedHashMap<>();
    for (int row = 0; row < members.length; row++) {
      rows.computeIfAbsent(String.valueOf(words.apply(members[row])), _ -> new ArrayList<>())
          .add(row);
    }
    int[][] grouped = arrays(rows);
    return new Predictions.Rankings(
        Arrays.stream(grouped).mapToInt(own -> members[own[0]]).toArray(),
        grouped,
        List.copyOf(rows.keySet()),
        lists(grouped, row -> Columns.number(examples.value(members[row], field))),
        lists(grouped, row -> scores[row]),
        cuts.stream().mapToInt(Integer::intValue).toArray());
  }

  static int[][] arrays(SequencedMap<String, List<Integer>> rows) {
    return rows.values().stream()
        .map(own -> own.stream().mapToInt(Integer::intValue).toArray())
        .toArray(int[][]::new);
  }

  private static double[][] lists(int[][] rows, IntToDoubleFunction value) {
    return Arrays.stream(rows)
        .map(own -> Arrays.stream(own).mapToDouble(value).toArray())
        .toArray(double[][]::new);
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    return Json.object().put("score", ((Answer.Estimated) answer).value());
  }

  @Override
  public ObjectNode answerSchema() {
    SequencedMap<String, ObjectNode> properties = new LinkedHashMap<>();
    properties.put("score", Heads.type("number"));
    return Heads.schema(properties);
  }
}
