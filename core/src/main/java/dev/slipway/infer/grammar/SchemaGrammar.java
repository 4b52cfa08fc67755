package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.infer.grammar.SchemaShape.Kind;
import dev.slipway.infer.grammar.SchemaShape.Members;
import dev.slipway.infer.grammar.SchemaShape.Tuple;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;

/**
 * The JSON texts that a schema accepts, as a grammar. White space may stand where people and models
 * put it: behind colons and commas, and around the members of objects and arrays, one blank or a
 * line end with an indentation.
 */
final class SchemaGrammar {
  /** Characters that a string without a pattern may be limited to; longer limits count as this. */
  private static final int LONGEST = 2_048;

  private static final int LONGEST_OF_PATTERNS = 512;

  static final int MOST_ITEMS = 2_048;

  /** Items at most that an array of any length has before and among those that it is asked for. */
  private static final int BEFORE_CONTAINED = 8;

  /** How deep schemas may stand within each other, references counted in. */
  private static final int DEEPEST = 400;

  /** One character of a JSON string, in any of its spellings (RFC 8259 §7), never half a pair. */
  private static final Language CHARACTER =
      Language.union(
              List.of(
                  Language.ANY_CHARACTER.minus(RegularExpression.whole("[\\u0000-\\u001f\"\\\\]")),
                  RegularExpression.whole("\\\\[\"\\\\/bfnrt]"),
                  RegularExpression.whole(
                      "\\\\u(?:[0-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2})"),
                  RegularExpression.whole(
                      "\\\\u[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}")))
          .deterministic();

  /** One character in its only spelling where texts are to be as different as their values. */
  private static final Language SPELT_CHARACTER = Language.ANY_CHARACTER.spelt().deterministic();

  private static final Language QUOTE = Language.text("\"");
  private static final Language ANY_STRING =
      Language.concat(List.of(QUOTE, CHARACTER.repeat(0, -1), QUOTE)).deterministic();

  private final SchemaReader reader;
  private final Exclusion exclusion;
  private final Grammar.Builder builder = new Grammar.Builder();
  private final Map<String, Integer> rules = new HashMap<>();
  private final int space;
  private final int character;
  private final int speltCharacter;
  private int depth;

  private SchemaGrammar(SchemaReader reader) {
    this.reader = reader;
    exclusion = new Exclusion(reader);
    space = builder.space();
    character = builder.rule();
    speltCharacter = builder.rule();
    builder.language(builder.begin(character), CHARACTER, builder.end(character));
    builder.language(builder.begin(speltCharacter), SPELT_CHARACTER, builder.end(speltCharacter));
    builder.language(
        builder.begin(space), RegularExpression.whole(" ?|\\n[ \\t]{0,16}"), builder.end(space));
  }

  static Grammar of(JsonNode schema) {
    try {
      SchemaGrammar grammar = new SchemaGrammar(new SchemaReader(schema));
      int root = grammar.rule(List.of(grammar.reader.root()), Spelling.FREE);
      return grammar.builder.build(root, grammar.reader::emptiness);
    } catch (StackOverflowError e) {
      throw Refusal.tooLarge("the schema", DEEPEST, "levels");
    }
  }

  /** Makes what all schemas need, whose work is to be counted to none of them. */
  static void makeConstants() {
    Objects.requireNonNull(Decimals.ANY);
  }

  static Grammar anyObject() {
    return of(Json.object().put("type", "object"));
  }

  /** The rule of values that satisfy all of these schemas. */
  private int rule(List<JsonNode> schemas, Spelling spelling) {
    return rule(schemas, List.of(), spelling);
  }

