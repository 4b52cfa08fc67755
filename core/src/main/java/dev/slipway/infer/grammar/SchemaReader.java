package dev.slipway.infer.grammar;

import dev.slipway.base.SlipwayException;
import dev.slipway.infer.grammar.SchemaShape.Contains;
import dev.slipway.infer.grammar.SchemaShape.Kind;
import dev.slipway.infer.grammar.SchemaShape.Members;
import dev.slipway.infer.grammar.SchemaShape.Tuple;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads schemas of JSON Schema's draft 2020-12 (and what earlier drafts spell otherwise: {@code
 * definitions}, arrays of {@code items}) as unions of {@link SchemaShape}s. Schemas that hold at
 * the same time come as a list.
 */
final class SchemaReader {
  private static final int MOST_SHAPES = 500;
  private static final int DEEPEST = 64;

  private static final int MOST_TOGETHER = 4;

  private final References references;
  private final Map<String, Language> expressions = new HashMap<>();

  /** What each schema itself says: it is asked for again wherever it may be told from another. */
  private final IdentityHashMap<JsonNode, SchemaShape> owns = new IdentityHashMap<>();

  private final IdentityHashMap<JsonNode, List<SchemaShape>> arounds = new IdentityHashMap<>();

  private final Difference difference = new Difference(this);

  /** What no value could be told from, so that there may be answers though none was found. */
  private @Nullable SlipwayException narrowed;

  /** Conditions that were met where schemas were read as what holds all. */
  private int conditions;

  SchemaReader(JsonNode document) {
    references = new References(document);
  }

  /** The document's own schema. */
  JsonNode root() {
    return references.root();
  }

  /** Why there is no answer. */
  SlipwayException emptiness() {
    return narrowed == null ? Refusal.empty("no answer satisfies the schema") : narrowed;
  }

  /** Something was left out, which is why there may be no answer. */
  void narrow(SlipwayException reason) {
    narrowed = narrowed == null ? reason : narrowed;
  }

  /** How a schema is read whose shapes can't be told exactly. */
  private enum Reading {
    /** Every value of a shape satisfies it. */
    WITHIN,
    /** The same, and shapes differ by which schemas hold that speak of properties and items. */
    EVALUATING,
    /** Every value that satisfies it is one of a shape: what is left out can't be one. */
    AROUND
  }

  /**
   * Shapes of what all of these schemas accept, or of a part of it; none where they contradict each
   * other.
   */
  List<SchemaShape> shapes(List<JsonNode> schemas) {
    List<SchemaShape> all = List.of(SchemaShape.ANYTHING);
    for (JsonNode schema : schemas) {
      all = both(all, shapes(schema, new HashSet<>(), Reading.WITHIN));
    }
    return all;
  }

  /** Shapes of what all of the one schemas accept and none of the others, or of a part of it. */
  List<SchemaShape> shapes(List<JsonNode> schemas, List<JsonNode> failed) {
    List<SchemaShape> all = shapes(schemas);
    for (JsonNode schema : failed) {
      List<SchemaShape> left = difference.minus(all, around(schema), false);
      if (left.isEmpty() && !all.isEmpty()) {
        narrowed = unsupported("maxContains", schema);
      }
      all = left;
    }
    return all;
  }

  /** Shapes that leave out nothing of what a schema accepts, and may hold more. */
  List<SchemaShape> around(JsonNode schema) {
    List<SchemaShape> known = arounds.get(schema);
    if (known == null) {
      known = shapes(schema, new HashSet<>(), Reading.AROUND);
      arounds.put(schema, known);
    }
    return known;
  }

  /** What a schema refers to that says nothing else, or itself. */
  JsonNode target(JsonNode schema) {
    return schema.size() == 1 && schema.path("$ref").isString()
        ? references.follow(schema.get("$ref").stringValue())
        : schema;
  }

