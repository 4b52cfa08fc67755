package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.infer.grammar.SchemaShape.Contains;
import dev.slipway.infer.grammar.SchemaShape.Kind;
import dev.slipway.infer.grammar.SchemaShape.Members;
import dev.slipway.infer.grammar.SchemaShape.Tuple;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Whether values satisfy shapes, and whether any value can satisfy two. */
final class Exclusion {
  private static final int DEEPEST = 8;

  private final SchemaReader reader;
  private final Map<JsonNode, Map<JsonNode, Boolean>> apart = new IdentityHashMap<>();

  Exclusion(SchemaReader reader) {
    this.reader = reader;
  }

  /**
   * Whether no value satisfies both, as far as that can be seen.
   *
   * @param others all that they accept, or more
   */
  boolean apart(List<SchemaShape> some, List<SchemaShape> others, int depth) {
    return some.stream().allMatch(a -> others.stream().allMatch(b -> apart(a, b, depth)));
  }

  private boolean apart(SchemaShape a, SchemaShape b, int depth) {
    Effort.spend(50);
    if (a.values() != null) {
      return a.values().stream().noneMatch(value -> admits(a, value) && mayAdmit(b, value));
    }
    if (b.values() != null) {
      return b.values().stream().noneMatch(value -> mayAdmit(b, value) && mayAdmit(a, value));
    }
    Set<Kind> common = EnumSet.copyOf(a.kinds());
    common.retainAll(b.kinds());
    for (Kind kind : common) {
      boolean apart =
          switch (kind) {
            case NULL, BOOLEAN -> false;
            case NUMBER -> SchemaGrammar.numbers(a).and(SchemaGrammar.numbers(b)).isEmpty();
            case STRING -> SchemaGrammar.strings(a).and(SchemaGrammar.stringsAround(b)).isEmpty();
            case ARRAY ->
                a.tuples().stream().anyMatch(x -> b.tuples().stream().anyMatch(y -> apart(x, y)));
            case OBJECT -> objectsApart(a, b, depth);
          };
      if (!apart) {
        return false;
      }
    }
    return true;
  }

  private static boolean apart(Tuple a, Tuple b) {
    return (a.most() >= 0 && a.most() < b.least()) || (b.most() >= 0 && b.most() < a.least());
  }

