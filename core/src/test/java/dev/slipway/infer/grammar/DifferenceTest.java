package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What {@code not}, {@code if}, {@code oneOf} and what depends on a name leave of other schemas.
 */
class DifferenceTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "{'not':{'type':'null'}}; true; true",
        "{'not':{'type':'null'}}; null; false",
        "{'type':'string','not':{'enum':['a','']}}; \"b\"; true",
        "{'type':'string','not':{'enum':['a','']}}; \"a\"; false",
        "{'type':'string','not':{'pattern':'^a'}}; \"ba\"; true",
        "{'type':'string','not':{'pattern':'^a'}}; \"ab\"; false",
        "{'type':'integer','not':{'minimum':5}}; 4; true",
        "{'type':'integer','not':{'minimum':5}}; 5; false",
        "{'type':'object','properties':{'a':{},'b':{}},'not':{'required':['a','b']}}; {\"a\":1}; true",
        "{'type':'object','properties':{'a':{},'b':{}},'not':{'required':['a','b']}}; {\"a\":1,\"b\":1}; false",
        "{'type':'object','properties':{'a':{},'b':{}},'oneOf':[{'required':['a']},{'required':['b']}]}; {\"b\":1}; true",
        "{'type':'object','properties':{'a':{},'b':{}},'oneOf':[{'required':['a']},{'required':['b']}]}; {\"a\":1,\"b\":1}; false",
        "{'oneOf':[{'type':'string'},{'type':'string','maxLength':2}]}; \"abc\"; true",
        "{'oneOf':[{'type':'string'},{'type':'string','maxLength':2}]}; \"ab\"; false",
        "{'oneOf':[{'properties':{'k':{'const':1}}},{'properties':{'k':{'const':2}}}],'type':'object'}; {\"k\":2}; true",
        "{'oneOf':[{'properties':{'k':{'const':1}}},{'properties':{'k':{'const':2}}}],'type':'object'}; {}; false",
        "{'type':'object','properties':{'c':{'type':'string'},'z':{'type':'integer'}},'if':{'properties':{'c':{'const':'US'}},'required':['c']},'then':{'required':['z']}}; {\"c\":\"US\",\"z\":1}; true",
        "{'type':'object','properties':{'c':{'type':'string'},'z':{'type':'integer'}},'if':{'properties':{'c':{'const':'US'}},'required':['c']},'then':{'required':['z']}}; {\"c\":\"US\"}; false",
        "{'type':'object','properties':{'c':{'type':'string'},'z':{'type':'integer'}},'if':{'properties':{'c':{'const':'US'}},'required':['c']},'then':{'required':['z']}}; {\"c\":\"DE\"}; true",
        "{'type':'object','properties':{'a':{'const':1},'b':{'const':1}},'dependentRequired':{'a':['b']}}; {\"b\":1}; true",
        "{'type':'object','properties':{'a':{'const':1},'b':{'const':1}},'dependentRequired':{'a':['b']}}; {\"a\":1}; false",
        "{'type':'object','properties':{'a':{'const':1},'b':{'const':1}},'dependencies':{'a':['b']}}; {\"a\":1,\"b\":1}; true",
        "{'type':'object','properties':{'a':{'const':1},'b':{}},'dependentSchemas':{'a':{'properties':{'b':{'const':2}}}}}; {\"a\":1,\"b\":3}; false",
        "{'type':'object','properties':{'a':{'const':1},'b':{}},'dependentSchemas':{'a':{'properties':{'b':{'const':2}}}}}; {\"b\":3}; true",
        "{'type':'array','items':{'const':1},'not':{'minItems':2}}; [1]; true",
        "{'type':'array','items':{'const':1},'not':{'minItems':2}}; [1,1]; false"
      })
  void leavesWhatIsRight(String schema, String answer, boolean taken) {
    assertThat(Answers.accepts(Answers.schema(schema.replace('\'', '"')), answer)).isEqualTo(taken);
  }
}