  /** Shapes that leave out nothing of what all of these schemas accept. */
  List<SchemaShape> around(List<JsonNode> schemas) {
    List<SchemaShape> all = List.of(SchemaShape.ANYTHING);
    for (JsonNode schema : schemas) {
      all = both(all, around(schema));
    }
    return all;
  }

  private List<SchemaShape> shapes(JsonNode schema, Set<String> followed, Reading outer) {
    if (schema.isBoolean()) {
      return schema.booleanValue() ? List.of(SchemaShape.ANYTHING) : List.of();
    }
    if (!schema.isObject()) {
      throw Keywords.invalid(schema, "", "an object or true or false");
    }
    Effort.spend(100);
    boolean around = outer == Reading.AROUND;
    boolean closes = schema.has("unevaluatedProperties") || schema.has("unevaluatedItems");
    Reading reading = closes && !around ? Reading.EVALUATING : outer;
    int conditionsBefore = conditions;
    List<SchemaShape> all =
        both(List.of(SchemaShape.ANYTHING), List.of(owns.computeIfAbsent(schema, this::own)));
    for (String keyword : References.KEYWORDS) {
      if (schema.has(keyword)) {
        all = both(all, referred(Keywords.string(schema, keyword), followed, reading));
      }
    }
    for (JsonNode part : Keywords.list(schema, "allOf")) {
      all = both(all, shapes(part, followed, reading));
    }
    if (schema.has("anyOf")) {
      all = both(all, anyOf(Keywords.list(schema, "anyOf"), followed, reading));
    }
    if (schema.has("oneOf")) {
      all = both(all, oneOf(Keywords.list(schema, "oneOf"), followed, reading));
    }
    for (String keyword : List.of("dependentRequired", "dependentSchemas", "dependencies")) {
      all = both(all, dependencies(Keywords.map(schema, keyword), followed, reading));
    }
    if (schema.has("if")) {
      conditions++;
      all = around ? all : conditional(schema, all, followed, reading);
    }
    // Of what holds all, only one shape without conditions tells what was spoken of.
    if (closes && (!around || (all.size() == 1 && conditions == conditionsBefore))) {
      all = all.stream().map(shape -> closed(schema, shape)).toList();
    }
    return around || !schema.has("not") ? all : without(schema, all, followed, outer);
  }

  private List<SchemaShape> without(
      JsonNode schema, List<SchemaShape> all, Set<String> followed, Reading reading) {
    JsonNode not = schema.get("not");
    if (not.size() == 1 && not.has("not") && reading != Reading.EVALUATING) {
      return both(all, shapes(not.get("not"), followed, reading)); // what holds after all
    }
    List<SchemaShape> left = difference.minus(all, around(not), false);
    if (left.isEmpty() && !all.isEmpty()) {
      throw unsupported("not", schema);
    }
    return left;
  }

  private List<SchemaShape> referred(String label, Set<String> followed, Reading reading) {
    if (!followed.add(label) || followed.size() > DEEPEST) {
      throw Refusal.unsupported(
          "the schema's $ref " + label + " refers to itself without anything in between",
          "let it refer to itself through a property or an item");
    }
    List<SchemaShape> all = shapes(references.follow(label), followed, reading);
    followed.remove(label);
    return all;
  }

  private SchemaShape closed(JsonNode schema, SchemaShape shape) {
    SchemaShape closed = shape;
    JsonNode properties = schema.get("unevaluatedProperties");
    if (properties != null) {
      closed = Unevaluated.properties(closed, properties);
    }
    JsonNode items = schema.get("unevaluatedItems");
    return items == null
        ? closed
        : Unevaluated.items(closed, items, !references.isOf("draft/2019-09"));
  }

