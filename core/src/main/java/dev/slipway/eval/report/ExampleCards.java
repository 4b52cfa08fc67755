package dev.slipway.eval.report;

import static dev.slipway.eval.report.Markup.html;

import dev.slipway.eval.report.ReportData.Fact;
import dev.slipway.eval.report.TaskSection.AugmentedExample;
import dev.slipway.eval.report.TaskSection.Input;
import dev.slipway.eval.report.TaskSection.Shown;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Examples with what was predicted for them, pictures within the page. */
final class ExampleCards {
  private static final int TEXT_SHOWN = 420;
  private static final int TEXT_KEPT = 8_000;
  private static final int COLUMNS_SHOWN = 24;

  private ExampleCards() {}

  static Markup examples(TaskSection.Examples section) {
    boolean pictures =
        section.examples().stream().allMatch(shown -> shown.input() instanceof Input.Image);
    List<Markup> cards = new ArrayList<>();
    for (Shown shown : section.examples()) {
      cards.add(card(shown));
    }
    return html("<div class=\"cards examples{}\">{}</div>", pictures ? " small" : "", cards);
  }

  private static Markup card(Shown shown) {
    Boolean right = shown.right();
    String grade = right == null ? "" : right ? "good" : "poor";
    return html(
        """
        <figure class="card example">{}<figcaption><span class="{}">{}{}</span>{}<small>{}</small></figcaption></figure>
        """,
        input(shown.input(), shown.name()),
        grade,
        right == null ? "" : right ? "✓ " : "✗ ",
        shown.predicted(),
        shown.truth().isEmpty() ? Markup.NONE : html("<span>truly {}</span>", shown.truth()),
        shown.note().isEmpty() ? shown.name() : shown.name() + " · " + shown.note());
  }

  static Markup augmented(TaskSection.Augmented section) {
    List<Markup> rows = new ArrayList<>();
    for (AugmentedExample example : section.examples()) {
      List<Markup> cells = new ArrayList<>();
      boolean words = example.original() instanceof Input.Text;
      cells.add(
          html(
              "<div class=\"original\">{}</div>",
              example.original() instanceof Input.Text(String text)
                  ? WordChanges.markup(text, text)
                  : input(example.original(), "as it is")));
      for (Input variant : example.variants()) {
        cells.add(html("<div>{}</div>", input(variant, "augmented")));
      }
      rows.add(html("<div class=\"augmented{}\">{}</div>", words ? " words" : "", cells));
    }
    return html(
        "<div class=\"card\">{}{}</div>",
        section.steps().isEmpty()
            ? Markup.NONE
            : html("<p class=\"note first\">{}.</p>", String.join(", then ", section.steps())),
        rows);
  }

  private static Markup input(Input input, String name) {
    return switch (input) {
      case Input.Image(byte[] bytes) ->
          html(
              "<img alt=\"{}\" src=\"data:{};base64,{}\">",
              name,
              mediaType(bytes),
              Base64.getEncoder().encodeToString(bytes));
      case Input.Text(String text) -> text(text);
      case Input.Changed(String before, String after) -> WordChanges.markup(before, after);
      case Input.Row(List<Fact> columns) -> {
        List<Markup> facts = new ArrayList<>();
        for (Fact fact : columns.subList(0, Math.min(COLUMNS_SHOWN, columns.size()))) {
          facts.add(html("<dt>{}</dt><dd>{}</dd>", fact.name(), fact.value()));
        }
        yield html("<dl class=\"columns\">{}</dl>", facts);
      }
    };
  }

  private static Markup text(String text) {
    if (text.length() <= TEXT_SHOWN) {
      return html("<pre>{}</pre>", text);
    }
    String kept = text.substring(0, Math.min(TEXT_KEPT, text.length()));
    return html(
        "<details><summary><pre>{}…</pre></summary><pre>{}{}</pre></details>",
        text.substring(0, TEXT_SHOWN),
        kept.substring(TEXT_SHOWN),
        text.length() > kept.length()
            ? " … " + Figures.count(text.length() - kept.length()) + " characters more"
            : "");
  }

  /** By the first bytes: what isn't one of the four is shown as a broken picture. */
  private static String mediaType(byte[] bytes) {
    if (bytes.length < 12) {
      return "image/png";
    }
    return switch (bytes[0]) {
      case (byte) 0xFF -> "image/jpeg";
      case 'G' -> "image/gif";
      case 'R' -> "image/webp";
      default -> "image/png";
    };
  }
}
