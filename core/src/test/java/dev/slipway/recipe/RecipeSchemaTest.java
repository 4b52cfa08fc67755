package dev.slipway.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.base.binding.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeSchemaTest {
  private static final Path LAUNCH = Path.of("../recipes/launch/recipe.yaml");
  private static final Path PAGE = Path.of("../docs/recipe.md");

  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
          .getSchema(Json.write(RecipeSchema.json()), InputFormat.JSON);

  private static List<String> mistakes(String yaml) {
    return SCHEMA.validate(yaml, InputFormat.YAML).stream().map(Object::toString).toList();
  }

  @Test
  void theLaunchRecipeIsValid() throws IOException {
    assertThat(mistakes(Files.readString(LAUNCH))).isEmpty();
    assertThat(mistakes(RecipeDocument.write(RecipeDocument.read(LAUNCH, List.of())))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name: x",
        "data: { source: { zip: a.zip, include: [] } }",
        "data: { source: { text: a } }\nsead: 3",
        "data: { source: { text: a } }\ntrain: { checkpoint: { keep: 0 } }",
        "data: { source: { text: a } }\ntask: language-modeling",
        "data: { source: { text: a } }\nbudget: { time: soon }",
        "data: { source: { text: a } }\nserve: { port: 70000 }"
      })
  void whatTheBinderRefusesTheSchemaRefusesToo(String yaml) {
    assertThatThrownBy(() -> RecipeDocument.parse(yaml, "recipe", List.of(), _ -> null))
        .isInstanceOf(SlipwayException.class);
    assertThat(mistakes(yaml)).isNotEmpty();
  }

  @Test
  void everyKeyIsDocumented() {
    assertThat(Shape.paths(RecipeDocument.SHAPE))
        .hasSizeGreaterThan(60)
        .allSatisfy(p -> assertThat(p.field().doc()).as(p.path()).isNotBlank().doesNotEndWith("."));
  }

  @Test
  void thePageHasTheTable() throws IOException {
    String page = Files.readString(PAGE);
    int start = page.indexOf('\n', page.indexOf("<!-- keys")) + 1;
    int end = page.indexOf("<!-- end -->");
    String current = page.substring(0, start) + RecipeSchema.markdown() + page.substring(end);
    if (Boolean.getBoolean("slipway.write")) {
      Files.writeString(PAGE, current);
      return;
    }
    assertThat(page).isEqualTo(current);
  }
}
