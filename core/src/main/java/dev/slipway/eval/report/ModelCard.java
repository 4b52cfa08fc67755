package dev.slipway.eval.report;

import static dev.slipway.eval.report.CardText.between;
import static dev.slipway.eval.report.CardText.code;
import static dev.slipway.eval.report.CardText.fenced;
import static dev.slipway.eval.report.CardText.licence;
import static dev.slipway.eval.report.CardText.licenceFields;
import static dev.slipway.eval.report.CardText.line;
import static dev.slipway.eval.report.CardText.number;
import static dev.slipway.eval.report.CardText.quoted;
import static dev.slipway.eval.report.CardText.row;
import static dev.slipway.eval.report.CardText.section;
import static dev.slipway.eval.report.CardText.shell;

import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.LanguageModelMetrics;
import dev.slipway.eval.report.ReportData.Evaluation;
import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.ReportData.Sample;
import dev.slipway.eval.yardstick.Yardstick;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A model's {@code README.md} as Hugging Face's hub reads it: YAML front matter, then Markdown.
 * Mitchell et al. 2019, "Model Cards for Model Reporting", says what belongs on it.
 *
 * @param name of the model
 * @param architecture such as {@code LlamaForCausalLM}
 * @param license an identifier of the hub such as {@code apache-2.0}, or null: then the card says
 *     that whoever publishes has to settle it
 * @param tags of the hub
 * @param datasetName what it was trained on, short
 * @param data sentences: where the data came from, how they were cleaned and split
 * @param evaluation on held-out documents, if there was one
 * @param limits sentences: what it can't do and shouldn't be used for
 * @param making how it was made: sizes, steps, time, machine
 * @param samples a few, or none
 * @param recipe the resolved recipe as YAML
 * @param prompt a text that it continues well, for the examples of use
 */
public record ModelCard(
    String name,
    String architecture,
    @Nullable String license,
    List<String> tags,
    String datasetName,
    List<String> data,
    @Nullable Evaluation evaluation,
    List<String> limits,
    List<Fact> making,
    List<Sample> samples,
    String recipe,
    String prompt) {
  public ModelCard {
    tags = List.copyOf(tags);
    data = List.copyOf(data);
    limits = List.copyOf(limits);
    making = List.copyOf(making);
    samples = List.copyOf(samples);
  }

  /** The file's text. The same card gives the same bytes. */
  public String markdown() {
    StringBuilder out = new StringBuilder();
    frontMatter(out);
    out.append("\n# ").append(line(name)).append("\n\n");
    if (evaluation != null) {
      out.append(line(Verdict.of(evaluation))).append("\n\n");
    }
    out.append("A language model of architecture ")
        .append(code(architecture))
        .append(", built with Slipway.\n");
    section(out, "Data", data);
    if (evaluation != null) {
      figures(out, evaluation);
    }
    section(out, "Limits", limits);
    out.append("\n## How it was made\n\n| | |\n|---|---|\n");
    for (Fact fact : making) {
      out.append(row(fact.name(), fact.value()));
    }
    if (!recipe.isBlank()) {
      out.append("\nThe whole recipe:\n\n").append(fenced("yaml", recipe));
    }
    use(out);
    if (!samples.isEmpty()) {
      out.append("\n## Samples\n");
      for (Sample sample : samples) {
        out.append("\nGiven:\n\n").append(fenced("text", sample.prompt()));
        out.append("\nThe model's (").append(line(sample.settings())).append("):\n\n");
        out.append(fenced("text", sample.continuation()));
      }
    }
    licence(out, license);
    return out.toString();
  }

  private void frontMatter(StringBuilder out) {
    out.append("---\n");
    licenceFields(out, license);
    out.append("library_name: transformers\npipeline_tag: text-generation\ntags:\n");
    for (String tag : tags) {
      out.append("- ").append(quoted(tag)).append('\n');
    }
    Evaluation measured = evaluation;
    if (measured != null) {
      LanguageModelMetrics metrics = measured.metrics();
      out.append("metrics:\n- perplexity\n- accuracy\nmodel-index:\n- name: ")
          .append(quoted(name))
          .append(
              "\n  results:\n  - task:\n      type: text-generation\n    dataset:\n      name: ")
          .append(quoted(datasetName + ", held out"))
          .append("\n      type: ")
          .append(quoted("slipway-held-out"))
          .append("\n    metrics:\n");
      metric(out, "bits-per-byte", "Bits per byte", metrics.bitsPerByte());
      metric(out, "perplexity", "Perplexity per token", metrics.perplexity());
      metric(out, "accuracy", "Next-token accuracy", metrics.accuracy());
    }
    out.append("---\n");
  }

  private static void metric(StringBuilder out, String type, String name, Interval value) {
    out.append("    - type: ").append(type).append("\n      name: ").append(name);
    out.append("\n      value: ").append(number(value.estimate())).append('\n');
  }

  private static void figures(StringBuilder out, Evaluation evaluation) {
    LanguageModelMetrics metrics = evaluation.metrics();
    out.append("\n## Figures\n\nOn ")
        .append(line(evaluation.heldOut()))
        .append(
            String.format(
                Locale.ROOT,
                " (%,d documents, %,d tokens, %,d bytes). Intervals of 95 %% by the bootstrap over"
                    + " documents.\n\n",
                metrics.documents(),
                metrics.tokens(),
                metrics.bytes()))
        .append("| figure | value | 95 % interval |\n|---|---:|---:|\n")
        .append(row("bits per byte", metrics.bitsPerByte()))
        .append(row("perplexity per token", metrics.perplexity()))
        .append(row("next-token accuracy", metrics.accuracy()))
        .append("\nBeside it, on the same text:\n\n")
        .append("| yardstick | bits per byte | 95 % interval | saw | source |\n")
        .append("|---|---:|---:|---|---|\n");
    for (Yardstick yardstick : evaluation.yardsticks()) {
      out.append(
          row(
              yardstick.name(),
              number(yardstick.bitsPerByte()),
              between(yardstick.interval()),
              yardstick.saw(),
              yardstick.source()));
    }
    Double forecast = evaluation.forecastBitsPerByte();
    if (forecast != null) {
      out.append(row("the forecast before the run", number(forecast), "–", "–", "Slipway"));
    }
  }

  private void use(StringBuilder out) {
    String shown = prompt.replaceAll("\\s+", " ").strip();
    out.append("\n## How to use it\n\nWith transformers, in the folder of this file:\n\n")
        .append(
            fenced(
                "python",
                """
                from transformers import AutoModelForCausalLM, AutoTokenizer

                tokenizer = AutoTokenizer.from_pretrained(".")
                model = AutoModelForCausalLM.from_pretrained(".")
                inputs = tokenizer(%s, return_tensors="pt")
                output = model.generate(**inputs, max_new_tokens=64)
                print(tokenizer.decode(output[0], skip_special_tokens=True))
                """
                    .formatted(quoted(shown))))
        .append("\nWith Slipway:\n\n")
        .append(
            fenced(
                "sh",
                "slipway generate . --prompt "
                    + shell(shown)
                    + " --max-tokens 64\nslipway serve .\n"));
  }
}
