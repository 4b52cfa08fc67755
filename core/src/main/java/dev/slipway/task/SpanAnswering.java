package dev.slipway.task;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.Fields;
import dev.slipway.data.feature.TokensFeature;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.nn.Input;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenSequence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An answer that stands in a text, by a logit for each token to be its first and one to be its last
 * (Devlin et al. 2019, section 4.2; without an answer section 4.3). A long text is read in windows:
 * an epoch shows each question once, with one of them, drawn anew; an answer is looked for in all.
 *
 * @param field the answers
 * @param start where they begin; null where they are looked up
 * @param longest most tokens of an answer
 * @param candidates first and last tokens that are looked at
 * @param unanswerable whether a question may have no answer
 * @param threshold by how much no answer must score more
 * @param reader of the input; null until {@link #reading}
 */
public record SpanAnswering(
    String question,
    String context,
    String field,
    @Nullable String start,
    int longest,
    int candidates,
    boolean unanswerable,
    double threshold,
    @JsonIgnore @Nullable SpanReader reader)
    implements Task {
  /** Windows at a time. */
  private static final int ROWS = 32;

  /** Of a published model: the fields are named as SQuAD's. */
  static SpanAnswering published() {
    return new SpanAnswering("question", "context", "answers", null, 30, 20, false, 0, null);
  }

  /** What it learns of the training split: only that the fields are there. */
  static SpanAnswering fit(TaskConfig.SpanAnswering config, ExampleSet examples, int[] training) {
    Fields.named(examples, config.question(), Field.Kind.TEXT);
    Fields.named(examples, config.context(), Field.Kind.TEXT);
    Fields.named(examples, config.target(), Field.Kind.TEXT, Field.Kind.LABELS);
    config
        .start()
        .ifPresent(
            field ->
                Fields.named(
                    examples, field, Field.Kind.NUMBER, Field.Kind.LABELS, Field.Kind.TEXT));
    SpanAnswering task =
        new SpanAnswering(
            config.question(),
            config.context(),
            config.target(),
            config.start().orElse(null),
            config.longest(),
            config.candidates(),
            config.unanswerable(),
            config.threshold(),
            null);
    if (Arrays.stream(training).allMatch(i -> task.right(examples, i).isEmpty())) {
      throw TaskFitting.noTarget(config.target(), training.length);
    }
    return task;
  }

  /**
   * @throws SlipwayException {@code task.no-span-input} unless an input reads the question and then
   *     the text
   */
  @Override
  public SpanAnswering reading(List<Feature> features) {
    for (Feature feature : features) {
      if (feature instanceof TokensFeature tokens
          && tokens.part() == TokensFeature.Part.IDS
          && tokens.fields().equals(List.of(question, context))) {
        return new SpanAnswering(
            question,
            context,
            field,
            start,
            longest,
            candidates,
            unanswerable,
            threshold,
            new SpanReader(tokens));
      }
    }
    throw new SlipwayException(
        Exit.USAGE,
        "task.no-span-input",
        "no input reads " + question + " and then " + context + ", which the answer stands in",
        "leave inputs out, or write tokens: { field: "
            + question
            + ", pair: "
            + context
            + ", stride: 128 }");
  }

  private SpanReader read() {
    if (reader == null) {
      throw new IllegalStateException("the task has not been told of its inputs");
    }
    return reader;
  }

  @Override
  public List<String> fields() {
    return start == null ? List.of(field) : List.of(field, start);
  }

  @Override
  public List<Head> heads() {
    return List.of(new Head(Network.OUTPUT, Head.ANY, true, "first and last tokens"));
  }

  /** What is right; empty where there is no answer. */
  private List<String> right(ExampleSet examples, int example) {
    return texts(examples.value(example, field)).stream().filter(one -> !one.isBlank()).toList();
  }

  private static List<String> texts(Value value) {
    return switch (value) {
      case Value.Labels(List<String> labels) -> labels;
      case Value.Text(String text) -> List.of(text);
      case Value.Number(double number) -> List.of(String.valueOf(Math.round(number)));
      case Value.Missing _, Value.Content _, Value.Pixels _ -> List.of();
    };
  }

  private static String text(ExampleSet examples, int example, String field) {
    return examples.value(example, field) instanceof Value.Text(String text) ? text : "";
  }

  /** Where the first answer stands in the text, in code points; −1 where there is none. */
  private int[] place(ExampleSet examples, int example) {
    List<String> right = right(examples, example);
    if (right.isEmpty()) {
      return new int[] {-1, -1};
    }
    String whole = text(examples, example, context);
    String answer = right.getFirst();
    int from = -1;
    if (start == null) {
      int at = whole.indexOf(answer);
      from = at < 0 ? -1 : whole.codePointCount(0, at);
    } else {
      List<String> starts = texts(examples.value(example, start));
      if (!starts.isEmpty() && starts.getFirst().strip().matches("\\d{1,9}")) {
        from = Integer.parseInt(starts.getFirst().strip());
      }
    }
    return new int[] {from, from + answer.codePointCount(0, answer.length())};
  }

  @Override
  public SequencedMap<String, Encoded> targets(ExampleSet examples) {
    List<List<TokenSequence>> windows = read().windows(examples);
    int[][][] places = new int[examples.size()][][];
    for (int i = 0; i < places.length; i++) {
      int[] answer = place(examples, i);
      places[i] =
          windows.get(i).stream()
              .map(window -> SpanReader.place(window, answer[0], answer[1]))
              .toArray(int[][]::new);
    }
    SequencedMap<String, Encoded> one = new LinkedHashMap<>();
    one.put(
        Network.OUTPUT,
        new Places(InputShape.ids(Network.OUTPUT, read().tokens().length(), 2L), places));
    return one;
  }

  /** First and last token in the window that the inputs show. */
  private record Places(InputShape shape, int[][][] places) implements Encoded {
    @Override
    public Values gather(int[] examples, Draw @Nullable [] draws) {
      int[] ids = new int[2 * examples.length];
      for (int row = 0; row < examples.length; row++) {
        int[][] windows = places[examples[row]];
        int shown = TokensFeature.window(draws == null ? null : draws[row], windows.length);
        System.arraycopy(windows[shown], 0, ids, 2 * row, 2);
      }
      return new Values.Ids(ids, new long[] {examples.length, 2}, new int[0]);
    }
  }

  @Override
  public IntFunction<Optional<Dropped>> problems(ExampleSet examples) {
    return example -> {
      List<String> right = right(examples, example);
      if (right.isEmpty()) {
        return unanswerable
            ? Optional.empty()
            : Optional.of(new Dropped(DropReason.TARGET_MISSING, field));
      }
      String whole = text(examples, example, context);
      int[] place = place(examples, example);
      int points = whole.codePointCount(0, whole.length());
      boolean stands =
          place[0] >= 0
              && place[1] <= points
              && whole
                  .substring(
                      whole.offsetByCodePoints(0, place[0]), whole.offsetByCodePoints(0, place[1]))
                  .equals(right.getFirst());
      return stands
          ? Optional.empty()
          : Optional.of(
              new Dropped(
                  DropReason.TARGET_MISSING,
                  "the answer does not stand in " + context + " where " + field + " says"));
    };
  }

  @Override
  public List<Answer> predict(Network network, Inputs inputs, ExampleSet examples, int[] rows) {
    List<String> contexts =
        Arrays.stream(rows).mapToObj(row -> text(examples, row, context)).toList();
    List<List<TokenSequence>> windows =
        read()
            .windows(
                Arrays.stream(rows).mapToObj(row -> text(examples, row, question)).toList(),
                contexts);
    List<TokenSequence> all = windows.stream().flatMap(List::stream).toList();
    List<float[][]> logits = new ArrayList<>();
    for (int from = 0; from < all.size(); from += ROWS) {
      logits.addAll(logits(network, all.subList(from, Math.min(all.size(), from + ROWS))));
    }
    SpanReader.Search search = new SpanReader.Search(longest, candidates, unanswerable, threshold);
    List<Answer> answers = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < rows.length; i++) {
      int count = windows.get(i).size();
      answers.add(
          SpanReader.best(contexts.get(i), windows.get(i), logits.subList(at, at + count), search));
      at += count;
    }
    return answers;
  }

  /** Of each window the logits of first and of last tokens. */
  private List<float[][]> logits(Network network, List<TokenSequence> windows) {
    int longestRow = windows.stream().mapToInt(TokenSequence::length).max().orElse(1);
    int[] ids = new int[windows.size() * longestRow];
    int[] types = new int[ids.length];
    Arrays.fill(ids, read().tokens().padId());
    int[] lengths = new int[windows.size()];
    for (int row = 0; row < lengths.length; row++) {
      TokenSequence window = windows.get(row);
      lengths[row] = window.length();
      System.arraycopy(window.ids(), 0, ids, row * longestRow, lengths[row]);
      System.arraycopy(window.types(), 0, types, row * longestRow, lengths[row]);
    }
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      SequencedMap<String, Input> named = new LinkedHashMap<>();
      named.put(
          TextEncoder.TYPES,
          Input.of(Tensor.of(types, windows.size(), longestRow).to(DType.INT64)));
      named.put(
          TextEncoder.IDS,
          new Input(
              Tensor.of(ids, windows.size(), longestRow).to(DType.INT64),
              Tensor.of(lengths, lengths.length).to(DType.INT64)));
      float[] flat =
          network
              .output(new Inputs(named), Pass.INFERENCE)
              .to(DType.FLOAT32)
              .contiguous()
              .toFloats(); // (B, 2, T)
      List<float[][]> logits = new ArrayList<>();
      for (int row = 0; row < lengths.length; row++) {
        int from = 2 * row * longestRow;
        logits.add(
            new float[][] {
              Arrays.copyOfRange(flat, from, from + longestRow),
              Arrays.copyOfRange(flat, from + longestRow, from + 2 * longestRow)
            });
      }
      return logits;
    }
  }

  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    return new Predictions.Spans(
        members,
        Arrays.stream(members).mapToObj(i -> right(examples, i)).toList(),
        answers.stream()
            .map(answer -> ((Answer.Spanned) answer).best().getFirst().text())
            .toList());
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    List<Answer.Span> best = ((Answer.Spanned) answer).best();
    ObjectNode json = json(best.getFirst());
    ArrayNode list = json.putArray("top");
    best.stream().limit(top).map(SpanAnswering::json).forEach(list::add);
    return json;
  }

  private static ObjectNode json(Answer.Span span) {
    return Json.object()
        .put("answer", span.text())
        .put("start", span.start())
        .put("end", span.end())
        .put("probability", span.probability());
  }

  @Override
  public ObjectNode answerSchema() {
    SequencedMap<String, ObjectNode> one = new LinkedHashMap<>();
    one.put("answer", Heads.type("string"));
    one.put("start", Heads.type("integer"));
    one.put("end", Heads.type("integer"));
    one.put("probability", Heads.probability());
    SequencedMap<String, ObjectNode> properties = new LinkedHashMap<>(one);
    properties.put("top", Heads.listOf(Heads.schema(one)));
    return Heads.schema(properties);
  }
}
