package dev.slipway.recipe.tuning;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.conversation.SequenceShard;
import dev.slipway.tokenizer.Tokenizer;
import java.util.function.IntFunction;

/**
 * Refuses sequences with two tokens in a row that begin a text: a template and the data, or a
 * template and what the tokenizer puts before a text, may both have put one there, and a model that
 * learns so answers worse to everybody who doesn't.
 *
 * @param bosId begins a text, or -1
 * @param atStart whether only the first two tokens count
 */
record DoubledStart(int bosId, boolean atStart, Tokenizer tokenizer) {
  /**
   * Looks at the first batch, which people have been shown, and then at all the rest.
   *
   * @param rows the sequences of each row of the first batch
   * @param name of a sequence's record
   * @throws SlipwayException {@code data.doubled-bos}
   */
  void check(SequenceShard shard, int[][] rows, IntFunction<String> name) {
    if (bosId < 0) {
      return;
    }
    for (int row = 0; row < rows.length; row++) {
      for (int sequence : rows[row]) {
        check(shard, sequence, "row " + (row + 1) + " of the first batch, ", name);
      }
    }
    for (int sequence = 0; sequence < shard.sequences(); sequence++) {
      check(shard, sequence, "", name);
    }
  }

  private void check(SequenceShard shard, int sequence, String where, IntFunction<String> name) {
    int[] ids = shard.sequence(sequence).ids();
    for (int i = 1; i < (atStart ? Math.min(2, ids.length) : ids.length); i++) {
      if (ids[i] == bosId && ids[i - 1] == bosId) {
        throw new SlipwayException(
            Exit.INPUT,
            "data.doubled-bos",
            "%s%s, begins twice: its tokens %d and %d are both %s, expected one"
                .formatted(where, name.apply(sequence), i, i + 1, tokenizer.token(bosId)),
            "take the token out of the data or out of the chat template, which both put it there");
      }
    }
  }
}