  /** The rule of values that satisfy all of the one and none of the other. */
  private int rule(List<JsonNode> schemas, List<JsonNode> failed, Spelling spelling) {
    Set<JsonNode> distinct = new LinkedHashSet<>(schemas);
    distinct.remove(BooleanNode.TRUE);
    List<JsonNode> all = List.copyOf(distinct);
    String key = spelling + Json.line(all) + (failed.isEmpty() ? "" : Json.line(failed));
    Effort.spend(key.length() / 16);
    Integer known = rules.get(key);
    if (known != null) {
      return known;
    }
    if (++depth > DEEPEST) {
      throw Refusal.tooLarge("the schema", DEEPEST, "levels");
    }
    int rule = builder.rule();
    rules.put(key, rule);
    List<SchemaShape> shapes = reader.shapes(all, failed);
    Spelling within = spelling.of(shapes);
    List<Language> texts = new ArrayList<>();
    for (SchemaShape shape : shapes) {
      if (shape.values() == null) {
        put(shape, within, builder.begin(rule), builder.end(rule));
      } else {
        shape.values().stream()
            .filter(value -> exclusion.admits(shape, value))
            .forEach(value -> texts.add(Language.text(within.text(value))));
      }
    }
    if (!texts.isEmpty()) {
      builder.language(builder.begin(rule), Language.union(texts), builder.end(rule));
    }
    depth--;
    return rule;
  }

  private void put(SchemaShape shape, Spelling spelling, int from, int to) {
    for (Kind kind : shape.kinds()) {
      switch (kind) {
        case NULL -> builder.nothing(builder.text(from, "null"), to);
        case BOOLEAN -> {
          builder.nothing(builder.text(from, "true"), to);
          builder.nothing(builder.text(from, "false"), to);
        }
        case NUMBER -> {
          Language numbers = numbers(shape);
          builder.language(
              from, spelling == Spelling.FREE ? numbers : numbers.and(Decimals.SPELT), to);
        }
        case STRING -> string(shape, spelling, from, to);
        case ARRAY -> array(shape.tuples(), spelling, from, to);
        case OBJECT -> object(shape.objects(), spelling, from, to);
      }
    }
  }

  /** The texts of a shape's numbers. */
  static Language numbers(SchemaShape shape) {
    Language all = Decimals.within(shape.least(), shape.most(), shape.integer(), null);
    for (BigDecimal step : shape.steps()) {
      all = all.and(Decimals.within(shape.least(), shape.most(), shape.integer(), step));
    }
    return all;
  }

  private void string(SchemaShape shape, Spelling spelling, int from, int to) {
    if (!shape.patterns().isEmpty()) {
      builder.language(from, strings(shape).quoted(), to);
    } else if (shape.shortest() > 0 || shape.longest() >= 0) {
      int one = spelling == Spelling.FREE ? character : speltCharacter;
      counted(from, one, shortest(shape), longest(shape), to);
    } else {
      builder.language(
          from, spelling == Spelling.FREE ? ANY_STRING : Language.ANY_TEXT.quoted(), to);
    }
  }

  /** A string of so many characters: a place for each, which all take the same rule. */
  private void counted(int from, int one, int least, int most, int to) {
    int close = builder.state();
    builder.nothing(builder.text(close, "\""), to);
    int at = builder.text(from, "\"");
    for (int i = 0; i < (most < 0 ? least : most); i++) {
      if (i >= least) {
        builder.nothing(at, close);
      }
      int next = builder.state();
      builder.call(at, one, next);
      at = next;
    }
    if (most < 0) {
      builder.call(at, one, at);
    }
    if (most < 0 || most >= least) {
      builder.nothing(at, close);
    }
  }

  /** A shape's strings themselves, without quotes and escapes; of very long ones a part. */
  static Language strings(SchemaShape shape) {
    // Each character of a pattern has states of its own.
    int most =
        shape.patterns().isEmpty()
            ? longest(shape)
            : Math.min(longest(shape), Math.max(LONGEST_OF_PATTERNS, shape.shortest()));
    return strings(shape, shortest(shape), most);
  }

  /** At least a shape's strings. */
  static Language stringsAround(SchemaShape shape) {
    return strings(
        shape,
        Math.min(shape.shortest(), LONGEST_OF_PATTERNS),
        shape.longest() > LONGEST_OF_PATTERNS ? -1 : shape.longest());
  }

  private static Language strings(SchemaShape shape, int least, int most) {
    Language all =
        least == 0 && most < 0 ? Language.ANY_TEXT : Language.ANY_CHARACTER.repeat(least, most);
    for (Language pattern : shape.patterns()) {
      all = all.and(pattern).deterministic();
    }
    return all;
  }

