package dev.slipway.infer.grammar;

import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

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
    List<Members> objects) {

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
   */
  record Tuple(List<JsonNode> first, @Nullable JsonNode rest, int least, int most) {}

  /**
   * @param additional null where the schema does not say
   */
  record Members(
      Map<String, JsonNode> properties,
      Map<String, JsonNode> patterns,
      @Nullable JsonNode additional,
      @Nullable JsonNode names,
      Set<String> required,
      int least,
      int most) {}

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
          List.of());
}
