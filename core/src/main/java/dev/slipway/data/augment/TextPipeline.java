package dev.slipway.data.augment;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.text.JsonlExamples;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Changes training texts: a pure function of text, id and draw. Words are what stands between white
 * space, which becomes one space. Safe for several threads at once.
 */
public final class TextPipeline {
  private interface Step {
    String apply(String text, String id, SplittableRandom random);
  }

  private final List<Step> steps;

  private TextPipeline(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /**
   * Reads the files that the steps need.
   *
   * @throws SlipwayException if one can't be read
   */
  public static TextPipeline of(List<TextStep> configs) {
    List<Step> steps = new ArrayList<>();
    for (TextStep config : configs) {
      steps.add(
          switch (config) {
            case TextStep.WordDrop(double probability) ->
                (text, id, random) -> dropped(text, probability, random);
            case TextStep.WordSwap(double probability) ->
                (text, id, random) -> swapped(text, probability, random);
            case TextStep.Synonyms(Path file, double probability) -> {
              Map<String, List<String>> synonyms = synonyms(file);
              yield (text, id, random) -> replaced(text, synonyms, probability, random);
            }
            case TextStep.Paraphrases(Path file, double probability) -> {
              Map<String, List<String>> paraphrases = paraphrases(file);
              yield (text, id, random) -> {
                List<String> own = paraphrases.getOrDefault(id, List.of());
                return own.isEmpty() || random.nextDouble() >= probability
                    ? text
                    : own.get(random.nextInt(own.size()));
              };
            }
          });
    }
    return new TextPipeline(steps);
  }

  /**
   * The text as it is learnt from in this epoch.
   *
   * @param id of the example, by which paraphrases are found
   */
  public String apply(String text, String id, Draw draw) {
    String changed = text;
    for (int i = 0; i < steps.size(); i++) {
      changed = steps.get(i).apply(changed, id, draw.random(i));
    }
    return changed;
  }

  private static String[] words(String text) {
    String stripped = text.strip();
    return stripped.isEmpty() ? new String[0] : stripped.split("\\s+");
  }

  private static String dropped(String text, double probability, SplittableRandom random) {
    String[] words = words(text);
    if (words.length == 0) {
      return text;
    }
    List<String> kept = new ArrayList<>();
    for (String word : words) {
      if (random.nextDouble() >= probability) {
        kept.add(word);
      }
    }
    return kept.isEmpty() ? words[random.nextInt(words.length)] : String.join(" ", kept);
  }

  private static String swapped(String text, double probability, SplittableRandom random) {
    String[] words = words(text);
    for (int i = 0; i + 1 < words.length; i++) {
      if (random.nextDouble() < probability) {
        String word = words[i];
        words[i] = words[i + 1];
        words[i + 1] = word;
      }
    }
    return String.join(" ", words);
  }

  private static String replaced(
      String text,
      Map<String, List<String>> synonyms,
      double probability,
      SplittableRandom random) {
    String[] words = words(text);
    for (int i = 0; i < words.length; i++) {
      String word = words[i];
      int from = 0;
      int to = word.length();
      while (from < to && !Character.isLetterOrDigit(word.charAt(from))) {
        from++;
      }
      while (to > from && !Character.isLetterOrDigit(word.charAt(to - 1))) {
        to--;
      }
      List<String> others =
          synonyms.getOrDefault(word.substring(from, to).toLowerCase(Locale.ROOT), List.of());
      if (!others.isEmpty() && random.nextDouble() < probability) {
        // Punctuation beside a word stays.
        words[i] =
            word.substring(0, from)
                + others.get(random.nextInt(others.size()))
                + word.substring(to);
      }
    }
    return String.join(" ", words);
  }

  private static Map<String, List<String>> synonyms(Path file) {
    Map<String, List<String>> synonyms = new LinkedHashMap<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.text-failed",
          "reading " + file + " failed: " + e,
          "check that it is there and that you may read it",
          e);
    }
    for (String line : lines) {
      List<String> words =
          Arrays.stream(line.split(","))
              .map(String::strip)
              .filter(w -> !w.isEmpty())
              .distinct()
              .toList();
      for (String word : words) {
        List<String> others = words.stream().filter(w -> !w.equals(word)).toList();
        if (!others.isEmpty()) {
          synonyms
              .computeIfAbsent(word.toLowerCase(Locale.ROOT), w -> new ArrayList<>())
              .addAll(others);
        }
      }
    }
    return synonyms;
  }

  private static Map<String, List<String>> paraphrases(Path file) {
    Map<String, List<String>> paraphrases = new LinkedHashMap<>();
    try (JsonlExamples lines = JsonlExamples.open(file, Optional.empty())) {
      List<String> fields = lines.fields().stream().map(Field::name).toList();
      for (int i = 0; i < lines.size(); i++) {
        if (fields.contains("id")
            && fields.contains("text")
            && lines.value(i, "id") instanceof Value.Text(String id)
            && lines.value(i, "text") instanceof Value.Text(String text)) {
          paraphrases.computeIfAbsent(id, key -> new ArrayList<>()).add(text);
        } else {
          throw new SlipwayException(
              Exit.INPUT,
              "data.paraphrases-malformed",
              lines.id(i) + " of " + file + " has not the texts id and text, it has " + fields,
              "write {\"id\": …, \"text\": …} a line");
        }
      }
    }
    return paraphrases;
  }
}
