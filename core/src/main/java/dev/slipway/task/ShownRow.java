package dev.slipway.task;

import dev.slipway.tokenizer.TokenBatch;
import dev.slipway.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * A row of a batch as people read it.
 *
 * @param tokens in their order, without what only fills the row up
 */
public record ShownRow(List<ShownToken> tokens) {
  /**
   * A token of it.
   *
   * @param learnt whether it is to be predicted
   */
  public record ShownToken(String text, int id, boolean learnt) {}

  public ShownRow {
    tokens = List.copyOf(tokens);
  }

  /**
   * The rows of a batch.
   *
   * @param lengths tokens of each row before what fills it up
   */
  public static List<ShownRow> of(TokenBatch batch, int[] lengths, Tokenizer tokenizer) {
    List<ShownRow> rows = new ArrayList<>();
    for (int row = 0; row < batch.rows(); row++) {
      List<ShownToken> tokens = new ArrayList<>();
      for (int column = 0; column < lengths[row]; column++) {
        int at = row * batch.columns() + column;
        int id = batch.tokens()[at];
        // A target stands at the token before it.
        boolean learnt = column > 0 && batch.targets()[at - 1] != TokenBatch.IGNORED;
        tokens.add(new ShownToken(text(tokenizer, id), id, learnt));
      }
      rows.add(new ShownRow(tokens));
    }
    return rows;
  }

  /** A row that is one sequence. */
  public static ShownRow of(int[] ids, boolean[] learnt, Tokenizer tokenizer) {
    List<ShownToken> tokens = new ArrayList<>();
    for (int i = 0; i < ids.length; i++) {
      tokens.add(new ShownToken(text(tokenizer, ids[i]), ids[i], learnt[i]));
    }
    return new ShownRow(tokens);
  }

  /** Special tokens by their names, parts of characters as the vocabulary spells them. */
  private static String text(Tokenizer tokenizer, int id) {
    if (tokenizer.specialIds().contains(id)) {
      return tokenizer.token(id);
    }
    String text = tokenizer.decode(new int[] {id}, false);
    return text.indexOf('\uFFFD') < 0 ? text : tokenizer.token(id);
  }
}
