package dev.slipway.task;

import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.model.Network;
import dev.slipway.nn.Inputs;
import dev.slipway.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** A task with one target and one output. */
public sealed interface HeadTask extends DirectTask
    permits BinaryClassification,
        MultiClassClassification,
        MultiLabelClassification,
        Ranking,
        Regression,
        SequenceTagging,
        Transcription {
  /** The target. */
  String field();

  /** The output under a name, alone or beside others. */
  Head head(String name);

  /** The target of all examples, under the head's name. */
  Encoded target(String name, ExampleSet examples);

  /** An answer for each row of a raw output (B, …). */
  List<Answer> read(Tensor raw, Inputs inputs);

  @Override
  default List<String> fields() {
    return List.of(field());
  }

  @Override
  default List<Head> heads() {
    return List.of(head(Network.OUTPUT));
  }

  @Override
  default SequencedMap<String, Encoded> targets(ExampleSet examples) {
    SequencedMap<String, Encoded> one = new LinkedHashMap<>();
    one.put(Network.OUTPUT, target(Network.OUTPUT, examples));
    return one;
  }

  @Override
  default List<Answer> read(SequencedMap<String, Tensor> outputs, Inputs inputs) {
    return read(Heads.output(outputs, Network.OUTPUT), inputs);
  }
}
