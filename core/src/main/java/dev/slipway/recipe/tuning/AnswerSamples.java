package dev.slipway.recipe.tuning;

import dev.slipway.base.Json;
import dev.slipway.data.Document;
import dev.slipway.data.Documents;
import dev.slipway.data.SplitName;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.Sampling;
import dev.slipway.recipe.EvaluateSettings;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import dev.slipway.tokenizer.chat.ChatTokens;
import dev.slipway.tokenizer.chat.Conversation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a tuned model answers where held-out conversations have the assistant speak first. */
final class AnswerSamples {
  private AnswerSamples() {}

  static List<Sample> write(
      LanguageModel model,
      ChatTokenizer chat,
      Documents documents,
      EvaluateSettings.Samples settings,
      long seed) {
    List<Sample> samples = new ArrayList<>();
    String how =
        String.format(
            Locale.ROOT, "temperature %s, top-p 0.95, seed %d", settings.temperature(), seed);
    for (Document document : documents.documents(SplitName.TEST)) {
      if (samples.size() == settings.count()) {
        break;
      }
      Conversation prompt = prompt(Json.parse(document.text(), document.id()), document.id());
      if (prompt == null) {
        continue;
      }
      ChatTokens tokens = chat.encode(prompt);
      if (tokens.ids().length > model.context() / 2) {
        continue;
      }
      Sampling sampling =
          Sampling.GREEDY.withTemperature(settings.temperature()).withTopP(0.95).withSeed(seed);
      GenerationRequest.Prompt.Ids ids =
          new GenerationRequest.Prompt.Ids(Arrays.stream(tokens.ids()).boxed().toList());
      samples.add(
          new Sample(
              tokens.text(),
              model.generate(GenerationRequest.of(ids, settings.tokens(), sampling)).text(),
              how));
    }
    return samples;
  }

  /** The conversation before the assistant speaks; null where it does not, or is the first. */
  private static @Nullable Conversation prompt(JsonNode json, String id) {
    JsonNode messages = json.has("messages") ? json.path("messages") : json.path("prompt");
    Conversation whole =
        json.has("messages") ? Conversation.of(json, id) : Conversation.of(messages, id);
    int first = 0;
    while (first < whole.messages().size()
        && !whole.messages().get(first).path("role").asString("").equals("assistant")) {
      first++;
    }
    return first == 0 || first == whole.messages().size() && json.has("messages")
        ? null
        : whole.upTo(first, true);
  }
}
