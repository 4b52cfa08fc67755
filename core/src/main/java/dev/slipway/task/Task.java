package dev.slipway.task;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.source.Dropped;
import dev.slipway.model.Network;
import dev.slipway.nn.Inputs;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.IntFunction;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is learnt of examples, as fitted on the training split: it knows the names of the classes
 * and the scale of the target, and makes answers of a network's raw outputs. It travels in the
 * model folder as {@code task.json}, an object of one key.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
@JsonSubTypes({
  @JsonSubTypes.Type(value = BinaryClassification.class, name = "binary"),
  @JsonSubTypes.Type(value = MultiClassClassification.class, name = "multi-class"),
  @JsonSubTypes.Type(value = MultiLabelClassification.class, name = "multi-label"),
  @JsonSubTypes.Type(value = Regression.class, name = "regression"),
  @JsonSubTypes.Type(value = SequenceTagging.class, name = "tagging"),
  @JsonSubTypes.Type(value = Transcription.class, name = "transcription"),
  @JsonSubTypes.Type(value = SequenceToSequence.class, name = "sequence-to-sequence"),
  @JsonSubTypes.Type(value = Recommendation.class, name = "recommendation"),
  @JsonSubTypes.Type(value = Ranking.class, name = "ranking"),
  @JsonSubTypes.Type(value = SpanAnswering.class, name = "span-answering"),
  @JsonSubTypes.Type(value = Contrastive.class, name = "contrastive"),
  @JsonSubTypes.Type(value = MultiTask.class, name = "multi-task")
})
public sealed interface Task
    permits DirectTask, SequenceToSequence, Recommendation, SpanAnswering, Contrastive {
  /** The fields that are learnt, which a request has not. */
  List<String> fields();

  /** What the network gives, by the name of its output. */
  List<Head> heads();

  /** The same, told how the network's inputs are made: for a task that looks into them. */
  default Task reading(List<Feature> features) {
    return this;
  }

  /** Targets of all examples, by head. An example with a problem has no sensible one. */
  SequencedMap<String, Encoded> targets(ExampleSet examples);

  /**
   * Inputs that the network has only while it learns, beside those of the features: such as the
   * words of a translation that are already known.
   */
  default SequencedMap<String, Encoded> taught(ExampleSet examples) {
    return new LinkedHashMap<>();
  }

  /** Why an example of this set can neither teach nor judge; empty where it can. */
  IntFunction<Optional<Dropped>> problems(ExampleSet examples);

  /**
   * An answer for each row, by as many forward passes as it takes. In a scope.
   *
   * @param examples what the rows were encoded of, for what an answer needs beside the inputs; its
   *     targets are not looked at
   * @param rows indices in it, one a row of the inputs
   */
  List<Answer> predict(Network network, Inputs inputs, ExampleSet examples, int[] rows);

  /**
   * Answers beside the truth, for metrics.
   *
   * @param members examples of the set, none with a problem
   * @param answers one for each of them
   */
  Predictions predictions(ExampleSet examples, int[] members, List<Answer> answers);

  /**
   * An answer as people and programs get it.
   *
   * @param request the set that it answers, without the target
   * @param example of that set
   * @param top how many classes are listed at most
   */
  ObjectNode json(Answer answer, ExampleSet request, int example, int top);

  /** What {@link #json} gives, as a JSON Schema. */
  ObjectNode answerSchema();

  /**
   * An output of the network.
   *
   * @param name of the output
   * @param width how many numbers it has for an example, or for each token where {@code byToken}
   * @param what they are, for people: {@code 10 classes}
   */
  record Head(String name, int width, boolean byToken, String what) {
    /** A width that is the network's own matter. */
    static final int ANY = -1;
  }
}
