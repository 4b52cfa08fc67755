package dev.slipway.recipe.run;

import dev.slipway.data.Documents;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.infer.GenerationRequest;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.Sampling;
import dev.slipway.recipe.EvaluateSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Continuations by the packaged model: what its user will get, by the way that its user takes. */
public final class Samples {
  private Samples() {}

  static List<Sample> write(
      Path model, Documents documents, EvaluateSettings.Samples settings, long seed) {
    try (LanguageModel opened = LanguageModel.open(model)) {
      return write(opened, documents, settings, seed);
    }
  }

  /** By a model that is open. */
  public static List<Sample> write(
      LanguageModel opened, Documents documents, EvaluateSettings.Samples settings, long seed) {
    List<Sample> samples = new ArrayList<>();
    String how =
        String.format(
            Locale.ROOT, "temperature %s, top-p 0.95, seed %d", settings.temperature(), seed);
    for (String text : SampleTexts.prompts(documents, settings.count())) {
      String prompt = shortened(opened, text);
      Sampling sampling =
          Sampling.GREEDY.withTemperature(settings.temperature()).withTopP(0.95).withSeed(seed);
      samples.add(
          new Sample(
              prompt,
              opened
                  .generate(
                      GenerationRequest.of(
                          new GenerationRequest.Prompt.Text(prompt), settings.tokens(), sampling))
                  .text(),
              how));
    }
    return samples;
  }

  /** So much of a prompt's beginning as leaves half of the context to the continuation. */
  private static String shortened(LanguageModel model, String prompt) {
    String rest = prompt;
    while (rest.length() > 1
        && model.promptIds(new GenerationRequest.Prompt.Text(rest)).size() > model.context() / 2) {
      int end = rest.length() * 2 / 3;
      rest = rest.substring(0, Character.isHighSurrogate(rest.charAt(end - 1)) ? end - 1 : end);
    }
    return rest;
  }
}
