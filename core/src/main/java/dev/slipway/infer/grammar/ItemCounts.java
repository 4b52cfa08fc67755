package dev.slipway.infer.grammar;

import dev.slipway.infer.grammar.SchemaShape.Contains;
import dev.slipway.infer.grammar.SchemaShape.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/**
 * How many items of an array so far are counted for each {@code contains}, as one number from 0 on.
 * An item is put into a set of those that count it, a bit each. Where only a least number is asked
 * for, an item that is not counted may satisfy the schema as well; where there is a most, it does
 * not.
 */
final class ItemCounts {
  private final List<Contains> asked;
  private final int[] limits; // as far as each is counted
  private final int states;

  private ItemCounts(List<Contains> asked, int places) {
    this.asked = asked;
    limits = new int[asked.size()];
    long product = 1;
    for (int i = 0; i < limits.length; i++) {
      Contains one = asked.get(i);
      if (one.least() > SchemaGrammar.MOST_ITEMS) {
        throw Refusal.tooLarge("minContains " + one.least(), SchemaGrammar.MOST_ITEMS, "items");
      }
      limits[i] = one.most() < 0 ? one.least() : Math.min(one.most(), SchemaGrammar.MOST_ITEMS);
      product *= limits[i] + 1L;
      if (((product * places) << limits.length) > 8L * SchemaGrammar.MOST_ITEMS) {
        throw Refusal.tooLarge(
            "counting what contains asks for", 8L * SchemaGrammar.MOST_ITEMS, "places");
      }
    }
    states = (int) product;
  }

  /**
   * @param places of items that are told apart
   * @param most items of the array; -1 for any number
   */
  static ItemCounts of(List<Tuple> tuples, int places, int most) {
    List<Contains> asked =
        tuples.stream()
            .map(Tuple::contains)
            .filter(Objects::nonNull)
            .map(
                one ->
                    most >= 0 && one.most() >= most
                        ? new Contains(one.schema(), one.least(), -1, one.evaluates())
                        : one)
            .filter(one -> one.least() > 0 || one.most() >= 0)
            .distinct()
            .toList();
    return new ItemCounts(asked, places);
  }

  /** How many numbers there are. */
  int states() {
    return states;
  }

  /** How many sets there are. */
  int sets() {
    return 1 << asked.size();
  }

  /** How many items have to be counted at least. */
  int least() {
    return asked.stream().mapToInt(Contains::least).sum();
  }

  boolean isEnough(int counts) {
    int rest = counts;
    for (int i = 0; i < limits.length; i++) {
      if (rest % (limits[i] + 1) < asked.get(i).least()) {
        return false;
      }
      rest /= limits[i] + 1;
    }
    return true;
  }

  /** The number after one more item, which is not smaller; -1 where it need or may not come. */
  int after(int counts, int set) {
    int unit = 1;
    int next = counts;
    for (int i = 0; i < limits.length; i++) {
      if ((set >> i & 1) != 0) {
        if (counts / unit % (limits[i] + 1) == limits[i]) {
          return -1;
        }
        next += unit;
      }
      unit *= limits[i] + 1;
    }
    return next;
  }

  /** Schemas that items of a set satisfy. */
  List<JsonNode> satisfied(int set) {
    List<JsonNode> schemas = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      if ((set >> i & 1) != 0) {
        schemas.add(asked.get(i).schema());
      }
    }
    return schemas;
  }

  /** Schemas that they do not satisfy. */
  List<JsonNode> failed(int set) {
    List<JsonNode> schemas = new ArrayList<>();
    for (int i = 0; i < asked.size(); i++) {
      if ((set >> i & 1) == 0 && asked.get(i).most() >= 0) {
        schemas.add(asked.get(i).schema());
      }
    }
    return schemas;
  }
}