  private boolean objectsApart(SchemaShape a, SchemaShape b, int depth) {
    if (depth > DEEPEST) {
      return false;
    }
    for (Members x : a.objects()) {
      for (Members y : b.objects()) {
        if (lacks(x, y) || lacks(y, x)) {
          return true;
        }
        for (String name : x.required()) {
          JsonNode first = x.properties().get(name);
          JsonNode second = y.properties().get(name);
          if (first != null
              && second != null
              && y.required().contains(name)
              && schemasApart(reader.target(first), reader.target(second), depth + 1)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Where schemas refer to themselves the same pairs come again and again. */
  private boolean schemasApart(JsonNode one, JsonNode other, int depth) {
    Map<JsonNode, Boolean> known = apart.computeIfAbsent(one, _ -> new IdentityHashMap<>());
    Boolean apart = known.putIfAbsent(other, false); // what is on the way is not seen to be
    if (apart == null) {
      apart = apart(reader.around(one), reader.around(other), depth);
      known.put(other, apart);
    }
    return apart;
  }

  /** Whether one requires a name that the other forbids. */
  private static boolean lacks(Members requiring, Members forbidding) {
    return isFalse(forbidding.additional())
        && forbidding.patterns().isEmpty()
        && requiring.required().stream()
            .anyMatch(name -> !forbidding.properties().containsKey(name));
  }

  static boolean isFalse(@Nullable JsonNode schema) {
    return schema != null && schema.isBoolean() && !schema.booleanValue();
  }

  /** Equal as JSON Schema means it: 1 and 1.0 are. */
  static boolean same(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) {
      return a.decimalValue().compareTo(b.decimalValue()) == 0;
    }
    if (a.getNodeType() != b.getNodeType() || a.size() != b.size()) {
      return false;
    }
    if (a.isArray()) {
      for (int i = 0; i < a.size(); i++) {
        if (!same(a.get(i), b.get(i))) {
          return false;
        }
      }
      return true;
    }
    return a.isObject()
        ? a.properties().stream()
            .allMatch(e -> b.has(e.getKey()) && same(e.getValue(), b.get(e.getKey())))
        : a.equals(b);
  }

  /** Whether a value satisfies a shape. */
  boolean admits(SchemaShape shape, JsonNode value) {
    return admits(shape, value, false);
  }

  /** Whether a value may satisfy a shape that was read as what holds all. */
  boolean mayAdmit(SchemaShape shape, JsonNode value) {
    return admits(shape, value, true);
  }

  private boolean admits(SchemaShape shape, JsonNode value, boolean around) {
    List<JsonNode> values = shape.values();
    Effort.spend(1 + (values == null ? 0 : values.size() / 8));
    if (values != null && values.stream().noneMatch(other -> same(value, other))) {
      return false;
    }
    return switch (value.getNodeType()) {
      case NULL -> shape.kinds().contains(Kind.NULL);
      case BOOLEAN -> shape.kinds().contains(Kind.BOOLEAN);
      case NUMBER ->
          shape.kinds().contains(Kind.NUMBER) && admitsNumber(shape, value.decimalValue());
      case STRING ->
          shape.kinds().contains(Kind.STRING) && admitsText(shape, value.stringValue(), around);
      case ARRAY -> shape.kinds().contains(Kind.ARRAY) && admitsArray(shape, value, around);
      case OBJECT -> shape.kinds().contains(Kind.OBJECT) && admitsObject(shape, value, around);
      default -> false;
    };
  }

  private static boolean admitsNumber(SchemaShape shape, BigDecimal value) {
    Decimals.Bound least = shape.least();
    Decimals.Bound most = shape.most();
    return !(shape.integer() && value.stripTrailingZeros().scale() > 0)
        && (least == null || value.compareTo(least.value()) >= (least.exclusive() ? 1 : 0))
        && (most == null || value.compareTo(most.value()) <= (most.exclusive() ? -1 : 0))
        && shape.steps().stream().allMatch(step -> value.remainder(step).signum() == 0);
  }

  private static boolean admitsText(SchemaShape shape, String value, boolean around) {
    int length = value.codePointCount(0, value.length());
    return length >= shape.shortest()
        && (shape.longest() < 0 || length <= shape.longest())
        && ((around && shape.formatted())
            || shape.patterns().stream().allMatch(pattern -> pattern.contains(value)));
  }

  private boolean admitsArray(SchemaShape shape, JsonNode value, boolean around) {
    for (Tuple tuple : shape.tuples()) {
      if (value.size() < tuple.least() || (tuple.most() >= 0 && value.size() > tuple.most())) {
        return false;
      }
      if (tuple.unique() && repeats(value)) {
        return false;
      }
      for (int i = 0; i < value.size(); i++) {
        JsonNode schema = i < tuple.first().size() ? tuple.first().get(i) : tuple.rest();
        if (schema != null && !admits(schema, value.get(i), around)) {
          return false;
        }
      }
      Contains contains = tuple.contains();
      if (contains != null
          && (counted(contains, value, around) < contains.least()
              || (contains.most() >= 0 && counted(contains, value, !around) > contains.most()))) {
        return false;
      }
    }
    return true;
  }

  /** How many items satisfy a schema, at least or at most. */
  private int counted(Contains contains, JsonNode array, boolean atMost) {
    int count = 0;
    for (JsonNode item : array) {
      count += admits(contains.schema(), item, atMost) ? 1 : 0;
    }
    return count;
  }

  private static boolean repeats(JsonNode array) {
    for (int i = 0; i < array.size(); i++) {
      Effort.spend(i / 8);
      for (int j = 0; j < i; j++) {
        if (same(array.get(i), array.get(j))) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean admitsObject(SchemaShape shape, JsonNode value, boolean around) {
    for (Members members : shape.objects()) {
      if (value.size() < members.least()
          || (members.most() >= 0 && value.size() > members.most())
          || members.required().stream().anyMatch(name -> !value.has(name))) {
        return false;
      }
      for (Map.Entry<String, JsonNode> entry : value.properties()) {
        if (members.names() != null
            && !admits(members.names(), Json.tree(entry.getKey()), around)) {
          return false;
        }
        for (JsonNode schema : reader.schemasOf(members, entry.getKey())) {
          if (!admits(schema, entry.getValue(), around)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private boolean admits(JsonNode schema, JsonNode value, boolean around) {
    List<SchemaShape> shapes = around ? reader.around(schema) : reader.shapes(List.of(schema));
    return shapes.stream().anyMatch(shape -> admits(shape, value, around));
  }
}
