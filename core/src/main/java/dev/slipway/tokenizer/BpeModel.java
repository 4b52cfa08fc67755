package dev.slipway.tokenizer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All that a byte-level BPE's {@code tokenizer.json} says.
 *
 * @param tokens by id, as the file spells them; those from {@code learned} on are in its list of
 *     added tokens only
 * @param learned how many of the tokens are in the model's own vocabulary
 * @param merges in the order in which they apply
 * @param added tokens that are cut out of a text before anything else
 * @param before ids that are put before a text
 * @param after ids that are put after a text
 */
record BpeModel(
    List<String> tokens,
    int learned,
    List<Merge> merges,
    List<AddedToken> added,
    List<Integer> before,
    List<Integer> after) {

  /** Two neighbouring tokens that become one. */
  record Merge(String left, String right) {}

  /**
   * A token that a text holds as it is.
   *
   * @param special whether decoding can leave it out
   */
  record AddedToken(int id, String content, boolean special) {}

  BpeModel {
    tokens = List.copyOf(tokens);
    merges = List.copyOf(merges);
    added = List.copyOf(added);
    before = List.copyOf(before);
    after = List.copyOf(after);
  }

  /** A model as training makes it: special tokens are added tokens, the first begins every text. */
  static BpeModel trained(List<String> tokens, List<Merge> merges, List<String> specialTokens) {
    List<AddedToken> added = new ArrayList<>();
    for (String special : specialTokens) {
      added.add(new AddedToken(tokens.indexOf(special), special, true));
    }
    List<Integer> before = added.isEmpty() ? List.of() : List.of(added.getFirst().id());
    return new BpeModel(tokens, tokens.size(), merges, added, before, List.of());
  }

  /** Whether every byte is a token, so that every text has ids. */
  boolean coversAllBytes() {
    Set<String> learnedTokens = new HashSet<>(tokens.subList(0, learned));
    for (int b = 0; b < 256; b++) {
      if (!learnedTokens.contains(ByteAlphabet.spell(b))) {
        return false;
      }
    }
    return true;
  }
}
