package dev.slipway.task;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleBatch;
import dev.slipway.data.example.ExampleBatches.EncodedExamples;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.feature.Augmented;
import dev.slipway.data.feature.Feature;
import dev.slipway.data.feature.LogMelFeature;
import dev.slipway.data.feature.LogMelFramesFeature;
import dev.slipway.data.feature.PictureFeature;
import dev.slipway.data.feature.Preprocessor;
import dev.slipway.data.source.Dropped;
import dev.slipway.model.Network;
import dev.slipway.model.sequential.SequentialFolder;
import dev.slipway.tensor.Scope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers raw inputs with a trained model: text, pictures, sounds or rows to named answers. Reading
 * an input is safe on any thread; computing belongs to the thread that opened this.
 */
public final class Predictor implements AutoCloseable {
  /** Rows that are computed at once, as in evaluation. */
  public static final int ROWS = 64;

  /** How many classes or items an answer lists, unless asked otherwise. */
  public static final int TOP = 5;

  private final Network network;
  private final List<Feature> features;
  private final SequencedMap<String, Feature.Encoder> encoders = new LinkedHashMap<>();
  private final Task task;
  private final RawInputs inputs;

  /**
   * @param network closed with this
   */
  public Predictor(Network network, List<Feature> features, Task task) {
    this.network = network;
    this.features = List.copyOf(features);
    this.features.forEach(feature -> encoders.put(feature.name(), feature.encoder()));
    this.task = task.reading(features);
    inputs = new RawInputs(new Preprocessor(features).requested(), task.fields());
  }

  /** Opens a folder with a network of layers that {@link TaskFolder#save} wrote. */
  public static Predictor open(Path folder) {
    return open(folder, SequentialFolder::open);
  }

  /** Opens a folder with a network of another kind. */
  public static Predictor open(Path folder, TaskFolder.NetworkOpener opener) {
    TaskFolder opened = TaskFolder.open(folder);
    return new Predictor(opener.open(folder), opened.preprocessor().features(), opened.task());
  }

  public Task task() {
    return task;
  }

  public Network network() {
    return network;
  }

  /** What every input has. */
  public List<Field> fields() {
    return inputs.fields();
  }

  /** {@code {task, input, example, answer}}: schemas of what is taken and given. */
  public ObjectNode card() {
    ObjectNode card = Json.object();
    card.put("task", Json.tree(task).propertyNames().iterator().next());
    card.set("input", inputs.schema());
    card.set("example", inputs.example());
    card.set("answer", task.answerSchema());
    return card;
  }

  /** One input, read and checked, not yet computed. */
  public final class Request {
    private final MemoryExamples examples;

    private Request(MemoryExamples.Row row) {
      examples = new MemoryExamples(inputs.fields(), List.of(row));
    }

    /**
     * Computes its answer.
     *
     * @param top how many classes or items are listed at most
     */
    public ObjectNode answer(int top) {
      return json(examples, top).getFirst();
    }
  }

  /**
   * An input from a JSON object with a key for each field.
   *
   * @throws SlipwayException {@code predict.…}
   */
  public Request read(JsonNode input) {
    return new Request(inputs.read(input, "the input"));
  }

  /** An input that is one file: a picture, a sound or a text. */
  public Request read(byte[] content) {
    return new Request(inputs.read(content, "the input"));
  }

  /** Answers as people get them, one for each example of a set, such as the rows of a table. */
  public List<ObjectNode> json(ExampleSet examples, int top) {
    List<Answer> answers = predict(examples, all(examples));
    return IntStream.range(0, answers.size())
        .mapToObj(i -> task.json(answers.get(i), examples, i, top))
        .toList();
  }

  private static int[] all(ExampleSet examples) {
    return IntStream.range(0, examples.size()).toArray();
  }

  /**
   * Answers to some examples of a set.
   *
   * @throws SlipwayException {@code data.value-missing} and others, if one cannot be answered
   */
  public List<Answer> predict(ExampleSet examples, int[] members) {
    refuse(examples, members);
    SequencedMap<String, Encoded> encoded = new LinkedHashMap<>();
    encoders.forEach((name, encoder) -> encoded.put(name, encoder.encode(examples, Augmented.NOT)));
    EncodedExamples set = new EncodedExamples(examples, encoded, new LinkedHashMap<>());
    List<Answer> answers = new ArrayList<>();
    for (int from = 0; from < members.length; from += ROWS) {
      int[] rows = IntStream.of(members).skip(from).limit(ROWS).toArray();
      try (Scope _ = Scope.open()) {
        ExampleBatch batch = set.batch(rows, null);
        answers.addAll(task.predict(network, BatchTensors.inputs(batch), examples, rows));
      }
    }
    return answers;
  }

  private void refuse(ExampleSet examples, int[] members) {
    for (Feature feature : features) {
      if (feature instanceof PictureFeature
          || feature instanceof LogMelFeature
          || feature instanceof LogMelFramesFeature) {
        continue; // Decoding finds out, and says more.
      }
      for (int member : members) {
        Optional<Dropped> problem = feature.problem(examples, member);
        if (problem.isPresent()) {
          throw new SlipwayException(
              Exit.INPUT,
              "data.value-missing",
              examples.id(member) + " has no " + problem.get().detail() + ", which the model needs",
              "give it a value");
        }
      }
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