  /**
   * Alternatives of which several may hold. Where that makes a difference they are brought together
   * as well: all of any few, or just all.
   */
  private List<SchemaShape> anyOf(List<JsonNode> parts, Set<String> followed, Reading reading) {
    List<SchemaShape> any = new ArrayList<>();
    List<List<SchemaShape>> speaking = new ArrayList<>();
    for (JsonNode part : parts) {
      List<SchemaShape> shapes = shapes(part, followed, reading);
      any.addAll(shapes);
      if (shapes.stream().anyMatch(s -> !s.tuples().isEmpty() || !s.objects().isEmpty())) {
        speaking.add(shapes);
      }
    }
    if (reading != Reading.EVALUATING || speaking.size() < 2) {
      return any;
    }
    int every = (1 << Math.min(speaking.size(), 30)) - 1;
    for (int set = speaking.size() > MOST_TOGETHER ? every : 3; set <= every; set++) {
      if (Integer.bitCount(set) > 1) {
        List<SchemaShape> together = List.of(SchemaShape.ANYTHING);
        for (int i = 0; i < speaking.size(); i++) {
          together = (set >> Math.min(i, 29) & 1) == 0 ? together : both(together, speaking.get(i));
        }
        any.addAll(together);
      }
    }
    return any;
  }

  /** A name that is there asks for others, or for a schema of the whole object. */
  private List<SchemaShape> dependencies(
      Map<String, JsonNode> asking, Set<String> followed, Reading reading) {
    List<SchemaShape> all = List.of(SchemaShape.ANYTHING);
    for (Map.Entry<String, JsonNode> one : asking.entrySet()) {
      List<SchemaShape> either = new ArrayList<>();
      either.add(SchemaShape.of(Members.without(one.getKey())));
      if (one.getValue().isArray()) {
        Set<String> names = new LinkedHashSet<>();
        one.getValue().forEach(name -> names.add(name.asString("")));
        either.add(SchemaShape.of(Members.with(names)));
      } else {
        List<SchemaShape> asked = shapes(one.getValue(), followed, reading);
        SchemaShape there = SchemaShape.of(Members.with(Set.of(one.getKey())));
        // Without the name the schema speaks of nothing.
        either.addAll(reading == Reading.EVALUATING ? both(List.of(there), asked) : asked);
      }
      all = both(all, either);
    }
    return all;
  }

  private List<SchemaShape> conditional(
      JsonNode schema, List<SchemaShape> all, Set<String> followed, Reading reading) {
    JsonNode then = schema.get("then");
    JsonNode otherwise = schema.get("else");
    if (then == null && otherwise == null && reading != Reading.EVALUATING) {
      return all;
    }
    List<SchemaShape> holds = both(all, shapes(schema.get("if"), followed, reading));
    List<SchemaShape> either =
        new ArrayList<>(then == null ? holds : both(holds, shapes(then, followed, reading)));
    if (then == null && otherwise == null) {
      either.addAll(all); // whether it holds is open, and nothing it speaks of counts
      return either;
    }
    List<SchemaShape> fails = difference.minus(all, around(schema.get("if")), false);
    either.addAll(otherwise == null ? fails : both(fails, shapes(otherwise, followed, reading)));
    if (either.isEmpty() && !all.isEmpty()) {
      throw unsupported("if", schema);
    }
    return either;
  }

  /**
   * Alternatives of which a value may satisfy only one: each without the others. Where nothing is
   * left of one, answers do not have it.
   */
  private List<SchemaShape> oneOf(List<JsonNode> parts, Set<String> followed, Reading reading) {
    List<List<SchemaShape>> alternatives = new ArrayList<>();
    for (JsonNode part : parts) {
      alternatives.add(shapes(part, followed, reading));
    }
    if (reading == Reading.AROUND) {
      return alternatives.stream().flatMap(List::stream).toList();
    }
    List<List<SchemaShape>> around = parts.stream().map(this::around).toList();
    List<SchemaShape> apart = new ArrayList<>();
    for (int i = 0; i < alternatives.size(); i++) {
      List<SchemaShape> left = alternatives.get(i);
      for (int j = 0; j < alternatives.size(); j++) {
        left = j == i ? left : difference.minus(left, around.get(j), true);
      }
      apart.addAll(left);
    }
    if (apart.isEmpty() && alternatives.stream().anyMatch(shapes -> !shapes.isEmpty())) {
      throw Refusal.unsupported(
          "every value that satisfies an alternative of oneOf may satisfy another one as well",
          "use anyOf, or give them a required property with different const values");
    }
    return apart;
  }