  private static int shortest(SchemaShape shape) {
    if (shape.shortest() > LONGEST) {
      throw Refusal.tooLarge("minLength " + shape.shortest(), LONGEST, "characters");
    }
    return shape.shortest();
  }

  private static int longest(SchemaShape shape) {
    return shape.longest() > LONGEST ? LONGEST : shape.longest();
  }

  // ---- arrays ----

  private void array(List<Tuple> tuples, Spelling spelling, int from, int to) {
    int least = 0;
    int most = -1;
    int own = 0; // places that may have a schema of their own
    boolean unique = false;
    for (Tuple tuple : tuples) {
      unique |= tuple.unique();
      least = Math.max(least, tuple.least());
      most = tuple.most() < 0 ? most : most < 0 ? tuple.most() : Math.min(most, tuple.most());
      own = Math.max(own, tuple.first().size());
    }
    if (least > MOST_ITEMS || own > MOST_ITEMS) {
      throw Refusal.tooLarge("an array of " + Math.max(least, own), MOST_ITEMS, "items");
    }
    int counted = most < 0 ? Math.max(Math.max(own, least), 1) : Math.min(most, MOST_ITEMS);
    ItemCounts counts = ItemCounts.of(tuples, counted, most);
    if (most < 0 && counts.least() > 0) {
      counted += counts.least() + BEFORE_CONTAINED;
    }
    boolean apart = unique && most != 1;
    Spelling items = apart ? spelling.ofItems(own > 0 || counts.sets() > 1) : spelling;
    int open = spaced(builder.text(apart ? builder.array(from) : from, "["));
    if (least == 0 && counts.isEnough(0)) {
      arrayEnd(open, apart, to);
    }
    // at[c]: behind an item, where c tells how many are counted; -1 where none comes to that
    int[] at = new int[counts.states()];
    Arrays.fill(at, -1);
    at[0] = open;
    int[] rules = {};
    for (int i = 0; i < counted; i++) {
      rules = i > own ? rules : itemRules(tuples, i, counts, items);
      int[] next = new int[counts.states()];
      Arrays.fill(next, -1);
      for (int c = 0; c < at.length; c++) {
        if (at[c] >= 0) {
          int before = i == 0 ? open : spaced(builder.text(at[c], ","));
          for (int set = 0; set < rules.length; set++) {
            int n = counts.after(c, set);
            if (n >= 0) {
              next[n] = next[n] < 0 ? builder.state() : next[n];
              item(before, rules[set], apart, next[n]);
            }
          }
        }
      }
      at = next;
      for (int c = 0; c < at.length; c++) {
        if (at[c] >= 0 && i + 1 >= least && counts.isEnough(c)) {
          arrayEnd(spaced(at[c]), apart, to);
        }
      }
    }
    if (most < 0) {
      moreItems(at, itemRules(tuples, counted, counts, items), counts, apart, to);
    }
  }

  /** Any number of items more; what is still asked for comes first, so that the array can end. */
  private void moreItems(int[] at, int[] rules, ItemCounts counts, boolean apart, int to) {
    for (int c = 0; c < at.length; c++) {
      if (at[c] < 0) {
        continue;
      }
      int before = spaced(builder.text(at[c], ","));
      for (int set = 0; set < rules.length; set++) {
        int n = counts.after(c, set);
        if (n < 0 || (n == c && !counts.isEnough(c))) {
          continue;
        }
        if (at[n] < 0) {
          at[n] = builder.state();
          if (counts.isEnough(n)) {
            arrayEnd(spaced(at[n]), apart, to);
          }
        }
        item(before, rules[set], apart, at[n]);
      }
    }
  }

  /** Rules of the items at a place, by the set of those that count them. */
  private int[] itemRules(List<Tuple> tuples, int place, ItemCounts counts, Spelling spelling) {
    int[] rules = new int[counts.sets()];
    for (int set = 0; set < rules.length; set++) {
      List<JsonNode> schemas = items(tuples, place);
      schemas.addAll(counts.satisfied(set));
      rules[set] = rule(schemas, counts.failed(set), spelling);
    }
    return rules;
  }

