package dev.slipway.data.conversation;

import dev.slipway.data.Ledger;
import java.util.List;

/**
 * What a record became.
 *
 * @param id of the record
 * @param sequences none where it was dropped, one of a conversation or a rated answer, two of a
 *     pair: chosen and rejected
 * @param fate for the ledger
 */
record Encoded(String id, List<Sequence> sequences, Ledger.Fate fate) {
  Encoded {
    sequences = List.copyOf(sequences);
  }
}
