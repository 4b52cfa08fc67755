package dev.slipway.recipe.run;

import dev.slipway.base.Json;
import dev.slipway.data.SplitName;
import dev.slipway.data.Statistics;
import dev.slipway.eval.report.ModelCard;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.model.gpt.GptConfig;
import dev.slipway.model.gpt.GptFolder;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.nn.ParameterSet;
import dev.slipway.recipe.RecipeDocument;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.SpecialTokens;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.Tokenizers;
import dev.slipway.tokenizer.chat.TextFingerprint;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Writes the finished model as a Hugging Face folder with its card, and its evaluation beside it.
 */
final class PackageStage {
  private final RunPaths paths;
  private final Phases phases;
  private final List<Fact> machine;

  PackageStage(RunPaths paths, Phases phases, List<Fact> machine) {
    this.paths = paths;
    this.phases = phases;
    this.machine = machine;
  }

  void run(RunOutcome outcome, ParameterSet parameters) {
    phases.run(
        Phase.PACKAGE,
        Files.exists(paths.model().resolve("config.json")),
        there -> {
          if (!there) {
            GptConfig config = outcome.config();
            GptFolder.save(
                paths.model(),
                config,
                parameters,
                SpecialIds.one(DataStage.startId(outcome.tokenizer())),
                DType.FLOAT32,
                Map.of(
                    "tokenizer.json",
                    outcome.tokenizer().json(),
                    "tokenizer_config.json",
                    Tokenizers.configJson(outcome.tokenizer(), config.context()),
                    "special_tokens_map.json",
                    Tokenizers.specialTokensMapJson(outcome.tokenizer()),
                    TextFingerprint.FILE,
                    fingerprint(outcome.tokenizer()).json(),
                    "evaluation.json",
                    Json.write(outcome.evaluation()),
                    "README.md",
                    card(outcome).markdown()));
          }
          return paths.model();
        },
        folder -> "Hugging Face folder " + folder);
  }

  private static TextFingerprint fingerprint(Tokenizer tokenizer) {
    JsonNode roles = Json.parse(Tokenizers.specialTokensMapJson(tokenizer), "special tokens");
    return TextFingerprint.of(tokenizer, SpecialTokens.of(roles), null);
  }

  private ModelCard card(RunOutcome outcome) {
    Statistics statistics = outcome.statistics();
    List<String> data = new ArrayList<>();
    data.add("Source: " + SourceText.of(outcome.recipe().data().source()) + ".");
    data.add(
        String.format(
            Locale.ROOT,
            "%,d records (%.1f MB) came; after cleaning, %,d (%.1f MB) were trained on, %,d held out for validation and %,d for the test, chosen by a hash of their content.",
            statistics.records(),
            statistics.bytes() / 1e6,
            statistics.split(SplitName.TRAIN).records(),
            statistics.split(SplitName.TRAIN).bytes() / 1e6,
            statistics.split(SplitName.VALIDATION).records(),
            statistics.split(SplitName.TEST).records()));
    statistics
        .dropped()
        .forEach(
            (reason, count) ->
                data.add(
                    String.format(
                        Locale.ROOT, "%,d were dropped: %s.", count.records(), reason.label())));
    List<String> limits =
        List.of(
            "It continues text like what it was trained on; it follows no instructions and knows no facts.",
            "It sees at most " + outcome.config().context() + " tokens at once.",
            "What it writes may be wrong, may not compile, and may repeat passages of its training data.");
    return new ModelCard(
        outcome.recipe().name(),
        architecture(outcome.config()),
        null,
        List.of("slipway", "causal-lm"),
        SourceText.name(outcome.recipe().data().source()),
        data,
        ReportStage.evaluation(outcome, null),
        limits,
        ReportStage.modelFacts(outcome, machine),
        List.of(),
        RecipeDocument.write(outcome.recipe()),
        SampleTexts.example(outcome.recipe().data().source()));
  }

  static String architecture(GptConfig config) {
    return switch (config.layout()) {
      case GPT2 -> "GPT2LMHeadModel";
      case LLAMA -> "LlamaForCausalLM";
      case QWEN3 -> "Qwen3ForCausalLM";
    };
  }
}
