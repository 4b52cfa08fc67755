package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The JSON Schema Test Suite, by {@code reference/schema_suite.py}: what is followed of it takes no
 * instance that it calls invalid, and its answers validate. {@code bench/schemas.sh} prints the
 * figures and has Python's jsonschema judge the answers.
 */
class SchemaSuiteTest {
  private static final int ANSWERS = 3;

  private static final Map<String, SpecificationVersion> DRAFTS =
      Map.of(
          "draft6", SpecificationVersion.DRAFT_6,
          "draft7", SpecificationVersion.DRAFT_7,
          "draft2019-09", SpecificationVersion.DRAFT_2019_09,
          "draft2020-12", SpecificationVersion.DRAFT_2020_12);

  /** Its addresses have to end in a domain that there is today. */
  private static final SchemaRegistryConfig WITHOUT_FORMATS =
      SchemaRegistryConfig.builder().formatAssertionsEnabled(false).build();

  private record Case(
      String draft, String name, JsonNode schema, JsonNode valid, JsonNode invalid) {}

  private final List<String> answers = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();
  private final Map<String, List<String>> refusals = new TreeMap<>();
  private int followed;
  private int validTaken;
  private int valid;
  private int invalid;

  private static List<Case> cases() throws IOException {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(
                    Objects.requireNonNull(
                        SchemaSuiteTest.class.getResourceAsStream("schema_suite.json.gz"))),
                StandardCharsets.UTF_8))) {
      return in.lines()
          .map(line -> RandomSchemasTest.parsed(line))
          .map(
              one ->
                  new Case(
                      one.get(0).stringValue(),
                      one.get(1).stringValue(),
                      one.get(2),
                      one.get(3),
                      one.get(4)))
          .toList();
    }
  }

  @Test
  void takesNothingInvalidAndAnswersValidate() throws IOException {
    List<Case> cases = cases();
    SplittableRandom random = new SplittableRandom(4);
    for (Case one : cases) {
      Constraint constraint;
      try {
        constraint = new Constraints(Answers.TOKENIZER).schema(one.schema());
      } catch (SlipwayException e) {
        refusals
            .computeIfAbsent(e.code() + ": " + e.getMessage(), _ -> new ArrayList<>())
            .add(one.draft() + " " + one.name());
        continue;
      }
      followed++;
      judge(one, constraint, random);
    }
    report(cases.size());
    assertThat(wrong).isEmpty();
    assertThat(followed).isGreaterThanOrEqualTo(1_150);
  }

  private void judge(Case one, Constraint constraint, SplittableRandom random) {
    for (JsonNode instance : one.invalid()) {
      invalid++;
      if (Answers.accepts(constraint, Json.line(instance))) {
        wrong.add(one.draft() + " " + one.name() + " takes " + Json.line(instance));
      }
    }
    for (JsonNode instance : one.valid()) {
      valid++;
      validTaken += Answers.accepts(constraint, Json.line(instance)) ? 1 : 0;
    }
    if (one.schema().path("$schema").asString("").startsWith("http://localhost")) {
      return; // a dialect that only a server of the suite tells
    }
    Schema validator =
        SchemaRegistry.withDefaultDialect(
                Objects.requireNonNull(DRAFTS.get(one.draft())),
                builder -> builder.schemaRegistryConfig(WITHOUT_FORMATS))
            .getSchema(Json.line(one.schema()), InputFormat.JSON);
    for (int i = 0; i < ANSWERS; i++) {
      String answer = Answers.random(one.schema(), constraint, random);
      answers.add(
          "[\"" + one.draft() + "\"," + Json.line(one.schema()) + "," + Json.line(answer) + "]");
      if (!validator.validate(RandomSchemasTest.parsed(answer)).isEmpty()) {
        wrong.add(one.draft() + " " + one.name() + " answered " + answer);
      }
    }
  }

  private void report(int all) throws IOException {
    String file = System.getProperty("slipway.schemas.answers");
    if (file == null) {
      return;
    }
    Files.write(Path.of(file), answers);
    List<String> lines = new ArrayList<>();
    lines.add("followed " + followed + " of " + all);
    lines.add("valid instances taken " + validTaken + " of " + valid);
    lines.add("invalid instances refused, of " + invalid + ", and answers wrong: " + wrong.size());
    wrong.forEach(line -> lines.add("  " + line));
    refusals.forEach(
        (sentence, names) -> {
          lines.add(names.size() + " × " + sentence);
          names.forEach(name -> lines.add("  " + name));
        });
    Files.write(Path.of(file + ".txt"), lines);
  }
}
