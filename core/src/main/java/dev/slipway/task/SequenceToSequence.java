package dev.slipway.task;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.feature.EncodedSequences;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.feature.Fields;
import dev.slipway.data.feature.PiecesFeature;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.model.Network;
import dev.slipway.model.seq2seq.BeamSearch;
import dev.slipway.model.seq2seq.EncoderDecoder;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One text from another: a translation, a summary. Learnt piece by piece with the pieces before at
 * hand; answered by beam search.
 *
 * @param field the text that is learnt
 * @param tokenizer the text of its {@code tokenizer.json}
 * @param length most pieces of a target, its end included
 * @param search how answers are looked for
 */
public record SequenceToSequence(
    String field, String tokenizer, int length, BeamSearch.Settings search) implements Task {
  private static final String BEGIN = PiecesFeature.SPECIAL.get(1);
  private static final String END = PiecesFeature.SPECIAL.get(2);

  static SequenceToSequence fit(
      TaskConfig.SequenceToSequence config, ExampleSet examples, int[] training) {
    List<String> learnt = new ArrayList<>(config.joint().stream().toList());
    learnt.add(config.target());
    learnt.forEach(field -> Fields.named(examples, field, Field.Kind.TEXT));
    String tokenizer =
        BpeTrainer.train(
                learnt.stream()
                    .flatMap(
                        field -> Arrays.stream(training).mapToObj(i -> text(examples, i, field)))
                    .iterator(),
                new BpeConfig(config.size(), 2, PiecesFeature.SPECIAL))
            .json();
    return new SequenceToSequence(
        config.target(),
        tokenizer,
        config.length(),
        new BeamSearch.Settings(config.beams(), config.lengthPenalty(), config.length()));
  }

  /**
   * The inputs as fitted: one that reads the field of a joint vocabulary has the task's own pieces.
   *
   * @param target what an example is to be answered with, for inputs that are fitted to it
   * @throws SlipwayException {@code task.joint-vocabulary} if no input can have them
   */
  static List<Feature> features(
      TaskConfig config,
      Task task,
      List<FeatureConfig> inputs,
      ExampleSet shown,
      int[] training,
      Supplier<IntFunction<@Nullable String>> target) {
    if (!(config instanceof TaskConfig.SequenceToSequence written)
        || !(task instanceof SequenceToSequence fitted)
        || written.joint().isEmpty()) {
      return inputs.stream()
          .flatMap(input -> input.features(shown, training, target).stream())
          .toList();
    }
    String field = written.joint().get();
    List<Feature> features = new ArrayList<>();
    boolean joined = false;
    for (FeatureConfig input : inputs) {
      if (input instanceof FeatureConfig.Pieces pieces && pieces.fieldOf(shown).equals(field)) {
        if (pieces.size() != written.size()) {
          throw unjoined(
              pieces.name() + " has " + pieces.size() + " pieces, the target " + written.size(),
              "write the same size at both");
        }
        features.add(PiecesFeature.of(pieces, field, fitted.open()));
        joined = true;
      } else {
        features.addAll(input.features(shown, training, target));
      }
    }
    if (!joined) {
      throw unjoined(
          "no input reads the field " + field + " as pieces",
          "write inputs: [ { pieces: { field: " + field + ", name: source } } ]");
    }
    return features;
  }

  private static SlipwayException unjoined(String what, String how) {
    return new SlipwayException(
        Exit.USAGE, "task.joint-vocabulary", what + ", expected one vocabulary of both", how);
  }

  private static String text(ExampleSet examples, int example, String field) {
    return examples.value(example, field) instanceof Value.Text(String text) ? text : "";
  }

  /** The tokenizer itself. */
  public Tokenizer open() {
    return Tokenizers.of(tokenizer, "the tokenizer of " + field);
  }

  @Override
  public List<String> fields() {
    return List.of(field);
  }

  @Override
  public List<Head> heads() {
    int pieces = open().vocabularySize();
    return List.of(new Head(Network.OUTPUT, pieces, true, pieces + " pieces"));
  }

  /** The pieces and their end. */
  @Override
  public SequencedMap<String, Encoded> targets(ExampleSet examples) {
    Tokenizer opened = open();
    int[][] ids = pieces(opened, examples);
    for (int i = 0; i < ids.length; i++) {
      ids[i] = Arrays.copyOf(ids[i], ids[i].length + 1);
      ids[i][ids[i].length - 1] = opened.id(END);
    }
    return one(Network.OUTPUT, opened, ids);
  }

  /** The beginning and the pieces: at each place what is known when the next is to be told. */
  @Override
  public SequencedMap<String, Encoded> taught(ExampleSet examples) {
    Tokenizer opened = open();
    int[][] ids = pieces(opened, examples);
    for (int i = 0; i < ids.length; i++) {
      int[] shifted = new int[ids[i].length + 1];
      shifted[0] = opened.id(BEGIN);
      System.arraycopy(ids[i], 0, shifted, 1, ids[i].length);
      ids[i] = shifted;
    }
    return one(EncoderDecoder.TARGET, opened, ids);
  }

  private int[][] pieces(Tokenizer opened, ExampleSet examples) {
    Fields.named(examples, field, Field.Kind.TEXT);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      texts.add(text(examples, i, field));
    }
    return opened.encodeOrdinaryBatch(texts).stream()
        .map(ids -> ids.length < length ? ids : Arrays.copyOf(ids, length - 1))
        .toArray(int[][]::new);
  }

  private static SequencedMap<String, Encoded> one(String name, Tokenizer opened, int[][] ids) {
    SequencedMap<String, Encoded> one = new LinkedHashMap<>();
    InputShape shape = InputShape.ids(name, opened.vocabularySize(), InputShape.VARIABLE);
    one.put(name, new EncodedSequences(shape, ids));
    return one;
  }

  @Override
  public IntFunction<Optional<Dropped>> problems(ExampleSet examples) {
    return example ->
        text(examples, example, field).isBlank()
            ? Optional.of(new Dropped(DropReason.TARGET_MISSING, field))
            : Optional.empty();
  }

  /**
   * The best hypothesis of beam search for each row.
   *
   * @throws SlipwayException {@code task.not-encoder-decoder} for another network
   */
  @Override
  public List<Answer> predict(Network network, Inputs inputs, ExampleSet examples, int[] rows) {
    if (!(network instanceof EncoderDecoder encoderDecoder)) {
      throw new SlipwayException(
          Exit.USAGE,
          "task.not-encoder-decoder",
          "a sequence is made from another by an encoder-decoder network, and this is none",
          "write model: { encoder-decoder: {} }");
    }
    Tokenizer opened = open();
    BeamSearch beams = new BeamSearch(encoderDecoder, search, opened.id(BEGIN), opened.id(END));
    List<Answer> answers = new ArrayList<>();
    for (List<BeamSearch.Hypothesis> found : beams.search(inputs.get(EncoderDecoder.SOURCE))) {
      BeamSearch.Hypothesis best = found.getFirst();
      answers.add(new Answer.Written(opened.decode(best.ids(), true), best.logProbability()));
    }
    return answers;
  }

  @Override
  public Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers) {
    List<List<String>> references =
        Arrays.stream(members).mapToObj(i -> List.of(text(examples, i, field))).toList();
    List<String> told = answers.stream().map(answer -> ((Answer.Written) answer).text()).toList();
    return new Predictions.Texts(members, references, told);
  }

  @Override
  public ObjectNode json(Answer answer, ExampleSet request, int example, int top) {
    Answer.Written written = (Answer.Written) Objects.requireNonNull(answer);
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
