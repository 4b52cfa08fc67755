package dev.slipway.infer.evaluate;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a generated answer is the expected one, as the metric {@code exact_match} of
 * lm-evaluation-harness and of Hugging Face's evaluate has it: regular expressions, capitals,
 * punctuation and digits are dealt with on both sides, in this order.
 */
final class ExactMatch {
  private static final String NO_MATCH = "[invalid]";

  private final EvalTask.Match rule;
  private final List<Pattern> ignored;

  ExactMatch(EvalTask.Match rule) {
    this.rule = rule;
    ignored = rule.regexesToIgnore().stream().map(PythonRegex::compile).toList();
  }

  /** What of the generated text is the answer. */
  String extracted(String generated) {
    if (rule.extract().isEmpty()) {
      return rule.strip() ? Spaces.strip(generated) : generated;
    }
    Matcher matcher = PythonRegex.compile(rule.extract().get()).matcher(generated);
    String found = null;
    while ((found == null || rule.takeLast()) && matcher.find()) {
      found = answer(matcher);
    }
    return found == null ? NO_MATCH : found;
  }

  /** The whole match where there are no groups, the one group, or the first that has something. */
  private static String answer(Matcher matcher) {
    if (matcher.groupCount() < 2) {
      return Spaces.strip(Objects.requireNonNullElse(matcher.group(matcher.groupCount()), ""));
    }
    for (int group = 1; group <= matcher.groupCount(); group++) {
      String found = matcher.group(group);
      if (found != null && !found.isEmpty()) {
        return Spaces.strip(found);
      }
    }
    return NO_MATCH;
  }

  boolean matches(String answer, List<String> expected) {
    String normal = normal(answer);
    return expected.stream().anyMatch(each -> normal(each).equals(normal));
  }

  private String normal(String text) {
    String normal = text;
    for (Pattern pattern : ignored) {
      normal = pattern.matcher(normal).replaceAll("");
    }
    if (rule.ignoreCase()) {
      normal = normal.toLowerCase(Locale.ROOT);
    }
    if (rule.ignorePunctuation()) {
      normal = normal.replaceAll("[!-/:-@\\[-`{-~]", "");
    }
    if (rule.ignoreNumbers()) {
      normal = normal.replaceAll("[0-9]", "");
    }
    return normal;
  }
}
