package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConstraintsTest {
  private static final String PERSON =
      """
      {"type": "object",
       "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0},
                      "mail": {"type": "string", "format": "email"}},
       "required": ["name", "age"], "additionalProperties": false}""";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\": \"Ada\", \"age\": 36}",
        "{\"name\":\"Ada\",\"age\":36}",
        "{\n  \"name\": \"Ada \\\"L\\\" \\u00e9 \uD83D\uDE00\",\n  \"age\": 0\n}",
        "{\"name\": \"\", \"age\": 7, \"mail\": \"ada@example.org\"}"
      })
  void takesWhatTheSchemaAccepts(String answer) {
    assertThat(Answers.accepts(Answers.schema(PERSON), answer)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\": \"Ada\"}",
        "{\"age\": 36, \"name\": \"Ada\"}",
        "{\"name\": \"Ada\", \"age\": -1}",
        "{\"name\": \"Ada\", \"age\": 3.5}",
        "{\"name\": \"Ada\", \"age\": 36, \"more\": 1}",
        "{\"name\": \"A\nda\", \"age\": 36}",
        "{\"name\": \"\\ud83d\", \"age\": 36}",
        "{\"name\": \"Ada\", \"age\": 36, \"mail\": \"nobody\"}",
        "{\"name\": \"Ada\", \"age\": 36} ",
        " {\"name\": \"Ada\", \"age\": 36}"
      })
  void takesNothingElse(String answer) {
    assertThat(Answers.accepts(Answers.schema(PERSON), answer)).isFalse();
  }

  @Test
  void followsReferencesToThemselves() {
    Constraint tree =
        Answers.schema(
            """
            {"$defs": {"node": {"type": "object", "required": ["v"], "additionalProperties": false,
               "properties": {"v": {"type": "integer"},
                              "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}}},
             "$ref": "#/$defs/node"}""");
    assertThat(Answers.accepts(tree, "{\"v\": 1, \"next\": {\"v\": 2, \"next\": null}}")).isTrue();
    assertThat(Answers.accepts(tree, "{\"v\": 1, \"next\": {\"next\": null}}")).isFalse();
    int deep = Grammar.DEEPEST * 2;
    String nested = "{\"v\":1,\"next\":".repeat(deep) + "null" + "}".repeat(deep);
    assertThat(Answers.accepts(tree, nested)).as("deeper than any answer may be").isFalse();
  }

  @Test
  void anAnswerThatNestsAsDeepAsItMayCanStillEnd() {
    Constraint lists =
        Answers.schema(
            "{\"$defs\":{\"l\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/l\"}}},\"$ref\":\"#/$defs/l\"}");
    Constraint.Cursor cursor = lists.begin();
    int open = Answers.TOKENIZER.id("[");
    int depth = 0;
    while (cursor.allowed().contains(open)) {
      cursor.accept(open);
      depth++;
    }
    assertThat(depth).isBetween(20, Grammar.DEEPEST);
    for (int i = 0; i < depth; i++) {
      cursor.accept(Answers.TOKENIZER.id("]"));
    }
    assertThat(cursor.isComplete()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'not':{}}|constraint.empty",
        "{'not':{'anyOf':[{},{'type':'null'}]}}|constraint.unsupported",
        "{'type':'array','contains':{'const':1},'minContains':2,'maxContains':1}|constraint.empty",
        "{'type':'array','minItems':1,'items':{'type':'array'},'contains':{'minItems':0},'minContains':0,'maxContains':0}|constraint.unsupported",
        "{'minContains':100000,'type':'array','contains':{}}|constraint.too-large",
        "{'type':'object','unevaluatedProperties':false,'required':['a']}|constraint.empty",
        "{'type':'object','required':['x5'],'allOf':[{'not':{'anyOf':[{'required':['x0','y0']},{'required':['x1','y1']},{'required':['x2','y2']},{'required':['x3','y3']},{'required':['x4','y4']},{'required':['x5','y5']},{'required':['x6','y6']},{'required':['x7','y7']},{'required':['x8','y8']},{'required':['x9','y9']}]}}]}|constraint.too-large",
        "{'$dynamicRef':'#missing'}|constraint.invalid",
        "{'$id':'https://example.org/a','$ref':'b'}|constraint.unsupported",
        "{'type':'object','not':{'additionalProperties':{'type':'null'}}}|constraint.unsupported",
        "{'type':'array','uniqueItems':true,'minItems':3,'items':{'type':'boolean'}}|constraint.empty",
        "{'type':'array','uniqueItems':true,'minItems':2,'items':{'enum':[1,1.0]}}|constraint.empty",
        "{'oneOf':[{'type':'integer'},{'type':'number'}]}|constraint.unsupported",
        "{'$ref':'#'}|constraint.unsupported",
        "{'anyOf':[{'$ref':'#'},{'type':'null'}]}|constraint.unsupported",
        "{'$ref':'#/$defs/missing'}|constraint.invalid",
        "{'type':'strnig'}|constraint.invalid",
        "{'minLength':-1}|constraint.invalid",
        "{'minLength':'x'}|constraint.invalid",
        "{'required':[1]}|constraint.invalid",
        "{'properties':[]}|constraint.invalid",
        "{'pattern':'('}|constraint.invalid",
        "{'multipleOf':0}|constraint.invalid",
        "[]|constraint.invalid",
        "7|constraint.invalid",
        "false|constraint.empty",
        "{'type':'integer','minimum':2,'maximum':1}|constraint.empty",
        "{'type':'string','enum':[1,2]}|constraint.empty",
        "{'allOf':[{'type':'string'},{'type':'null'}]}|constraint.empty",
        "{'type':'object','required':['a'],'additionalProperties':false}|constraint.empty",
        "{'type':'object','required':['a'],'properties':{'a':{'$ref':'#'}}}|constraint.empty",
        "{'type':'string','minLength':100000}|constraint.too-large",
        "{'type':'array','minItems':1000000}|constraint.too-large",
        "{'type':'string','pattern':'(a{1,100}){1,100}(.*b.{60}){20}'}|constraint.too-large"
      })
  void refusesSchemasThatAnswersCannotBeHeldTo(String schema, String code) {
    assertThatThrownBy(() -> Answers.schema(schema.replace('\'', '"')))
        .isInstanceOfSatisfying(SlipwayException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'properties':{'a/b':{'items':{'not':{'minLength':0}}}}}|the schema has not at #/properties/a~1b/items,",
        "{'anyOf':[{'type':'null'},{'not':{'minLength':0}}]}|the schema has not at #/anyOf/1,",
        "{'type':'array','minItems':1,'contains':{'minLength':0},'minContains':0,'maxContains':0}|the schema has maxContains at #/contains,",
        "{'$ref':'https://json-schema.org/draft/2020-12/schema'}|leads to another document, which is not fetched",
        "{'properties':{'a':{'$ref':'https://example.org/a.json'}}}|the schema's $ref https://example.org/a.json leads to another document"
      })
  void aRefusalNamesTheKeywordAndItsPlace(String schema, String sentence) {
    assertThatThrownBy(() -> Answers.schema(schema.replace('\'', '"')))
        .hasMessageContaining(sentence)
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("constraint.unsupported"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'$ref':'#yes','$defs':{'a':{'$anchor':'yes','const':true}}}",
        "{'$ref':'#yes','definitions':{'a':{'$id':'#yes','const':true}}}"
      })
  void followsReferencesByName(String schema) {
    Constraint named = Answers.schema(schema.replace('\'', '"'));
    assertThat(Answers.accepts(named, "true")).isTrue();
    assertThat(Answers.accepts(named, "false")).isFalse();
  }

  @Test
  void whatManyRulesComeToIsBoundedInAll() {
    StringBuilder rules = new StringBuilder("{}");
    for (int i = 0; i < 8; i++) {
      rules.append(",{\"pattern\":\".*").append((char) ('a' + i)).append(".{" + i + "}\"}");
    }
    assertThatThrownBy(() -> Answers.schema("{\"type\":\"string\",\"allOf\":[" + rules + "]}"))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("constraint.too-large"));
  }

  @Test
  void anAnswerThatWouldNestTooDeepIsNoContradiction() {
    int deep = Grammar.DEEPEST + 1;
    String nested =
        "{\"type\":\"array\",\"minItems\":1,\"items\":".repeat(deep) + "{}" + "}".repeat(deep);
    assertThatThrownBy(() -> Answers.schema(nested))
        .hasMessageContaining("deeper than " + Grammar.DEEPEST)
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("constraint.unsupported"));
  }

  @Test
  void aRefusalIsKeptAndComesEveryTime() {
    Constraints constraints = new Constraints(Answers.TOKENIZER);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> constraints.regex("(?i)a"))
          .hasMessageContaining("a group of the kind (?i");
    }
    assertThat(constraints.regex("(?P<word>a)")).isSameAs(constraints.regex("(?P<word>a)"));
  }

  @Test
  void alternativesThatMultiplyAreRefused() {
    StringBuilder parts = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      parts
          .append(i == 0 ? "" : ",")
          .append("{'anyOf':[{'minLength':1},{'maxLength':9},{'pattern':'a'}]}".replace('\'', '"'));
    }
    assertThatThrownBy(() -> Answers.schema("{\"allOf\":[" + parts + "]}"))
        .isInstanceOfSatisfying(
            SlipwayException.class, e -> assertThat(e.code()).isEqualTo("constraint.too-large"));
  }

  @Test
  void oneOfWithATellingPropertyIsTaken() {
    Constraint shape =
        Answers.schema(
            """
            {"oneOf": [
              {"type": "object", "properties": {"kind": {"const": "circle"}, "r": {"type": "number"}},
               "required": ["kind", "r"], "additionalProperties": false},
              {"type": "object", "properties": {"kind": {"const": "square"}, "a": {"type": "number"}},
               "required": ["kind", "a"], "additionalProperties": false}]}""");
    assertThat(Answers.accepts(shape, "{\"kind\": \"square\", \"a\": 2}")).isTrue();
    assertThat(Answers.accepts(shape, "{\"kind\": \"circle\", \"a\": 2}")).isFalse();
  }

  @Test
  void anyJsonObjectIsOneThatParses() {
    Constraint object = new Constraints(Answers.TOKENIZER).jsonObject();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 50; i++) {
      String answer = Answers.random(object, random);
      assertThat(answer).startsWith("{").endsWith("}");
      RandomSchemasTest.parsed(answer);
    }
    assertThat(Answers.accepts(object, "[]")).isFalse();
    assertThat(Answers.accepts(object, "{\"a\": [1, {\"b\": null}], \"c\": -0.5e3}")).isTrue();
  }

  @Test
  void expressionsAndChoicesHoldAnswersToTheirTexts() {
    Constraints constraints = new Constraints(Answers.TOKENIZER);
    Constraint date = constraints.regex("\\d{4}-\\d{2}");
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 20; i++) {
      assertThat(Answers.random(date, random)).matches("\\d{4}-\\d{2}");
    }
    Constraint choice = constraints.choice(List.of("yes", "no", "né"));
    for (int i = 0; i < 20; i++) {
      assertThat(Answers.random(choice, random)).isIn("yes", "no", "né");
    }
  }

  @Test
  void masksAllButWhatMayComeAndTheEndWhereTheAnswerIsWhole() {
    Constraint number = Answers.schema("{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 12}");
    Constraint.Cursor cursor = number.begin();
    int eos = 0;
    float[] logits = new float[Answers.TOKENIZER.vocabularySize() + 5]; // rows beyond the tokens
    cursor.mask(logits, List.of(eos));
    assertThat(logits[eos]).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(logits[logits.length - 1]).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(logits[Answers.TOKENIZER.id("1")]).isZero();
    assertThat(logits[Answers.TOKENIZER.id("0")]).isEqualTo(Float.NEGATIVE_INFINITY);
    cursor.accept(Answers.TOKENIZER.id("1"));
    logits = new float[logits.length];
    cursor.mask(logits, List.of(eos));
    assertThat(logits[eos]).isZero();
    assertThat(logits[Answers.TOKENIZER.id("2")]).isZero();
    assertThat(logits[Answers.TOKENIZER.id("3")]).isEqualTo(Float.NEGATIVE_INFINITY);
    cursor.accept(Answers.TOKENIZER.id("2"));
    assertThat(cursor.isComplete()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'type':'string','maxLength':2000}",
        "{'type':'string','minLength':1000}",
        "{'type':'string','minLength':3,'maxLength':100000}",
        "{'type':'string','maxLength':1000,'pattern':'^[a-z ]+$'}",
        "{'type':'string','maxLength':254,'pattern':'^[^@]+(@[^@]+)?$'}",
        "{'type':'string','maxLength':200,'pattern':'x'}",
        "{'type':'array','maxItems':1000,'items':{'type':'string','maxLength':255}}"
      })
  void usualLimitsOfLengthAreTaken(String schema) {
    String text = "x".repeat(180) + "y".repeat(schema.contains("'minLength':1000") ? 900 : 0);
    String answer = schema.contains("array") ? "[\"xy\"]" : '"' + text + '"';
    assertThat(Answers.accepts(Answers.schema(schema.replace('\'', '"')), answer)).isTrue();
  }

  @Test
  void lengthsAreCountedInCharactersHoweverTheyAreSpelt() {
    Constraint two = Answers.schema("{\"type\":\"string\",\"minLength\":2,\"maxLength\":2}");
    String face = Character.toString(0x1F600);
    for (String text : List.of("ab", "é" + face, "\\n\\u00e9", "\\ud83d\\ude00x")) {
      assertThat(Answers.accepts(two, '"' + text + '"')).as(text).isTrue();
    }
    for (String text : List.of("", "a", "abc", face, "\\ud83d\\ude00")) {
      assertThat(Answers.accepts(two, '"' + text + '"')).as(text).isFalse();
    }
  }

  @Test
  void longAnswersAreFollowedInBoundedMemory() {
    Constraint texts =
        Answers.schema(
            "{\"type\": \"array\", \"items\": {\"type\": \"string\", \"maxLength\": 1500}}");
    String item = '"' + "é1".repeat(750) + '"';
    Constraint.Cursor cursor = texts.begin();
    for (int id : Answers.TOKENIZER.encodeOrdinary("[" + item + "," + item + "]")) {
      cursor.accept(id);
    }
    assertThat(cursor.isComplete()).isTrue();
    assertThat(texts.remembered()).isPositive().isLessThanOrEqualTo(Configuration.Space.MOST);
    assertThat(Answers.accepts(texts, "[\"a\", \"b\"]")).as("after it forgot").isTrue();
  }

  @Test
  void theSameSchemaIsCompiledOnce() {
    Constraints constraints = new Constraints(Answers.TOKENIZER);
    Constraint first = constraints.schema(Json.parse(PERSON, "a"));
    assertThat(constraints.schema(Json.parse(PERSON, "b"))).isSameAs(first);
  }
}
