package dev.slipway.infer.batch;

import java.util.Arrays;
import java.util.List;

/**
 * Guesses that what followed the last few tokens when they came before follows again (Saxena 2023,
 * "Prompt lookup decoding"): it costs nothing, and pays where answers repeat their prompts.
 *
 * @param least shortest run of tokens that is looked for
 * @param most longest, which is looked for first
 * @param tokens most tokens guessed
 */
public record PromptLookup(int least, int most, int tokens) implements Drafting {
  public PromptLookup {
    if (least < 1 || most < least || tokens < 1) {
      throw new IllegalArgumentException(
          "runs of " + least + " to " + most + " tokens and " + tokens + " guesses can't be");
    }
  }

  @Override
  public List<int[]> draft(List<Beginning> beginnings) {
    return beginnings.stream()
        .map(each -> draft(each.tokens(), each.length(), each.most()))
        .toList();
  }

  int[] draft(int[] known, int length, int limit) {
    for (int run = Math.min(most, length - 1); run >= least; run--) {
      for (int at = length - run - 1; at >= 0; at--) {
        if (Arrays.equals(known, at, at + run, known, length - run, length)) {
          int from = at + run;
          return Arrays.copyOfRange(known, from, Math.min(length, from + Math.min(tokens, limit)));
        }
      }
    }
    return new int[0];
  }
}