  private void item(int from, int rule, boolean apart, int to) {
    if (apart) {
      builder.item(from, rule, to);
    } else {
      builder.call(from, rule, to);
    }
  }

  private void arrayEnd(int from, boolean apart, int to) {
    int end = builder.text(from, "]");
    if (apart) {
      builder.arrayEnd(end, to);
    } else {
      builder.nothing(end, to);
    }
  }

  private static List<JsonNode> items(List<Tuple> tuples, int place) {
    List<JsonNode> schemas = new ArrayList<>();
    for (Tuple tuple : tuples) {
      JsonNode schema = place < tuple.first().size() ? tuple.first().get(place) : tuple.rest();
      if (schema != null) {
        schemas.add(schema);
      }
    }
    return schemas;
  }

  private int spaced(int from) {
    int to = builder.state();
    builder.call(from, space, to);
    return to;
  }

  // ---- objects ----

  /**
   * A name that objects may have.
   *
   * @param key the name itself; "" for several
   * @param name its JSON texts, quotes included
   */
  private record Property(String key, Language name, List<JsonNode> schemas, boolean required) {}

  private void object(List<Members> members, Spelling spelling, int from, int to) {
    int least = 0;
    int most = -1;
    for (Members one : members) {
      least = Math.max(least, one.least());
      most = one.most() < 0 ? most : most < 0 ? one.most() : Math.min(most, one.most());
    }
    List<Property> named = named(members);
    if (named == null) {
      return; // a name that has to be there is forbidden
    }
    if (spelling == Spelling.SORTED) {
      named.sort(Comparator.comparing(Property::key));
    }
    List<Property> free = spelling == Spelling.SORTED ? List.of() : free(members);
    if (least > 1 && !free.isEmpty()) {
      // Free names may come twice and count once: only names of their own are counted on.
      if (named.size() < least) {
        throw Refusal.unsupported(
            "the schema has minProperties " + least + " with names that it leaves open",
            "name the properties, or leave minProperties out and check the answer");
      }
      free = List.of();
    }
    int counted = Math.max(Math.max(1, least), most);
    if ((long) counted * (named.size() + 1) > MOST_ITEMS * 8L) {
      throw Refusal.tooLarge(
          "counting " + counted + " of " + named.size() + " properties", MOST_ITEMS * 8L, "places");
    }
    // places[c]: so far c properties have come, counted as far as it matters
    int[] places = new int[counted + 1];
    places[0] = spaced(builder.text(from, "{"));
    for (int c = 1; c <= counted; c++) {
      places[c] = builder.state();
    }
    for (Property property : named) {
      int[] next = new int[counted + 1];
      for (int c = 0; c <= counted; c++) {
        next[c] = builder.state();
      }
      for (int c = 0; c <= counted; c++) {
        if (most < 0 || c < most) {
          member(places[c], c > 0, property, spelling, next[Math.min(c + 1, counted)]);
        }
        if (!property.required()) {
          builder.nothing(places[c], next[c]);
        }
      }
      places = next;
    }
    // Of what is to be told apart, one free name at most: several would come in any order.
    int[] after = new int[counted + 1];
    for (int c = 0; c <= counted; c++) {
      after[c] = spelling == Spelling.FREE ? places[c] : builder.state();
    }
    for (int c = 0; c <= counted; c++) {
      if (most < 0 || c < most) {
        for (Property property : free) {
          member(places[c], c > 0, property, spelling, after[Math.min(c + 1, counted)]);
        }
      }
      if (c >= least && (most < 0 || c <= most)) {
        builder.nothing(builder.text(c == 0 ? places[c] : spaced(places[c]), "}"), to);
        if (after[c] != places[c]) {
          builder.nothing(builder.text(spaced(after[c]), "}"), to);
        }
      }
    }
  }

  private void member(int from, boolean comma, Property property, Spelling spelling, int to) {
    int begin = comma ? spaced(builder.text(from, ",")) : from;
    int colon = builder.state();
    builder.language(begin, property.name(), colon);
    builder.call(spaced(builder.text(colon, ":")), rule(property.schemas(), spelling), to);
  }

