package dev.slipway.nn;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/** What a network is given for a batch, by the names of its {@link InputShape}s. */
public record Inputs(SequencedMap<String, Input> byName) {
  public Inputs {
    byName = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(byName));
  }

  public static Inputs of(String name, Input input) {
    SequencedMap<String, Input> one = new LinkedHashMap<>();
    one.put(name, input);
    return new Inputs(one);
  }

  public Input get(String name) {
    Input input = byName.get(name);
    if (input == null) {
      throw new IllegalArgumentException(
          "no input is named " + name + "; there are " + byName.keySet());
    }
    return input;
  }

  /** The only input. */
  public Input single() {
    if (byName.size() != 1) {
      throw new IllegalArgumentException("expected one input, there are " + byName.keySet());
    }
    return byName.firstEntry().getValue();
  }
}
