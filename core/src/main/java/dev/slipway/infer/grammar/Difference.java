package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.grammar.SchemaShape.Kind;
import dev.slipway.infer.grammar.SchemaShape.Members;
import dev.slipway.infer.grammar.SchemaShape.Tuple;
import java.util.ArrayList;
import java.util.EnumSet;
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
  private static final int MOST_SHAPES = 500;
  private static final int MOST_WAYS = 6;

  /** How deep properties are looked at within each other to tell objects apart. */
  private static final int DEEPEST = 3;

  private final SchemaReader reader;
  private final Exclusion exclusion;
  private int depth;

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
      for (SchemaShape one : left) {
        next.addAll(minus(one, other, single));
      }
      if (next.size() > MOST_SHAPES) {
        throw Refusal.tooLarge("what a schema's alternatives multiply to", MOST_SHAPES, "of them");
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
      default -> List.of();
    };
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
      case ARRAY -> arrays(one, b);
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

  private static List<SchemaShape> arrays(SchemaShape one, SchemaShape b) {
    List<SchemaShape> left = new ArrayList<>();
    for (Tuple tuple : b.tuples()) {
      if (tuple.least() > 0) {
        left.add(one.withTuple(Tuple.between(0, tuple.least() - 1)));
      }
      if (tuple.most() >= 0) {
        left.add(one.withTuple(Tuple.between(tuple.most() + 1, -1)));
      }
    }
    return left;
  }

  private List<SchemaShape> objects(SchemaShape one, SchemaShape b, boolean single) {
    Set<String> required =
        one.objects().stream().flatMap(m -> m.required().stream()).collect(Collectors.toSet());
    Set<String> known =
        one.objects().stream()
            .flatMap(m -> m.properties().keySet().stream())
            .collect(Collectors.toSet());
    List<Members> foreign = new ArrayList<>();
    List<Members> telling = new ArrayList<>();
    List<Members> others = new ArrayList<>();
    for (Members members : b.objects()) {
      for (String name : members.required()) {
        if (!required.contains(name)) {
          (known.contains(name) ? others : foreign).add(Members.without(name));
        }
      }
      for (Map.Entry<String, JsonNode> property : members.properties().entrySet()) {
        String name = property.getKey();
        JsonNode schema = property.getValue();
        if (depth < DEEPEST && tells(one, name, schema)) {
          telling.add(Members.with(Set.of(name)));
        } else if (depth < DEEPEST && !isAnything(schema) && isReadable(schema)) {
          others.add(Members.with(name, Json.object().set("not", schema)));
        }
      }
      if (members.least() > 0) {
        others.add(Members.between(0, members.least() - 1));
      }
      if (members.most() >= 0) {
        others.add(Members.between(members.most() + 1, -1));
      }
    }
    List<Members> ways = new ArrayList<>(foreign);
    ways.addAll(telling);
    ways.addAll(others);
    int most = single && !(foreign.isEmpty() && telling.isEmpty()) ? 1 : MOST_WAYS;
    return ways.stream().limit(most).map(way -> one.withMembers(way)).toList();
  }

  /** Whether a property that objects may have can't be what another schema says of it. */
  private boolean tells(SchemaShape one, String name, JsonNode other) {
    List<JsonNode> own = new ArrayList<>();
    one.objects().forEach(members -> own.addAll(reader.schemasOf(members, name)));
    if (own.isEmpty() || own.stream().anyMatch(Exclusion::isFalse)) {
      return false;
    }
    depth++;
    try {
      return exclusion.apart(reader.shapes(own), reader.around(other), 1);
    } finally {
      depth--;
    }
  }

  private static boolean isAnything(JsonNode schema) {
    return schema.isBoolean() ? schema.booleanValue() : schema.isEmpty();
  }

  /** Whether something is left of all values without those that a schema accepts. */
  private boolean isReadable(JsonNode schema) {
    depth++;
    try {
      return !reader.shapes(List.of(Json.object().set("not", schema))).isEmpty();
    } catch (SlipwayException e) {
      return false; // another way is to be found
    } finally {
      depth--;
    }
  }
}
