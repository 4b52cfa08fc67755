package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.grammar.SchemaShape.Contains;
import dev.slipway.infer.grammar.SchemaShape.Kind;
import dev.slipway.infer.grammar.SchemaShape.Members;
import dev.slipway.infer.grammar.SchemaShape.Tuple;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * What some shapes accept and others do not. Of arrays and objects it may be only a part, in which
 * every value is right: an object is told from another by one name that it lacks, or has with
 * another value.
 */
final class Difference {
  private static final int MOST_SHAPES = 200;
  private static final int MOST_WAYS = 6;

  /** From so many on, each is told from others in one way. */
  private static final int MANY_SHAPES = 24;

  /** Numbers that are told from others. */
  private static final int MOST_VALUES = 16;

  /** How deep properties are looked at within each other to tell objects apart. */
  private static final int DEEPEST = 3;

  private final SchemaReader reader;
  private final Exclusion exclusion;
  private int depth;

  /** What {@link #isTelling} found, by depth: the same properties are asked for again and again. */
  private final Map<Integer, Map<JsonNode, Boolean>> telling = new HashMap<>();

  Difference(SchemaReader reader) {
    this.reader = reader;
    exclusion = new Exclusion(reader);
  }

  /**
   * @param others all that they accept, or more
   * @param single whether one way to tell objects apart is enough: ways multiply
   */
  List<SchemaShape> minus(List<SchemaShape> some, List<SchemaShape> others, boolean single) {
    List<SchemaShape> left = some;
    for (SchemaShape other : others) {
      List<SchemaShape> next = new ArrayList<>();
      boolean few = single || left.size() > MANY_SHAPES;
      for (SchemaShape one : left) {
        next.addAll(minus(one, other, few));
      }
      if (next.size() > MOST_SHAPES || (few && !single)) {
        // Each is right by itself, but what is left out may be all that has answers.
        reader.narrow(
            Refusal.tooLarge("what a schema's alternatives multiply to", MANY_SHAPES, "of them"));
        next = next.subList(0, Math.min(next.size(), MOST_SHAPES));
      }
      left = next;
    }
    return left;
  }

  private List<SchemaShape> minus(SchemaShape a, SchemaShape b, boolean single) {
    Effort.spend(200);
    if (exclusion.apart(List.of(a), List.of(b), 0)) {
      return List.of(a);
    }
    if (a.values() != null) {
      List<JsonNode> left = a.values().stream().filter(v -> !exclusion.mayAdmit(b, v)).toList();
      return left.isEmpty() ? List.of() : List.of(a.withValues(left));
    }
    List<SchemaShape> left = new ArrayList<>();
    Set<Kind> whole = EnumSet.copyOf(a.kinds());
    for (Kind kind : a.kinds()) {
      Set<Kind> only = EnumSet.of(kind);
      SchemaShape one = a.withKinds(only);
      if (exclusion.apart(List.of(one), List.of(b), 0)) {
        continue;
      }
      whole.remove(kind);
      List<JsonNode> values = b.values();
      left.addAll(values == null ? without(one, b, single) : without(one, b, values));
    }
    if (!whole.isEmpty()) {
      left.add(a.withKinds(whole));
    }
    return left;
  }

  /** Of one kind, without a few values. */
  private List<SchemaShape> without(SchemaShape one, SchemaShape b, List<JsonNode> few) {
    List<JsonNode> values =
        few.stream().filter(v -> exclusion.mayAdmit(one, v) && exclusion.mayAdmit(b, v)).toList();
    return switch (one.kinds().iterator().next()) {
      case STRING ->
          List.of(
              one.withPattern(
                  Language.ANY_TEXT.minus(
                      Language.union(
                          values.stream().map(v -> Language.text(v.stringValue())).toList()))));
      case BOOLEAN -> {
        List<JsonNode> left =
            List.of(Json.tree(true), Json.tree(false)).stream()
                .filter(v -> values.stream().noneMatch(v::equals))
                .toList();
        yield left.isEmpty() ? List.of() : List.of(one.withValues(left));
      }
      case NUMBER -> between(one, values.stream().map(JsonNode::decimalValue).sorted().toList());
      default -> List.of();
    };
  }

  /** Numbers without a few values: those below, between and above them. */
  private static List<SchemaShape> between(SchemaShape one, List<BigDecimal> values) {
    if (values.size() > MOST_VALUES) {
      return List.of();
    }
    List<SchemaShape> left = new ArrayList<>();
    Decimals.Bound from = null;
    for (BigDecimal value : values) {
      Decimals.Bound at = new Decimals.Bound(value, true);
      left.add(one.within(from, at));
      from = at;
    }
    left.add(one.within(from, null));
    return left;
  }

  /** Of one kind, without what another shape accepts of it. */
  private List<SchemaShape> without(SchemaShape one, SchemaShape b, boolean single) {
    return switch (one.kinds().iterator().next()) {
      case NULL, BOOLEAN -> List.of();
      case NUMBER -> numbers(one, b);
      case STRING ->
          b.formatted() || (b.patterns().isEmpty() && b.shortest() == 0 && b.longest() < 0)
              ? List.of()
              : List.of(one.withPattern(Language.ANY_TEXT.minus(SchemaGrammar.stringsAround(b))));
      case ARRAY -> arrays(one, b, single);
      case OBJECT -> objects(one, b, single);
    };
  }

