package dev.slipway.infer.evaluate;

import java.util.List;
import java.util.Locale;
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
    ignored = rule.regexesToIgnore().stream().map(ExactMatch::pattern).toList();
  }

  private static Pattern pattern(String regex) {
    return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
  }

  /** What of the generated text is the answer. */
  String extracted(String generated) {
    if (rule.extract().isEmpty()) {
      return rule.strip() ? Spaces.strip(generated) : generated;
    }
    Matcher matcher = pattern(rule.extract().get()).matcher(generated);
    if (!matcher.find()) {
      return NO_MATCH;
    }
    for (int group = 1; group <= matcher.groupCount(); group++) {
      String found = matcher.group(group);
      if (found != null && !found.isEmpty()) {
        return Spaces.strip(found);
      }
    }
    return matcher.groupCount() > 0 ? NO_MATCH : Spaces.strip(matcher.group());
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
