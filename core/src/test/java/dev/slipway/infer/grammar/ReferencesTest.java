package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** References within one document. */
class ReferencesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        // an id is what references in it are relative to
        "{'$id':'https://example.org/root.json','$ref':'item.json','$defs':{'a':{'$id':'item.json','const':1}}}; 1; true",
        "{'$id':'https://example.org/root.json','$ref':'item.json#/$defs/b','$defs':{'a':{'$id':'item.json','$defs':{'b':{'const':1}}},'b':{'const':2}}}; 1; true",
        "{'$id':'https://example.org/root.json','$ref':'item.json','$defs':{'a':{'$id':'item.json','$ref':'#/$defs/b','$defs':{'b':{'const':1}}},'b':{'const':2}}}; 2; false",
        "{'$id':'https://example.org/root.json','$ref':'sub/item.json#x','$defs':{'a':{'$id':'sub/','$defs':{'b':{'$id':'item.json','$defs':{'c':{'$anchor':'x','const':1}}}}}}}; 1; true",
        "{'$id':'urn:example:root','$ref':'urn:example:root#/$defs/a','$defs':{'a':{'const':1}}}; 1; true",
        // the same text in two schemas with ids is two schemas
        "{'type':'array','prefixItems':[{'$id':'https://example.org/a','items':{'$ref':'#/$defs/v'},'$defs':{'v':{'const':1}}},{'$id':'https://example.org/b','items':{'$ref':'#/$defs/v'},'$defs':{'v':{'const':2}}}]}; [[1],[2]]; true",
        "{'type':'array','prefixItems':[{'$id':'https://example.org/a','items':{'$ref':'#/$defs/v'},'$defs':{'v':{'const':1}}},{'$id':'https://example.org/b','items':{'$ref':'#/$defs/v'},'$defs':{'v':{'const':2}}}]}; [[1],[1]]; false",
        // a value is no schema
        "{'enum':[{'$ref':'#/$defs/a'},1],'$defs':{'a':true}}; {'$ref':'#/$defs/a'}; true",
        "{'properties':{'$ref':{'type':'integer'}},'type':'object'}; {'$ref':1}; true",
        "{'$ref':'#/more/a','more':{'a':{'items':{'$ref':'#/more/b'}},'b':{'const':1}}}; [1,1]; true",
        "{'$ref':'#/$defs/a%25b~1c','$defs':{'a%b/c':{'const':1}}}; 1; true",
        // where a dynamic reference leads, the first schema on the way says
        "{'$id':'https://example.org/r','$ref':'list','$defs':{'s':{'$dynamicAnchor':'item','type':'string'},'list':{'$id':'list','items':{'$dynamicRef':'#item'},'$defs':{'any':{'$dynamicAnchor':'item'}}}}}; ['a']; true",
        "{'$id':'https://example.org/r','$ref':'list','$defs':{'s':{'$dynamicAnchor':'item','type':'string'},'list':{'$id':'list','items':{'$dynamicRef':'#item'},'$defs':{'any':{'$dynamicAnchor':'item'}}}}}; [1]; false",
        "{'prefixItems':[{'$ref':'numbers'},{'$ref':'texts'}],'type':'array','$defs':{'list':{'$id':'list','type':'array','items':{'$dynamicRef':'#item'},'$defs':{'any':{'$dynamicAnchor':'item'}}},'numbers':{'$id':'numbers','$ref':'list','$defs':{'n':{'$dynamicAnchor':'item','type':'number'}}},'texts':{'$id':'texts','$ref':'list','$defs':{'t':{'$dynamicAnchor':'item','type':'string'}}}}}; [[1],['a']]; true",
        "{'prefixItems':[{'$ref':'numbers'},{'$ref':'texts'}],'type':'array','$defs':{'list':{'$id':'list','type':'array','items':{'$dynamicRef':'#item'},'$defs':{'any':{'$dynamicAnchor':'item'}}},'numbers':{'$id':'numbers','$ref':'list','$defs':{'n':{'$dynamicAnchor':'item','type':'number'}}},'texts':{'$id':'texts','$ref':'list','$defs':{'t':{'$dynamicAnchor':'item','type':'string'}}}}}; [[1],[1]]; false",
        "{'$dynamicRef':'#a','$defs':{'x':{'$anchor':'a','const':1}}}; 1; true",
        "{'$schema':'https://json-schema.org/draft/2019-09/schema','$recursiveAnchor':true,'type':'array','items':{'$recursiveRef':'#'}}; [[],[[]]]; true"
      })
  void leadWhereTheyAreMeantTo(String schema, String answer, boolean taken) {
    Constraint constraint = Answers.schema(schema.replace('\'', '"'));
    assertThat(Answers.accepts(constraint, answer.replace('\'', '"'))).isEqualTo(taken);
  }
}