  private static List<SchemaShape> numbers(SchemaShape one, SchemaShape b) {
    List<SchemaShape> left = new ArrayList<>();
    if (b.steps().isEmpty() && (!b.integer() || one.integer())) {
      Decimals.Bound least = b.least();
      Decimals.Bound most = b.most();
      if (least != null) {
        left.add(one.within(null, new Decimals.Bound(least.value(), !least.exclusive())));
      }
      if (most != null) {
        left.add(one.within(new Decimals.Bound(most.value(), !most.exclusive()), null));
      }
    }
    return left;
  }

  private List<SchemaShape> arrays(SchemaShape one, SchemaShape b, boolean single) {
    List<Tuple> ways = new ArrayList<>();
    for (Tuple tuple : b.tuples()) {
      if (tuple.least() > 0) {
        ways.add(Tuple.between(0, tuple.least() - 1));
      }
      if (tuple.most() >= 0) {
        ways.add(Tuple.between(tuple.most() + 1, -1));
      }
    }
    for (Tuple tuple : b.tuples()) {
      if (single && !ways.isEmpty()) {
        break;
      }
      Contains contains = tuple.contains();
      if (contains != null && contains.least() > 0) {
        ways.add(containing(contains.schema(), 0, contains.least() - 1));
      }
      if (contains != null && contains.most() >= 0) {
        ways.add(containing(contains.schema(), contains.most() + 1, -1));
      }
      for (int i = 0; i < Math.min(tuple.first().size(), MOST_WAYS); i++) {
        if (isTelling(tuple.first().get(i))) {
          ways.add(Tuple.at(i, negated(tuple.first().get(i))));
        }
      }
      JsonNode rest = tuple.rest();
      if (rest != null && tuple.first().isEmpty() && isTelling(rest)) {
        ways.add(containing(negated(rest), 1, -1));
      }
    }
    return ways.stream().limit(MOST_WAYS).map(one::withTuple).toList();
  }

  private static Tuple containing(JsonNode schema, int least, int most) {
    return Tuple.containing(new Contains(schema, least, most, false));
  }

  private List<SchemaShape> objects(SchemaShape one, SchemaShape b, boolean single) {
    Set<String> required =
        one.objects().stream().flatMap(m -> m.required().stream()).collect(Collectors.toSet());
    Set<String> known =
        one.objects().stream()
            .flatMap(m -> m.properties().keySet().stream())
            .collect(Collectors.toSet());
    List<Members> ways = new ArrayList<>();
    List<Members> others = new ArrayList<>();
    for (Members members : b.objects()) {
      for (String name : members.required()) {
        if (!required.contains(name)) {
          (known.contains(name) ? others : ways).add(Members.without(name));
        }
      }
    }
    for (Members members : b.objects()) {
      for (Map.Entry<String, JsonNode> property : members.properties().entrySet()) {
        if (!(single && !ways.isEmpty()) && tells(one, property.getKey(), property.getValue())) {
          ways.add(Members.with(Set.of(property.getKey())));
        }
      }
    }
    if (single && !ways.isEmpty()) {
      return List.of(one.withMembers(ways.getFirst()));
    }
    ways.addAll(others);
    for (Members members : b.objects()) {
      for (Map.Entry<String, JsonNode> property : members.properties().entrySet()) {
        String name = property.getKey();
        JsonNode schema = property.getValue();
        if (ways.size() < MOST_WAYS && !tells(one, name, schema) && isTelling(schema)) {
          ways.add(Members.with(name, negated(schema)));
        }
      }
      if (members.least() > 0) {
        ways.add(Members.between(0, members.least() - 1));
      }
      if (members.most() >= 0) {
        ways.add(Members.between(members.most() + 1, -1));
      }
    }
    return ways.stream().limit(MOST_WAYS).map(one::withMembers).toList();
  }

  /** Whether a property that objects may have can't be what another schema says of it. */
  private boolean tells(SchemaShape one, String name, JsonNode other) {
    List<JsonNode> own = new ArrayList<>();
    one.objects().forEach(members -> own.addAll(reader.schemasOf(members, name)));
    return !own.isEmpty()
        && own.stream().noneMatch(Exclusion::isFalse)
        && exclusion.apart(reader.around(own), reader.around(other), 1);
  }

  private static JsonNode negated(JsonNode schema) {
    return Json.object().set("not", schema);
  }

  /** Whether something is left of all values without those that a schema accepts. */
  private boolean isTelling(JsonNode schema) {
    if (depth >= DEEPEST || References.isAnything(schema)) {
      return false;
    }
    Map<JsonNode, Boolean> known = telling.computeIfAbsent(depth, _ -> new IdentityHashMap<>());
    Boolean before = known.get(schema);
    if (before != null) {
      return before;
    }
    boolean tells = isReadable(negated(schema));
    known.put(schema, tells);
    return tells;
  }

  private boolean isReadable(JsonNode schema) {
    depth++;
    try {
      return !reader.shapes(List.of(schema)).isEmpty();
    } catch (SlipwayException e) {
      return false; // another way is to be found
    } finally {
      depth--;
    }
  }
}
