package dev.slipway.eval.metric.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * BLEU: 100 · BP · exp(¼ Σ ln pₙ) with n-gram precisions pₙ of the whole corpus up to 4 and the
 * brevity penalty BP = exp(1 − r/c) where the output (c) is shorter than the reference (r).
 * Papineni et al. 2002. As sacrebleu 2.6.0 (Post 2018, "A Call for Clarity in Reporting BLEU
 * Scores"): 13a tokenization, case kept, exponential smoothing of precisions that are 0, no
 * effective order.
 */
public final class Bleu {
  private static final int ORDERS = 4;

  /**
   * Numbers of one segment: lengths of hypothesis and reference, then matches and totals by order.
   */
  public static final int NUMBERS = 2 + 2 * ORDERS;

  private static final Pattern SYMBOLS = Pattern.compile("([{-~\\[-` -&(-+:-@/])");
  private static final Pattern AFTER_NO_DIGIT = Pattern.compile("([^0-9])([.,])");
  private static final Pattern BEFORE_NO_DIGIT = Pattern.compile("([.,])([^0-9])");
  private static final Pattern DASH = Pattern.compile("([0-9])(-)");

  private Bleu() {}

  /** What sacrebleu would print beside the same number. */
  public static String signature(List<List<String>> references) {
    long least = references.stream().mapToInt(List::size).min().orElse(1);
    long most = references.stream().mapToInt(List::size).max().orElse(1);
    return "nrefs:"
        + (least == most ? Long.toString(least) : "var")
        + "|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0";
  }

  /** The tokens of mteval-v13a, as WMT counts them. */
  public static List<String> tokenize(String segment) {
    String line =
        Spaces.stripEnd(segment).replace("<skipped>", "").replace("-\n", "").replace('\n', ' ');
    if (line.indexOf('&') >= 0) {
      line =
          line.replace("&quot;", "\"")
              .replace("&amp;", "&")
              .replace("&lt;", "<")
              .replace("&gt;", ">");
    }
    line = SYMBOLS.matcher(" " + line + " ").replaceAll(" $1 ");
    line = AFTER_NO_DIGIT.matcher(line).replaceAll("$1 $2 ");
    line = BEFORE_NO_DIGIT.matcher(line).replaceAll(" $1 $2");
    line = DASH.matcher(line).replaceAll("$1 $2 ");
    return Spaces.words(line);
  }

  /** The {@link #NUMBERS} of a segment; they add up over a corpus. */
  public static long[] numbers(String hypothesis, List<String> references) {
    List<String> told = tokenize(hypothesis);
    List<List<String>> truths = references.stream().map(Bleu::tokenize).toList();
    long[] numbers = new long[NUMBERS];
    numbers[0] = told.size();
    numbers[1] = closestLength(told.size(), truths);
    List<Map<List<String>, Integer>> counts = Counts.ofWords(told, ORDERS);
    List<List<Map<List<String>, Integer>>> given =
        truths.stream().map(words -> Counts.ofWords(words, ORDERS)).toList();
    for (int n = 0; n < ORDERS; n++) {
      // Of several references each n-gram counts as often as in the one that has most of it.
      Map<List<String>, Integer> most = new HashMap<>();
      for (List<Map<List<String>, Integer>> reference : given) {
        reference.get(n).forEach((gram, count) -> most.merge(gram, count, Math::max));
      }
      numbers[2 + n] = Counts.matches(counts.get(n), most);
      numbers[2 + ORDERS + n] = Math.max(0, told.size() - n);
    }
    return numbers;
  }

  private static long closestLength(int length, List<List<String>> references) {
    long closest = -1;
    for (List<String> reference : references) {
      long distance = Math.abs(length - reference.size());
      long best = Math.abs(length - closest);
      if (closest < 0 || distance < best || (distance == best && reference.size() < closest)) {
        closest = reference.size();
      }
    }
    return Math.max(0, closest);
  }

  /** The score from 0 to 100 of summed {@link #numbers}. */
  public static double score(long[] numbers) {
    long length = numbers[0];
    long reference = numbers[1];
    double brevity =
        length >= reference ? 1 : length == 0 ? 0 : Math.exp(1 - (double) reference / length);
    boolean any = false;
    double logs = 0;
    double smooth = 1;
    for (int n = 0; n < ORDERS; n++) {
      long matches = numbers[2 + n];
      long total = numbers[2 + ORDERS + n];
      if (total == 0) {
        return 0;
      }
      any |= matches > 0;
      if (matches == 0) {
        smooth *= 2;
      }
      logs += Math.log(matches == 0 ? 100 / (smooth * total) : 100.0 * matches / total);
    }
    return any ? brevity * Math.exp(logs / ORDERS) : 0;
  }
}
