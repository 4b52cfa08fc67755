package dev.slipway.data.example;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Rows to learn from or to answer.
 *
 * @param examples index of each row's example in its set
 * @param inputs by name, for the network
 * @param targets by name, for the task; empty when answering
 */
public record ExampleBatch(
    int[] examples, SequencedMap<String, Values> inputs, SequencedMap<String, Values> targets) {
  public ExampleBatch {
    inputs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(inputs));
    targets = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(targets));
  }

  public int rows() {
    return examples.length;
  }
}
