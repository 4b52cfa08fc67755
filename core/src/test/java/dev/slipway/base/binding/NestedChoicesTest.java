package dev.slipway.base.binding;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Sealed types that hold themselves, are split by theme, or come from another package. */
class NestedChoicesTest {
  sealed interface Layer permits Plain, Group {}

  sealed interface Plain extends Layer {}

  record Dense(int units, @Default("none") String activation) implements Plain {}

  record Flatten() implements Plain {}

  record Group(List<Layer> layers) implements Layer {}

  sealed interface Task {}

  record Count() implements Task {}

  @Unwrapped
  record Learn(Layer layer) implements Task {}

  record Network(@Default("count") Task task, List<Layer> layers) {}

  private static final Shape.Group SHAPE = new Shapes(List.of()).document(Network.class);

  private static Binder.Bound<Network> bind(String yaml) {
    return Binder.bind(YamlReader.parse(yaml, "doc"), SHAPE, Network.class, _ -> null);
  }

  @Test
  void aLayerMayHoldLayers() {
    Binder.Bound<Network> bound =
        bind("layers: [flatten, { group: [ { dense: 3 }, { group: [flatten] } ] }]");
    assertThat(bound.problems()).isEmpty();
    assertThat(bound.value())
        .isEqualTo(
            new Network(
                new Count(),
                List.of(
                    new Flatten(),
                    new Group(List.of(new Dense(3, "none"), new Group(List.of(new Flatten())))))));
    assertThat(bind(YamlWriter.write(requireNonNull(bound.value()), SHAPE)).value())
        .isEqualTo(bound.value());
  }

  @Test
  void aMistakeDeepInsideIsTold() {
    assertThat(bind("layers: [ { group: [ { group: [ { dens: 3 } ] } ] } ]").problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.path()).isEqualTo("layers.0.group.layers.0.group.layers.0.dens");
              assertThat(problem.hint()).contains("dense");
            });
  }

  @Test
  void aChoiceOfAnotherPackageStandsAmongTheOthers() {
    Binder.Bound<Network> bound = bind("{ task: { dense: 4 }, layers: [] }");
    assertThat(bound.value()).isEqualTo(new Network(new Learn(new Dense(4, "none")), List.of()));
    assertThat(YamlWriter.write(requireNonNull(bound.value()), SHAPE))
        .contains("task:\n  dense:\n    units: 4");
    assertThat(bind("{ task: flatten, layers: [] }").value())
        .isEqualTo(new Network(new Learn(new Flatten()), List.of()));
  }

  @Test
  void theSchemaRefersToWhatHoldsItself() {
    JsonNode schema = JsonSchema.of(SHAPE, "urn:test", "test");
    assertThat(schema.path("$defs").path("layer").path("anyOf")).isNotEmpty();
    assertThat(schema.toString()).contains("\"$ref\":\"#/$defs/layer\"");
    assertThat(ReferencePage.table(SHAPE)).contains("`layers[].group.layers`");
  }
}