  /** The keywords that stand in a schema itself. */
  private SchemaShape own(JsonNode schema) {
    Set<Kind> kinds = EnumSet.allOf(Kind.class);
    boolean integer = false;
    JsonNode type = schema.get("type");
    if (type != null) {
      kinds = EnumSet.noneOf(Kind.class);
      List<JsonNode> names = type.isArray() ? Keywords.list(schema, "type") : List.of(type);
      boolean number = false;
      for (JsonNode name : names) {
        switch (name.asString("")) {
          case "null" -> kinds.add(Kind.NULL);
          case "boolean" -> kinds.add(Kind.BOOLEAN);
          case "number" -> number = true;
          case "integer" -> integer = true;
          case "string" -> kinds.add(Kind.STRING);
          case "array" -> kinds.add(Kind.ARRAY);
          case "object" -> kinds.add(Kind.OBJECT);
          default ->
              throw Keywords.invalid(
                  name, "type", "null, boolean, number, integer, string, array or object");
        }
      }
      if (number || integer) {
        kinds.add(Kind.NUMBER);
      }
      integer &= !number;
    }
    List<JsonNode> values = schema.has("enum") ? Keywords.list(schema, "enum") : null;
    if (schema.has("const")) {
      JsonNode only = schema.get("const");
      values =
          values == null
              ? List.of(only)
              : values.stream().filter(value -> Exclusion.same(value, only)).toList();
    }
    List<Language> patterns = new ArrayList<>();
    if (schema.has("pattern")) {
      patterns.add(within(Keywords.string(schema, "pattern")));
    }
    if (schema.has("format")) {
      Language format = Formats.of(Keywords.string(schema, "format"));
      if (format != null) {
        patterns.add(format);
      }
    }
    BigDecimal step = Keywords.number(schema, "multipleOf");
    if (step != null && step.signum() <= 0) {
      throw Keywords.invalid(schema.get("multipleOf"), "multipleOf", "a number above 0");
    }
    return new SchemaShape(
        kinds,
        values,
        integer,
        Decimals.tighter(
            Keywords.bound(schema, "minimum", false),
            Keywords.bound(schema, "exclusiveMinimum", true),
            true),
        Decimals.tighter(
            Keywords.bound(schema, "maximum", false),
            Keywords.bound(schema, "exclusiveMaximum", true),
            false),
        step == null ? List.of() : List.of(step),
        Keywords.count(schema, "minLength", 0),
        Keywords.count(schema, "maxLength", -1),
        patterns,
        tuple(schema),
        members(schema),
        schema.has("format"));
  }

  private List<Tuple> tuple(JsonNode schema) {
    List<JsonNode> first = Keywords.list(schema, "prefixItems");
    JsonNode rest = schema.get("items");
    if (rest != null && rest.isArray()) { // before draft 2020-12
      first = Keywords.list(schema, "items");
      rest = schema.get("additionalItems");
    }
    int least = Keywords.count(schema, "minItems", 0);
    int most = Keywords.count(schema, "maxItems", -1);
    boolean unique = schema.path("uniqueItems").asBoolean(false);
    Contains contains =
        schema.has("contains")
            ? new Contains(
                schema.get("contains"),
                Keywords.count(schema, "minContains", 1),
                Keywords.count(schema, "maxContains", -1),
                true)
            : null;
    boolean says =
        !first.isEmpty() || rest != null || least > 0 || most >= 0 || unique || contains != null;
    return says ? List.of(new Tuple(first, rest, least, most, unique, contains)) : List.of();
  }

