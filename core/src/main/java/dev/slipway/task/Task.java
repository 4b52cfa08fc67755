package dev.slipway.task;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.source.Dropped;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What is learnt of examples, as fitted on the training split: it knows the names of the classes
 * and the scale of the target, and makes answers of a network's raw outputs. It travels in the
 * model folder as {@code task.json}, an object of one key.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, include = JsonTypeInfo.As.WRAPPER_OBJECT)
@JsonSubTypes({@JsonSubTypes.Type(value = MultiClassClassification.class, name = "multi-class")})
public sealed interface Task permits HeadTask {
  /** The fields that are learnt, which a request has not. */
  List<String> fields();

  /** What the network gives, by the name of its output. */
  List<Head> heads();

  /** Targets of all examples, by head. An example with a {@link #problem} has no sensible one. */
  SequencedMap<String, Encoded> targets(ExampleSet examples);

  /** Why an example can neither teach nor judge; empty where it can. */
  Optional<Dropped> problem(ExampleSet examples, int example);

  /**
   * An output of the network.
   *
   * @param name of the output
   * @param width how many numbers it has for an example, or for each token where {@code byToken}
   * @param what they are, for people: {@code 10 classes}
   */
  record Head(String name, int width, boolean byToken, String what) {}
}
