package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Arrays some of whose items have to satisfy another schema. */
class ContainsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "'contains':{'const':1}; [1]; true",
        "'contains':{'const':1}; [2,3,1,4]; true",
        "'contains':{'const':1}; []; false",
        "'contains':{'const':1}; [2]; false",
        "'contains':{'const':1},'minContains':0; []; true",
        "'contains':{'const':1},'minContains':2; [1,2]; false",
        "'contains':{'const':1},'minContains':2; [1,2,1,1]; true",
        "'contains':{'const':1},'maxContains':2; [1,2,1,3]; true",
        "'contains':{'const':1},'maxContains':2; [1,1,1]; false",
        "'contains':{'type':'string'},'minContains':0,'maxContains':0; [1,null]; true",
        "'contains':{'type':'string'},'minContains':0,'maxContains':0; [1,''] ; false",
        "'contains':{'const':1},'maxItems':3; [2,2,1]; true",
        "'contains':{'const':1},'maxItems':3; [2,2,2]; false",
        "'contains':{'const':1},'items':{'type':'integer'}; [2,1]; true",
        "'contains':{'const':1},'items':{'type':'integer'}; [1,'a']; false",
        "'contains':{'minimum':5},'items':{'type':'integer'},'maxContains':1; [1,7,2]; true",
        "'contains':{'minimum':5},'items':{'type':'integer'},'maxContains':1; [7,7]; false",
        "'prefixItems':[{'type':'null'}],'contains':{'type':'null'},'minContains':2; [null,1,null]; true",
        "'prefixItems':[{'type':'null'}],'contains':{'type':'null'},'minContains':2; [null,1]; false",
        "'allOf':[{'contains':{'const':1}},{'contains':{'maximum':2}}]; [1]; true",
        "'allOf':[{'contains':{'const':1}},{'contains':{'minimum':2}}]; [1]; false",
        "'allOf':[{'contains':{'const':1}},{'contains':{'minimum':2}}]; [3,1]; true",
        "'uniqueItems':true,'items':{'enum':[1,2,3]},'contains':{'const':1}; [1,3]; true",
        "'uniqueItems':true,'items':{'enum':[1,2,3]},'contains':{'const':1}; [2,3]; false",
        "'uniqueItems':true,'items':{'enum':[1,2,3]},'contains':{'const':1}; [1,1]; false",
        "'not':{'contains':{'const':1}}; [2,3]; true",
        "'not':{'contains':{'const':1}}; [2,1]; false",
        "'not':{'items':{'type':'integer'}}; [2,'a']; true",
        "'not':{'items':{'type':'integer'}}; [2,3]; false",
        "'not':{'prefixItems':[{'const':1},{'const':2}]}; [1,3]; true",
        "'not':{'prefixItems':[{'const':1},{'const':2}]}; [1,2,3]; false",
        "'not':{'prefixItems':[{'const':1},{'const':2}]}; [1]; false",
        "'if':{'contains':{'const':1}},'then':{'maxItems':2}; [1,2]; true",
        "'if':{'contains':{'const':1}},'then':{'maxItems':2}; [1,2,3]; false",
        "'if':{'contains':{'const':1}},'then':{'maxItems':2}; [2,2,3]; true",
        "'oneOf':[{'contains':{'const':1}},{'contains':{'const':2}}]; [1,3]; true",
        "'oneOf':[{'contains':{'const':1}},{'contains':{'const':2}}]; [1,2]; false"
      })
  void takesWhatIsRight(String keywords, String answer, boolean taken) {
    Constraint array = Answers.schema(("{'type':'array'," + keywords + "}").replace('\'', '"'));
    assertThat(Answers.accepts(array, answer.strip().replace('\'', '"'))).isEqualTo(taken);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "{'enum':[[1,2],[3]],'contains':{'const':1}}; [1,2]; true",
        "{'enum':[[1,2],[3]],'contains':{'const':1}}; [3]; false",
        "{'enum':[[1,1],[1]],'contains':{'const':1},'maxContains':1}; [1]; true",
        "{'enum':[[1,1],[1]],'contains':{'const':1},'maxContains':1}; [1,1]; false"
      })
  void valuesAreCountedAsWell(String schema, String answer, boolean taken) {
    Constraint value = Answers.schema(schema.replace('\'', '"'));
    assertThat(Answers.accepts(value, answer)).isEqualTo(taken);
  }

  /** What is asked for comes before an array gets long, so that it can end. */
  @Test
  void anArrayCannotPutOffWhatItHasToContain() {
    Constraint array =
        Answers.schema(
            "{\"type\":\"array\",\"items\":{\"enum\":[1,2]},\"contains\":{\"const\":2},\"minContains\":2}");
    SplittableRandom random = new SplittableRandom(6);
    int longest = 0;
    for (int i = 0; i < 200; i++) {
      JsonNode answer = RandomSchemasTest.parsed(Answers.random(array, random));
      int second = 0;
      for (int k = 0, twos = 0; twos < 2; k++) {
        twos += answer.get(k).intValue() == 2 ? 1 : 0;
        second = k;
      }
      longest = Math.max(longest, second + 1);
    }
    assertThat(longest).isBetween(3, 13);
  }
}