  private List<Members> members(JsonNode schema) {
    Set<String> required = new LinkedHashSet<>();
    for (JsonNode name : Keywords.list(schema, "required")) {
      if (!name.isString()) {
        throw Keywords.invalid(name, "required", "a list of names");
      }
      required.add(name.stringValue());
    }
    Members members =
        new Members(
            Keywords.map(schema, "properties"),
            Keywords.map(schema, "patternProperties"),
            schema.get("additionalProperties"),
            schema.get("propertyNames"),
            required,
            Keywords.count(schema, "minProperties", 0),
            Keywords.count(schema, "maxProperties", -1),
            true);
    boolean says =
        !members.properties().isEmpty()
            || !members.patterns().isEmpty()
            || members.additional() != null
            || members.names() != null
            || !required.isEmpty()
            || members.least() > 0
            || members.most() >= 0;
    return says ? List.of(members) : List.of();
  }

  /** What one schema says of a property. */
  List<JsonNode> schemasOf(Members members, String name) {
    List<JsonNode> schemas = new ArrayList<>();
    JsonNode own = members.properties().get(name);
    if (own != null) {
      schemas.add(own);
    }
    members
        .patterns()
        .forEach(
            (pattern, schema) -> {
              if (within(pattern).contains(name)) {
                schemas.add(schema);
              }
            });
    if (schemas.isEmpty() && members.additional() != null) {
      schemas.add(members.additional());
    }
    return schemas;
  }

  /** The texts in which an expression matches somewhere. */
  Language within(String expression) {
    Language known = expressions.get(expression);
    if (known == null) {
      known = RegularExpression.within(expression);
      expressions.put(expression, known);
    }
    return known;
  }

  // ---- what holds at the same time ----

  private List<SchemaShape> both(List<SchemaShape> some, List<SchemaShape> others) {
    if (some.size() == 1 && some.getFirst() == SchemaShape.ANYTHING) {
      return others;
    }
    List<SchemaShape> result = new ArrayList<>();
    for (SchemaShape a : some) {
      for (SchemaShape b : others) {
        Effort.spend(20);
        SchemaShape merged = b == SchemaShape.ANYTHING ? a : both(a, b);
        if (!merged.kinds().isEmpty() && (merged.values() == null || !merged.values().isEmpty())) {
          result.add(merged);
        }
        if (result.size() > MOST_SHAPES) {
          throw Refusal.tooLarge(
              "what a schema's alternatives multiply to", MOST_SHAPES, "of them");
        }
      }
    }
    return result;
  }

  private static SchemaShape both(SchemaShape a, SchemaShape b) {
    Set<Kind> kinds = EnumSet.copyOf(a.kinds());
    kinds.retainAll(b.kinds());
    List<JsonNode> values = a.values();
    if (values == null) {
      values = b.values();
    } else if (b.values() != null) {
      List<JsonNode> others = b.values();
      Effort.spend((long) values.size() * others.size() / 8);
      values =
          values.stream().filter(v -> others.stream().anyMatch(o -> Exclusion.same(v, o))).toList();
    }
    int longest =
        a.longest() < 0
            ? b.longest()
            : b.longest() < 0 ? a.longest() : Math.min(a.longest(), b.longest());
    return new SchemaShape(
        kinds,
        values,
        a.integer() || b.integer(),
        Decimals.tighter(a.least(), b.least(), true),
        Decimals.tighter(a.most(), b.most(), false),
        joined(a.steps(), b.steps()),
        Math.max(a.shortest(), b.shortest()),
        longest,
        joined(a.patterns(), b.patterns()),
        joined(a.tuples(), b.tuples()),
        joined(a.objects(), b.objects()),
        a.formatted() || b.formatted());
  }

  private static <T> List<T> joined(List<T> a, List<T> b) {
    Set<T> all = new LinkedHashSet<>(a);
    all.addAll(b);
    return List.copyOf(all);
  }

  private SlipwayException unsupported(String keyword, JsonNode schema) {
    String place = references.place(schema);
    return Refusal.unsupported(
        "the schema has "
            + keyword
            + (place == null ? "" : " at " + place)
            + ", which answers can't be held to",
        "leave it out and check the answer");
  }
}
