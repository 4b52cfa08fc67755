package dev.slipway.recipe.examples;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.feature.FeatureConfig;
import dev.slipway.data.feature.Keep;
import dev.slipway.model.pretrained.SentenceModules;
import dev.slipway.recipe.Recipe;
import dev.slipway.task.TaskConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a pretrained encoder is given. */
final class EncoderInputs {
  /** Tokens of a text where nobody says. */
  private static final int USUAL = 128;

  private EncoderInputs() {}

  /** The inputs of a recipe that names none. */
  static List<FeatureConfig> inferred(Recipe recipe, ExampleSet examples, SentenceModules modules) {
    int most = Objects.requireNonNullElse(modules.longest(), USUAL);
    return switch (ExampleRun.task(recipe)) {
      case TaskConfig.Tagging tagging ->
          List.of(tokens(tagging.tokens(), null, Math.min(most, 2 * USUAL), true));
      case TaskConfig.SpanAnswering spans -> spans.inputs(examples, new int[0]);
      case TaskConfig.Contrastive pairs -> pairs.inputs(most);
      case TaskConfig task -> {
        List<String> texts =
            examples.fields().stream()
                .filter(field -> field.kind() == Field.Kind.TEXT)
                .map(Field::name)
                .filter(name -> !task.targets().contains(name))
                .toList();
        yield switch (texts.size()) {
          case 1 -> List.of(tokens(texts.getFirst(), null, Math.min(most, USUAL), false));
          case 2 -> List.of(tokens(texts.getFirst(), texts.get(1), Math.min(most, USUAL), false));
          default ->
              throw new SlipwayException(
                  Exit.INPUT,
                  texts.isEmpty() ? "data.field-missing" : "data.field-unclear",
                  texts.isEmpty()
                      ? "no field holds text, which a pretrained encoder reads"
                      : "several fields hold text: " + String.join(", ", texts),
                  "write inputs: [ { tokens: { field: NAME } } ]");
        };
      }
    };
  }

  private static FeatureConfig tokens(
      String field, @Nullable String pair, int length, boolean words) {
    return new FeatureConfig.Tokens(
        Optional.of(field),
        Optional.ofNullable(pair),
        length,
        Keep.BEGINNING,
        words,
        Optional.empty(),
        FeatureConfig.Tokens.OF_MODEL,
        "input_ids");
  }

  /**
   * Inputs with the model's tokenizer where they ask for it.
   *
   * @param folder of the pretrained model; null without one
   * @throws SlipwayException {@code data.no-tokenizer} where there is none
   */
  static List<FeatureConfig> bound(List<FeatureConfig> inputs, @Nullable Path folder) {
    return inputs.stream().map(input -> bound(input, folder)).toList();
  }

  private static FeatureConfig bound(FeatureConfig input, @Nullable Path folder) {
    if (!(input instanceof FeatureConfig.Tokens tokens)
        || !tokens.tokenizer().equals(FeatureConfig.Tokens.OF_MODEL)) {
      return input;
    }
    if (folder == null) {
      throw new SlipwayException(
          Exit.USAGE,
          "data.no-tokenizer",
          "the input " + tokens.name() + " takes the model's tokenizer, and this model has none",
          "write tokenizer: a folder or tokenizer.json, or model: { pretrained: … }");
    }
    return tokens.withTokenizer(SentenceModules.of(folder).encoder().toString());
  }
}
