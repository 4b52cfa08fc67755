package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Schemas that would take minutes are refused after a counted amount of work. */
class EffortTest {
  private static String many(int count, String between, IntFunction<String> part) {
    return IntStream.range(0, count).mapToObj(part).collect(Collectors.joining(between));
  }

  /** Eight names with patterns, of which nothing tells one alternative from another. */
  private static String object() {
    return "{'type':'object','properties':{"
        + many(8, ",", k -> "'p" + k + "':{'type':'string','pattern':'^" + k + "'}")
        + "}}";
  }

  static String[] bombs() {
    return new String[] {
      // sets of states
      "{'type':'string','allOf':["
          + many(26, ",", i -> "{'pattern':'.*" + (char) ('a' + i) + ".{" + i + "}'}")
          + "]}",
      "{'type':'string','pattern':'^(a|b|c|d)*a(a|b|c|d){20}$'}",
      // products of states
      "{'type':'string','pattern':'^"
          + many(8, "", i -> "(?=.*" + "abcdefgh".charAt(i) + ".{5})")
          + ".*$'}",
      // edges: each character leads to all behind it, each word's end to all beginnings
      "{'type':'string','pattern':'^" + "a?".repeat(9_000) + "$'}",
      "{'type':'string','pattern':'^(" + many(6_000, "|", i -> "w" + i + "x*") + ")*$'}",
      // shapes, and values that are compared
      "{'oneOf':[" + many(60, ",", _ -> object()) + "]}",
      "{'allOf':["
          + many(40, ",", k -> "{'enum':[" + many(2_000, ",", i -> "" + (i + k)) + "]}")
          + "]}"
    };
  }

  @BeforeAll
  static void constants() {
    SchemaGrammar.makeConstants();
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void refusesAfterTheSameWorkEachTime(String bomb) {
    JsonNode schema = Json.parse(bomb.replace('\'', '"'), "the schema");
    long[] spent = new long[2];
    for (int i = 0; i < 2; i++) {
      Effort effort = new Effort(Effort.MOST);
      SlipwayException refusal =
          catchThrowableOfType(
              SlipwayException.class, () -> effort.within(() -> SchemaGrammar.of(schema)));
      assertThat(refusal.code()).isEqualTo("constraint.too-large");
      assertThat(refusal.getMessage())
          .containsPattern("comes to more than [\\d,]+ (steps|states|of them), the most");
      spent[i] = effort.spent();
    }
    assertThat(spent[0]).isEqualTo(spent[1]).isBetween(1L, Effort.MOST);
  }

  @Test
  void whatIsUsualTakesLittle() {
    Effort effort = new Effort(Effort.MOST);
    effort.within(() -> SchemaGrammar.of(Json.parse(object().replace('\'', '"'), "the schema")));
    assertThat(effort.spent()).isBetween(1L, Effort.LITTLE);
  }
}
