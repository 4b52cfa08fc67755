package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers under random schemas, judged by a validator that no one here wrote. */
class RandomSchemasTest {
  private static final int SCHEMAS = 1_000;

  /** As other parsers: of a name that comes twice, the last value counts. */
  private static final JsonMapper LENIENT =
      JsonMapper.builder().disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final SplittableRandom random = new SplittableRandom(20_26);

  private boolean referring = true;

  static JsonNode parsed(String answer) {
    return LENIENT.readTree(answer);
  }

  @Test
  void everyAnswerParsesAndValidates() {
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    int answers = 0;
    for (int i = 0; i < SCHEMAS; i++) {
      ObjectNode schema = schema(4);
      if (random.nextInt(4) == 0) {
        referring = false; // one that requires itself is satisfied by nothing
        schema.putObject("$defs").set("shared", schema(1).put("$anchor", "named"));
        referring = true;
      } else {
        schema
            .putObject("$defs")
            .putObject("shared")
            .put("type", "boolean")
            .put("$anchor", "named");
      }
      String text = Json.line(schema);
      Constraint constraint;
      try {
        constraint = Answers.schema(text);
      } catch (SlipwayException e) {
        throw new AssertionError("refuses " + text, e);
      }
      Schema validator = registry.getSchema(text, InputFormat.JSON);
      for (int k = 0; k < 3; k++) {
        String answer = answer(schema, constraint);
        assertThat(validator.validate(parsed(answer)))
            .as("%s as an answer under %s", answer, text)
            .isEmpty();
        answers++;
      }
    }
    assertThat(answers).isEqualTo(3 * SCHEMAS);
  }

  private String answer(ObjectNode schema, Constraint constraint) {
    try {
      return Answers.random(schema, constraint, random);
    } catch (AssertionError e) {
      throw new AssertionError("under " + Json.line(schema), e);
    }
  }

  private ObjectNode schema(int depth) {
    ObjectNode schema = Json.object();
    switch (random.nextInt(depth > 0 ? 15 : 7)) {
      case 0 -> string(schema);
      case 1 -> number(schema, true);
      case 2 -> number(schema, false);
      case 3 -> schema.put("type", random.nextBoolean() ? "boolean" : "null");
      case 4 -> values(schema);
      case 5 -> schema.putArray("type").add("string").add("integer").add("null");
      case 6 -> {
        if (depth < 4 && referring) {
          schema.put("$ref", random.nextBoolean() ? "#/$defs/shared" : "#named");
        } else {
          string(schema);
        }
      }
      case 7, 8, 9 -> object(schema, depth);
      case 10 -> array(schema, depth);
      case 11 -> contains(schema, depth);
      case 12 -> {
        if (depth == 4) {
          names(schema, 1); // alternatives within alternatives multiply
        } else {
          object(schema, depth);
        }
      }
      case 13 -> items(schema, depth);
      default -> alternatives(schema, depth);
    }
    return schema;
  }

  private void string(ObjectNode schema) {
    schema.put("type", "string");
    switch (random.nextInt(4)) {
      case 0 -> {
        int least = random.nextInt(5);
        schema.put("minLength", least).put("maxLength", least + random.nextInt(20));
      }
      case 1 -> {
        String[] patterns = {
          "^[A-Z]{2}\\d{1,4}$",
          "^.{0,5}ab+c",
          "^(?:foo|bar|\"quoted\")",
          "[^\\s\"]{3}$",
          "^\\d+(\\.\\d+)?$"
        };
        schema.put("pattern", patterns[random.nextInt(patterns.length)]);
        if (random.nextBoolean()) {
          schema.put("maxLength", 12 + random.nextInt(20));
        }
      }
      case 2 -> {
        String[] formats = {
          "date",
          "date-time",
          "time",
          "uuid",
          "ipv4",
          "email",
          "ipv6",
          "hostname",
          "uri",
          "uri-reference",
          "json-pointer",
          "relative-json-pointer",
          "idn-email",
          "iri",
          "regex"
        };
        schema.put("format", formats[random.nextInt(formats.length)]);
      }
      default -> {}
    }
  }

