package dev.slipway.nn;

import java.util.List;

/**
 * What one input or target of a network is, for a single example; a batch has the rows before it.
 *
 * @param name unique among a network's inputs, such as {@code text} or {@code numbers}
 * @param kind of its values
 * @param sizes outermost first, without the batch; {@link #VARIABLE} as the first one where
 *     examples differ in length and a batch is padded to its longest
 * @param cardinalities of {@link Kind#IDS}: how many ids there are; one number for all places, or
 *     one a place of the last dimension (table columns); empty for floats
 */
public record InputShape(String name, Kind kind, List<Long> sizes, List<Integer> cardinalities) {
  /** A first size that differs from example to example. */
  public static final long VARIABLE = -1;

  /** Kinds of values. */
  public enum Kind {
    FLOATS,
    IDS
  }

  public InputShape {
    sizes = List.copyOf(sizes);
    cardinalities = List.copyOf(cardinalities);
    if ((kind == Kind.IDS) == cardinalities.isEmpty()) {
      throw new IllegalArgumentException(
          name + ": ids need cardinalities and floats have none, came " + cardinalities);
    }
  }

  public static InputShape floats(String name, Long... sizes) {
    return new InputShape(name, Kind.FLOATS, List.of(sizes), List.of());
  }

  /** Ids 0 … cardinality - 1. */
  public static InputShape ids(String name, int cardinality, Long... sizes) {
    return new InputShape(name, Kind.IDS, List.of(sizes), List.of(cardinality));
  }

  public boolean isVariable() {
    return !sizes.isEmpty() && sizes.getFirst() == VARIABLE;
  }
}
