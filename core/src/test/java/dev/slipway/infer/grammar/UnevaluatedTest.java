package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Properties and items that nothing else in a schema spoke of. */
class UnevaluatedTest {
  private static final String BASE =
      "'$defs':{'base':{'type':'object','properties':{'id':{'type':'integer'}},'required':['id']}}";

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "'$ref':'#/$defs/base','properties':{'a':{}},'unevaluatedProperties':false; {'a':2,'id':1}; true",
        "'$ref':'#/$defs/base','properties':{'a':{}},'unevaluatedProperties':false; {'id':1,'b':2}; false",
        "'$ref':'#/$defs/base','properties':{'a':{}},'unevaluatedProperties':{'type':'null'}; {'id':1,'b':null}; true",
        "'$ref':'#/$defs/base','properties':{'a':{}},'unevaluatedProperties':{'type':'null'}; {'id':1,'b':2}; false",
        "'$ref':'#/$defs/base','unevaluatedProperties':true; {'id':1,'b':2}; true",
        "'allOf':[{'$ref':'#/$defs/base'},{'properties':{'a':{}}}],'unevaluatedProperties':false; {'id':1,'a':2}; true",
        "'allOf':[{'$ref':'#/$defs/base'},{'patternProperties':{'^x':{}}}],'unevaluatedProperties':false; {'id':1,'xy':2}; true",
        "'allOf':[{'$ref':'#/$defs/base'},{'patternProperties':{'^x':{}}}],'unevaluatedProperties':false; {'id':1,'yx':2}; false",
        "'allOf':[{'patternProperties':{'^i':{}}},{'additionalProperties':{'type':'integer'}}],'unevaluatedProperties':false; {'id':1,'c':2}; false",
        "'allOf':[{'required':['id']},{'additionalProperties':{'type':'integer'}}],'unevaluatedProperties':false; {'id':1,'c':2}; true",
        "'$ref':'#/$defs/base','anyOf':[{'properties':{'a':{'const':1}}},{'properties':{'b':{'const':1}}}],'unevaluatedProperties':false; {'id':1,'a':1}; true",
        "'$ref':'#/$defs/base','anyOf':[{'properties':{'a':{'const':1}},'required':['a']},{'properties':{'b':{'const':1}},'required':['b']}],'unevaluatedProperties':false; {'id':1,'a':1,'b':1}; true",
        "'$ref':'#/$defs/base','anyOf':[{'properties':{'a':{'const':1}},'required':['a']},{'properties':{'b':{'const':1}},'required':['b']}],'unevaluatedProperties':false; {'id':1,'a':1,'b':2}; false",
        "'oneOf':[{'properties':{'a':{'const':1}},'required':['a']},{'properties':{'b':{'const':1}},'required':['b']}],'unevaluatedProperties':false; {'b':1}; true",
        "'oneOf':[{'properties':{'a':{'const':1}},'required':['a']},{'properties':{'b':{'const':1}},'required':['b']}],'unevaluatedProperties':false; {'a':1,'b':1}; false",
        "'if':{'properties':{'a':{'const':1}},'required':['a']},'then':{'properties':{'b':{}}},'else':{'properties':{'c':{}}},'unevaluatedProperties':false; {'a':1,'b':2}; true",
        "'if':{'properties':{'a':{'const':1}},'required':['a']},'then':{'properties':{'b':{}}},'else':{'properties':{'c':{}}},'unevaluatedProperties':false; {'a':1,'c':2}; false",
        "'if':{'properties':{'a':{'const':1}},'required':['a']},'then':{'properties':{'b':{}}},'else':{'properties':{'c':{}}},'unevaluatedProperties':false; {'c':2}; true",
        "'if':{'properties':{'a':{'const':1}},'required':['a']},'then':{'properties':{'b':{}}},'else':{'properties':{'c':{}}},'unevaluatedProperties':false; {'a':2,'c':2}; false",
        "'if':{'properties':{'a':{'const':1}},'required':['a']},'unevaluatedProperties':false; {'a':1}; true",
        "'if':{'properties':{'a':{'const':1}},'required':['a']},'unevaluatedProperties':false; {'a':2}; false",
        "'properties':{'a':{}},'dependentSchemas':{'a':{'properties':{'b':{}}}},'unevaluatedProperties':false; {'a':1,'b':1}; true",
        "'properties':{'a':{}},'dependentSchemas':{'a':{'properties':{'b':{}}}},'unevaluatedProperties':false; {'b':1}; false",
        "'allOf':[{'properties':{'a':{}},'unevaluatedProperties':false}],'properties':{'b':{}}; {'b':1}; false",
        "'not':{'required':['b']},'properties':{'a':{}},'unevaluatedProperties':{'type':'integer'}; {'a':1,'c':1}; true",
        "'not':{'required':['b']},'properties':{'a':{}},'unevaluatedProperties':{'type':'integer'}; {'b':1}; false"
      })
  void ofObjects(String keywords, String answer, boolean taken) {
    String schema = "{'type':'object'," + BASE + "," + keywords + "}";
    assertThat(taken(schema, answer)).isEqualTo(taken);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "'prefixItems':[{'const':1}],'unevaluatedItems':false; [1]; true",
        "'prefixItems':[{'const':1}],'unevaluatedItems':false; [1,2]; false",
        "'prefixItems':[{'const':1}],'unevaluatedItems':{'type':'null'}; [1,null]; true",
        "'prefixItems':[{'const':1}],'unevaluatedItems':{'type':'null'}; [1,2]; false",
        "'allOf':[{'prefixItems':[{'const':1},{'const':2}]}],'unevaluatedItems':false; [1,2]; true",
        "'allOf':[{'items':{'const':1}}],'unevaluatedItems':false; [1,1,1]; true",
        "'anyOf':[{'prefixItems':[true,{'const':2}]},{'prefixItems':[true,true,{'const':3}]}],'unevaluatedItems':false; [1,2]; true",
        "'anyOf':[{'prefixItems':[true,{'const':2}]},{'prefixItems':[true,true,{'const':3}]}],'unevaluatedItems':false; [1,2,4]; false",
        "'anyOf':[{'prefixItems':[true,{'const':2}]},{'prefixItems':[true,true,{'const':3}]}],'unevaluatedItems':false; [1,5,3]; true",
        "'contains':{'type':'string'},'unevaluatedItems':{'type':'null'}; ['a',null]; true",
        "'contains':{'type':'string'},'unevaluatedItems':{'type':'null'}; ['a',1]; false",
        "'contains':{'type':'string'},'unevaluatedItems':{'maxLength':1}; ['a','bb']; true",
        "'$schema':'https://json-schema.org/draft/2019-09/schema','contains':{'type':'string'},'unevaluatedItems':{'maxLength':1}; ['a','bb']; false"
      })
  void ofArrays(String keywords, String answer, boolean taken) {
    assertThat(taken("{'type':'array'," + keywords + "}", answer)).isEqualTo(taken);
  }

  private static boolean taken(String schema, String answer) {
    Constraint constraint = Answers.schema(schema.replace('\'', '"'));
    return Answers.accepts(constraint, answer.strip().replace('\'', '"'));
  }
}
