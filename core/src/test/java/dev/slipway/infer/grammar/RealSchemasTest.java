package dev.slipway.infer.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.slipway.base.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Schemas that people's tools write (pydantic, OpenAI's strict mode, LangChain's tools), by {@code
 * reference/real_schemas.py}: all are followed.
 */
class RealSchemasTest {
  private static final int ANSWERS = 4;

  /** Answers to each schema, by its name. */
  private static Map<String, List<String>> answers(JsonNode schemas) {
    Map<String, List<String>> answers = new LinkedHashMap<>();
    SplittableRandom random = new SplittableRandom(11);
    for (Map.Entry<String, JsonNode> one : schemas.properties()) {
      Constraint constraint = new Constraints(Answers.TOKENIZER).schema(one.getValue());
      List<String> own = new ArrayList<>();
      for (int i = 0; i < ANSWERS; i++) {
        own.add(Answers.random(constraint, random));
      }
      answers.put(one.getKey(), own);
    }
    return answers;
  }

  private static JsonNode schemas() throws IOException {
    try (InputStream in = RealSchemasTest.class.getResourceAsStream("real_schemas.json")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      return Json.parse(text, "real_schemas.json");
    }
  }

  @Test
  void answersValidate() throws IOException {
    JsonNode schemas = schemas();
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    answers(schemas)
        .forEach(
            (name, answers) -> {
              var validator = registry.getSchema(Json.line(schemas.get(name)), InputFormat.JSON);
              for (String answer : answers) {
                assertThat(validator.validate(RandomSchemasTest.parsed(answer)))
                    .as("%s as %s", answer, name)
                    .isEmpty();
              }
            });
    assertThat(schemas.size()).isGreaterThan(30);
  }

  @Test
  void pydanticReadsAnswersIntoTheModelsTheyAreOf(@TempDir Path folder)
      throws IOException, InterruptedException {
    String python = System.getenv("SLIPWAY_PYTHON");
    Assumptions.assumeTrue(python != null, "SLIPWAY_PYTHON names no Python with pydantic");
    List<String> lines = new ArrayList<>();
    answers(schemas())
        .forEach(
            (name, answers) ->
                answers.forEach(answer -> lines.add(Json.line(List.of(name, answer)))));
    Path answers = Files.write(folder.resolve("answers"), lines);
    Path problems = folder.resolve("problems");
    Process process =
        new ProcessBuilder(python, "../reference/real_schemas.py", "check")
            .redirectInput(answers.toFile())
            .redirectError(problems.toFile())
            .start();
    String right =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(Files.readString(problems)).isZero();
    assertThat(right).as(Files.readString(problems)).matches("\\d{3} right, 0 wrong");
  }
}
