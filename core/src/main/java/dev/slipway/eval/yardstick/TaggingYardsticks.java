package dev.slipway.eval.yardstick;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tags without a look at the neighbours. The tag that a word has most often is a strong baseline of
 * tagging by parts of speech (Charniak et al. 1993, "Equations for Part-of-Speech Tagging").
 */
public final class TaggingYardsticks {
  private TaggingYardsticks() {}

  /**
   * The most frequent tag for all tokens, and the most frequent tag of each token, which for tokens
   * that training did not have is that of all.
   *
   * @param tokens of each training example
   * @param tags of each token, as many, from 0 to {@code count − 1}
   * @param test tokens of each test example
   * @return outputs {@code [test example][token]}: the tag
   */
  public static TaskYardsticks.Result tags(
      List<List<String>> tokens, int[][] tags, int count, List<List<String>> test) {
    long start = System.nanoTime();
    int[] all = new int[count];
    Map<String, int[]> byToken = new HashMap<>();
    for (int i = 0; i < tags.length; i++) {
      List<String> words = tokens.get(i);
      for (int t = 0; t < tags[i].length; t++) {
        all[tags[i][t]]++;
        byToken.computeIfAbsent(words.get(t), _ -> new int[count])[tags[i][t]]++;
      }
    }
    int usual = largest(all);
    double[][] constant = new double[test.size()][];
    double[][] outputs = new double[test.size()][];
    for (int i = 0; i < outputs.length; i++) {
      List<String> words = test.get(i);
      constant[i] = new double[words.size()];
      Arrays.fill(constant[i], usual);
      outputs[i] = new double[words.size()];
      for (int t = 0; t < outputs[i].length; t++) {
        int[] known = byToken.get(words.get(t));
        outputs[i][t] = known == null ? usual : largest(known);
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    String saw = "all " + tags.length + " training examples";
    return new TaskYardsticks.Result(
        List.of(
            new Predictions("most frequent tag", constant, seconds, saw, "counted"),
            new Predictions(
                "most frequent tag of each token",
                outputs,
                seconds,
                saw,
                "Charniak et al. 1993, Equations for Part-of-Speech Tagging")),
        List.of());
  }

  private static int largest(int[] counts) {
    int best = 0;
    for (int i = 1; i < counts.length; i++) {
      best = counts[i] > counts[best] ? i : best;
    }
    return best;
  }
}
