package dev.slipway.infer.grammar;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;

/**
 * What one alternative of a schema allows: every keyword that holds at the same time, brought
 * together. A schema is the union of its shapes.
 *
 * @param kinds of values
 * @param values if not null, the only values
 * @param integer whether numbers have no fraction
 * @param steps of which numbers are multiples
 * @param patterns that strings contain, each a language
 * @param tuples what is said of arrays, by each schema that says something
 * @param objects what is said of objects, likewise
 * @param formatted whether strings have a format, which not every validator asks for
 */
record SchemaShape(
    Set<Kind> kinds,
    @Nullable List<JsonNode> values,
    boolean integer,
    Decimals.@Nullable Bound least,
    Decimals.@Nullable Bound most,
    List<BigDecimal> steps,
    int shortest,
    int longest,
    List<Language> patterns,
    List<Tuple> tuples,
    List<Members> objects,
    boolean formatted) {

  enum Kind {
    NULL,
    BOOLEAN,
    NUMBER,
    STRING,
    ARRAY,
    OBJECT
  }

  /**
   * @param first schemas of the first items, by place
   * @param rest of those behind; null where anything may come
   * @param most -1 where any number may come
   * @param unique whether no two may be equal
   * @param contains how many satisfy another schema; null where it does not say
   */
  record Tuple(
      List<JsonNode> first,
      @Nullable JsonNode rest,
      int least,
      int most,
      boolean unique,
      @Nullable Contains contains) {
    /** Says how many items arrays have. */
    static Tuple between(int least, int most) {
      return new Tuple(List.of(), null, least, most, false, null);
    }

    /** Says that there is an item at a place, and that it satisfies a schema. */
    static Tuple at(int place, JsonNode schema) {
      List<JsonNode> first = new ArrayList<>(Collections.nCopies(place, BooleanNode.TRUE));
      first.add(schema);
      return new Tuple(first, null, place + 1, -1, false, null);
    }

    /** Says how many items satisfy a schema. */
    static Tuple containing(Contains contains) {
      return new Tuple(List.of(), null, 0, -1, false, contains);
    }

    /** Says of items from a place on that they satisfy a schema. */
    static Tuple from(int place, JsonNode schema) {
      return new Tuple(Collections.nCopies(place, BooleanNode.TRUE), schema, 0, -1, false, null);
    }
  }

  /**
   * @param most items that satisfy the schema; -1 where any number may
   * @param evaluates whether it speaks of them where {@code unevaluatedItems} asks
   */
  record Contains(JsonNode schema, int least, int most, boolean evaluates) {}

  /**
   * @param additional null where the schema does not say
   * @param evaluates whether it speaks of names where {@code unevaluatedProperties} asks
   */
  record Members(
      Map<String, JsonNode> properties,
      Map<String, JsonNode> patterns,
      @Nullable JsonNode additional,
      @Nullable JsonNode names,
      Set<String> required,
      int least,
      int most,
      boolean evaluates) {
    /** The same, and that other names may come. */
    Members open() {
      return new Members(
          properties, patterns, BooleanNode.TRUE, names, required, least, most, evaluates);
    }

    /** Says that objects lack a name. */
    static Members without(String name) {
      return new Members(
          Map.of(name, BooleanNode.FALSE),
          Map.of(),
          BooleanNode.TRUE,
          null,
          Set.of(),
          0,
          -1,
          false);
    }

    /** Says that objects have a name, with a value that satisfies a schema. */
    static Members with(String name, JsonNode schema) {
      return new Members(
          Map.of(name, schema), Map.of(), BooleanNode.TRUE, null, Set.of(name), 0, -1, false);
    }

    /** Says that objects have names. */
    static Members with(Set<String> names) {
      return new Members(Map.of(), Map.of(), null, null, names, 0, -1, false);
    }

    /** Says how many names objects have. */
    static Members between(int least, int most) {
      return new Members(Map.of(), Map.of(), null, null, Set.of(), least, most, false);
    }
  }

  static final SchemaShape ANYTHING =
      new SchemaShape(
          EnumSet.allOf(Kind.class),
          null,
          false,
          null,
          null,
          List.of(),
          0,
          -1,
          List.of(),
          List.of(),
          List.of(),
          false);

  /** Anything, but of objects what is said. */
  static SchemaShape of(Members members) {
    return new SchemaShape(
        ANYTHING.kinds,
        null,
        false,
        null,
        null,
        List.of(),
        0,
        -1,
        List.of(),
        List.of(),
        List.of(members),
        false);
  }

  SchemaShape withKinds(Set<Kind> some) {
    return new SchemaShape(
        some, values, integer, least, most, steps, shortest, longest, patterns, tuples, objects,
        formatted);
  }

  SchemaShape withValues(List<JsonNode> some) {
    return new SchemaShape(
        kinds, some, integer, least, most, steps, shortest, longest, patterns, tuples, objects,
        formatted);
  }

  /** With strings that are of a language as well. */
  SchemaShape withPattern(Language pattern) {
    List<Language> all = new ArrayList<>(patterns);
    all.add(pattern);
    return new SchemaShape(
        kinds, values, integer, least, most, steps, shortest, longest, all, tuples, objects,
        formatted);
  }

  /** With numbers that are also within bounds; null for none. */
  SchemaShape within(Decimals.@Nullable Bound from, Decimals.@Nullable Bound to) {
    return new SchemaShape(
        kinds,
        values,
        integer,
        Decimals.tighter(least, from, true),
        Decimals.tighter(most, to, false),
        steps,
        shortest,
        longest,
        patterns,
        tuples,
        objects,
        formatted);
  }

  SchemaShape withTuple(Tuple tuple) {
    List<Tuple> all = new ArrayList<>(tuples);
    all.add(tuple);
    return new SchemaShape(
        kinds, values, integer, least, most, steps, shortest, longest, patterns, all, objects,
        formatted);
  }

  SchemaShape withMembers(Members members) {
    List<Members> all = new ArrayList<>(objects);
    all.add(members);
    return withObjects(all);
  }

  /** With these in place of what was said of objects. */
  SchemaShape withObjects(List<Members> all) {
    return new SchemaShape(
        kinds, values, integer, least, most, steps, shortest, longest, patterns, tuples, all,
        formatted);
  }
}