  /** Properties that schemas name, in their order; null where a required one is forbidden. */
  private @Nullable List<Property> named(List<Members> members) {
    Set<String> names = new LinkedHashSet<>();
    Set<String> required = new LinkedHashSet<>();
    members.forEach(one -> names.addAll(one.properties().keySet()));
    members.forEach(one -> required.addAll(one.required()));
    names.addAll(required);
    List<Property> properties = new ArrayList<>();
    for (String name : names) {
      List<JsonNode> schemas = new ArrayList<>();
      for (Members one : members) {
        schemas.addAll(reader.schemasOf(one, name));
      }
      boolean forbidden =
          schemas.stream().anyMatch(Exclusion::isFalse) || !names(members).contains(name);
      if (forbidden && required.contains(name)) {
        return null;
      }
      if (!forbidden) {
        properties.add(
            new Property(
                name, Language.text(Spelling.quoted(name)), schemas, required.contains(name)));
      }
    }
    return properties;
  }

  /** Names that {@code propertyNames} allows. */
  private Language names(List<Members> members) {
    List<JsonNode> schemas = new ArrayList<>();
    for (Members one : members) {
      if (one.names() != null) {
        schemas.add(one.names());
      }
    }
    if (schemas.isEmpty()) {
      return Language.ANY_TEXT;
    }
    List<Language> all = new ArrayList<>();
    for (SchemaShape shape : reader.shapes(schemas)) {
      if (shape.values() != null) {
        for (JsonNode value : shape.values()) {
          if (value.isString() && exclusion.admits(shape, value)) {
            all.add(Language.text(value.stringValue()));
          }
        }
      } else if (shape.kinds().contains(Kind.STRING)) {
        all.add(strings(shape));
      }
    }
    return all.isEmpty() ? Language.NOTHING : Language.union(all);
  }

  /**
   * Properties that schemas do not name. Where they name some and say nothing of others, none come:
   * that is what those who write schemas for answers mean.
   */
  private List<Property> free(List<Members> members) {
    boolean open = true;
    Set<String> named = new LinkedHashSet<>();
    Map<String, Language> patterns = new LinkedHashMap<>();
    for (Members one : members) {
      open &= one.additional() != null || !one.patterns().isEmpty() || one.properties().isEmpty();
      named.addAll(one.properties().keySet());
      named.addAll(one.required());
      one.patterns().keySet().forEach(p -> patterns.put(p, reader.within(p)));
    }
    if (!open) {
      return List.of();
    }
    Language left = names(members);
    if (!named.isEmpty()) {
      left = left.minus(Language.union(named.stream().map(Language::text).toList()));
    }
    List<Property> free = new ArrayList<>();
    for (Map.Entry<String, Language> pattern : patterns.entrySet()) {
      Language names = left.and(pattern.getValue());
      for (Map.Entry<String, Language> other : patterns.entrySet()) {
        if (!other.getKey().equals(pattern.getKey())) {
          names = names.minus(other.getValue());
        }
      }
      List<JsonNode> schemas = new ArrayList<>();
      for (Members one : members) {
        JsonNode own = one.patterns().get(pattern.getKey());
        if (own != null) {
          schemas.add(own);
        } else if (one.additional() != null) {
          schemas.add(one.additional());
        }
      }
      add(free, names, schemas);
    }
    List<JsonNode> others = new ArrayList<>();
    boolean allowed = true;
    for (Members one : members) {
      if (one.additional() != null) {
        others.add(one.additional());
      } else if (!one.patterns().isEmpty()) {
        allowed = false; // names its patterns, and says nothing of the rest
      }
    }
    if (allowed) {
      Language names = left;
      for (Language pattern : patterns.values()) {
        names = names.minus(pattern);
      }
      add(free, names, others);
    }
    return free;
  }

  private static void add(List<Property> free, Language names, List<JsonNode> schemas) {
    if (schemas.stream().noneMatch(Exclusion::isFalse) && !names.isEmpty()) {
      free.add(new Property("", names.quoted(), schemas, false));
    }
  }
}