  private void number(ObjectNode schema, boolean integer) {
    schema.put("type", integer ? "integer" : "number");
    double a = integer ? random.nextInt(400) - 200 : (random.nextInt(4000) - 2000) / 8.0;
    double width = integer ? 10 + random.nextInt(500) : 1 + random.nextInt(1000) / 4.0;
    if (random.nextInt(3) > 0) {
      schema.put(random.nextBoolean() ? "minimum" : "exclusiveMinimum", a);
    }
    if (random.nextInt(3) > 0) {
      schema.put(random.nextBoolean() ? "maximum" : "exclusiveMaximum", a + width);
    }
    if (integer && random.nextInt(4) == 0) {
      schema.put("multipleOf", 1 + random.nextInt(5));
    }
  }

  private void values(ObjectNode schema) {
    if (random.nextBoolean()) {
      schema.put("const", "only \"this\"\n");
      return;
    }
    ArrayNode values = schema.putArray("enum");
    values.add("red").add("grün").add(1).add(2.5).addNull().add(true);
    values.addObject().put("a", 1).putArray("b").add("x");
    if (random.nextBoolean()) {
      schema.put("type", "string");
    }
  }

  private void object(ObjectNode schema, int depth) {
    schema.put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = Json.array();
    int count = random.nextInt(5);
    for (int i = 0; i < count; i++) {
      String name = i == 3 ? "a \"b\" é" : "p" + i;
      properties.set(name, schema(depth - 1));
      if (random.nextBoolean()) {
        required.add(name);
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    switch (random.nextInt(5)) {
      case 0 -> schema.put("additionalProperties", false);
      case 1 -> schema.set("additionalProperties", schema(0));
      case 2 -> {
        ObjectNode patterns = schema.putObject("patternProperties");
        patterns.putObject("^x-").put("type", "string");
        patterns.putObject("^n.{0,4}_id$").put("type", "integer");
      }
      default -> {}
    }
    if (random.nextInt(5) == 0) {
      schema.put("maxProperties", Math.max(required.size(), 1 + random.nextInt(3)));
    } else if (random.nextInt(5) == 0 && count > 0) {
      schema.put("minProperties", 1 + random.nextInt(count));
    }
  }

  private void array(ObjectNode schema, int depth) {
    schema.put("type", "array");
    if (random.nextInt(3) == 0) {
      schema.putArray("prefixItems").add(schema(depth - 1)).add(schema(0));
    }
    if (random.nextInt(4) > 0) {
      schema.set("items", schema(depth - 1));
    }
    int least = random.nextInt(3);
    if (random.nextBoolean()) {
      schema.put("minItems", least);
    }
    if (random.nextBoolean()) {
      schema.put("maxItems", least + random.nextInt(4));
    }
    if (random.nextInt(3) == 0) {
      schema.put("uniqueItems", true);
      if (least > 1) {
        schema.put("minItems", 1); // of some schemas there are no two values
      }
    }
  }

  private void contains(ObjectNode schema, int depth) {
    boolean bounded = random.nextInt(3) == 0; // what others may not be is kept small: it multiplies
    ObjectNode asked = schema(bounded ? 0 : Math.min(depth - 1, 2));
    schema.put("type", "array").set("contains", asked);
    if (random.nextBoolean()) {
      schema.putObject("items").putArray("anyOf").add(asked.deepCopy()).add(schema(depth - 1));
    }
    int least = random.nextInt(3);
    if (least != 1) {
      schema.put("minContains", least);
    }
    if (bounded) {
      schema.put("maxContains", least + 1 + random.nextInt(2));
    }
    if (random.nextBoolean()) {
      schema.put("minItems", random.nextInt(least + 2));
    }
    if (random.nextBoolean()) {
      schema.put("maxItems", least + 1 + random.nextInt(3));
    }
    if (random.nextInt(3) == 0) {
      unevaluated(schema, "unevaluatedItems");
    }
  }

  private void unevaluated(ObjectNode schema, String keyword) {
    if (random.nextInt(3) == 0) {
      schema.set(keyword, schema(0));
    } else {
      schema.put(keyword, random.nextInt(4) == 0);
    }
  }

  private void items(ObjectNode schema, int depth) {
    schema.put("type", "array").putArray("prefixItems").add(schema(depth - 1));
    ArrayNode any = schema.putArray("anyOf");
    any.addObject().putArray("prefixItems").add(true).add(schema(depth - 1));
    any.addObject().putArray("prefixItems").add(true).add(true).add(schema(0));
    ObjectNode condition = schema.putObject("if");
    condition.putArray("prefixItems").addObject().put("type", "integer");
    condition.put("minItems", 1);
    schema.putObject("then").putArray("prefixItems").add(true).add(true).add(true).add(schema(0));
    unevaluated(schema, "unevaluatedItems");
  }

  private void names(ObjectNode schema, int depth) {
    object(schema, depth);
    schema.remove("additionalProperties");
    schema.remove("maxProperties");
    schema.remove("minProperties");
    ObjectNode all = schema.putArray("allOf").addObject();
    all.putObject("properties").set("q", schema(depth - 1));
    all.putArray("required").add("q");
    ArrayNode any = schema.putArray(random.nextInt(3) == 0 ? "oneOf" : "anyOf");
    for (String name : new String[] {"r", "s", "t"}) {
      ObjectNode alternative = any.addObject();
      alternative.putObject("properties").set(name, schema(0));
      alternative.putArray("required").add(name);
    }
    ObjectNode condition = schema.putObject("if");
    condition.putObject("properties").putObject("u").put("const", 1);
    condition.putArray("required").add("u");
    schema.putObject("then").putObject("properties").set("v", schema(0));
    ObjectNode asked = schema.putObject("dependentSchemas").putObject("q");
    asked.putObject("properties").set("w", schema(0));
    unevaluated(schema, "unevaluatedProperties");
  }

  private void alternatives(ObjectNode schema, int depth) {
    switch (random.nextInt(6)) {
      case 3 -> {
        object(schema, depth);
        schema.putObject("not").putArray("required").add(random.nextBoolean() ? "p4" : "x-1");
      }
      case 4 -> {
        object(schema, depth);
        ObjectNode condition = schema.putObject("if");
        condition.putObject("properties").putObject("k").putArray("enum").add("a").add(1);
        condition.putArray("required").add("k");
        schema.putObject("then").putObject("properties").set("then", schema(0));
        schema.putObject("else").putArray("required").add("q");
        schema.remove("additionalProperties");
        schema.remove("maxProperties");
      }
      case 5 -> {
        ArrayNode one = schema.putArray("oneOf");
        for (String name : new String[] {"a", "b", "c"}) {
          ObjectNode alternative = one.addObject().put("type", "object");
          alternative.putObject("properties").set(name, schema(depth - 1));
          alternative.putArray("required").add(name);
        }
        one.addObject().put("type", "string").put("pattern", "^[a-f]");
        one.addObject().put("type", "string").put("pattern", "^.[d-m]");
        schema.putObject("dependentRequired").putArray("a").add("d");
      }
      case 0 -> schema.putArray("anyOf").add(schema(depth - 1)).add(schema(depth - 1));
      case 1 -> {
        ArrayNode all = schema.putArray("allOf");
        ObjectNode first = all.addObject().put("type", "object");
        first.putObject("properties").set("q", schema(depth - 1));
        ObjectNode second = all.addObject();
        second.putObject("properties").set("r", schema(depth - 1));
        second.putArray("required").add("r");
      }
      default -> {
        ArrayNode one = schema.putArray("oneOf");
        one.addObject().put("type", "null");
        one.addObject().put("type", "string").put("maxLength", 3);
        one.addObject().put("type", "integer").put("minimum", 10);
        one.addObject().put("type", "integer").put("maximum", 9);
      }
    }
  }
}
