package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Arrays whose items have to differ. */
class UniqueItemsTest {
  private static Constraint unique(String more) {
    return Answers.schema(("{'type':'array','uniqueItems':true," + more + "}").replace('\'', '"'));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "'items':{'enum':['a','b','ab']}; [\"a\", \"ab\",\"b\"]; true",
        "'items':{'enum':['a','b','ab']}; [\"a\",\"a\"]; false",
        "'items':{'type':'string'}; [\"a\",\"b\",\"aa\",\"\"]; true",
        "'items':{'type':'string'}; [\"a\",\"b\",\"a\"]; false",
        "'items':{'type':'integer'}; [1,12,123,2]; true",
        "'items':{'type':'integer'}; [1,12,1]; false",
        "'items':{'type':'number'}; [1,1.5,-1.5]; true",
        "'items':{'type':'number'}; [1,1.0]; false",
        "'items':{'type':'boolean'}; [true, false]; true",
        "'items':{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'null'}}}; [{\"a\":1},{ \"a\": 1, \"b\": null},{}]; true",
        "'items':{'type':'object','properties':{'a':{'type':'integer'},'b':{'type':'null'}}}; [{\"a\":1},{ \"a\": 1}]; false",
        "'items':{'type':'array','items':{'enum':[1,2]}}; [[1],[2],[1,2],[]]; true",
        "'items':{'type':'array','items':{'enum':[1,2]}}; [[1,2],[1, 2]]; false",
        "'items':{'type':'array','uniqueItems':true,'items':{'enum':[1,2]}}; [[1,2],[2,1]]; true",
        "'items':{'type':'array','uniqueItems':true,'items':{'enum':[1,2]}}; [[1,1]]; false"
      })
  void takesWhatDiffersAndNothingElse(String more, String answer, boolean taken) {
    assertThat(Answers.accepts(unique(more), answer)).isEqualTo(taken);
  }

  /** However an answer begins, it can be ended. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'items':{'enum':['a','b','ab',1,null]},'minItems':5",
        "'items':{'type':'integer','minimum':8,'maximum':12},'minItems':4",
        "'items':{'type':'string','maxLength':1,'pattern':'^[ab]?$'},'minItems':3",
        "'prefixItems':[{'type':'boolean'},{'enum':[true,2]}],'items':{'enum':[true,false,2,3]},'minItems':4",
        "'items':{'type':'object','properties':{'k':{'enum':['x','y']}},'required':['k']},'minItems':2",
        "'items':{'anyOf':[{'enum':['b','a']},{'type':'boolean'},{'type':'object','properties':{'b':{'const':1},'a':{'const':1}}}]},'minItems':6",
        "'items':{'type':'array','uniqueItems':true,'items':{'enum':[1,2]}},'maxItems':3",
        "'items':{'type':'array','uniqueItems':true,'items':{'const':'a'}}",
        "'items':{'type':'string'},'minItems':6"
      })
  void everyAnswerEndsWithItemsThatDiffer(String more) {
    Constraint constraint = unique(more);
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < 40; i++) {
      String answer = Answers.random(constraint, random);
      JsonNode items = RandomSchemasTest.parsed(answer);
      Set<JsonNode> seen = new HashSet<>();
      items.forEach(item -> assertThat(seen.add(item)).as(answer).isTrue());
    }
  }

  @Test
  void itemsAreToldApartInOneAlternativeOnly() {
    Constraint either =
        Answers.schema(
            "{\"anyOf\":[{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"integer\"}},"
                + "{\"type\":\"array\",\"items\":{\"enum\":[1,2]}}]}");
    assertThat(Answers.accepts(either, "[1,1,2]")).isTrue();
    assertThat(Answers.accepts(either, "[3,1,2]")).isTrue();
    assertThat(Answers.accepts(either, "[3,1,1]")).isFalse();
  }
}
