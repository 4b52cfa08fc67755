package dev.slipway.model.encoder;

import dev.slipway.model.Network;
import dev.slipway.nn.ProjectionSlot;
import java.util.SequencedMap;

/**
 * An encoder of any family with a head. It reads {@link #IDS} (B, T) int64 with lengths where rows
 * are padded on the right, and {@link #TYPES} (B, T) where tokens have types; a lone input of any
 * name is taken for the ids. Parameters have the names that they have in checkpoints. Not for
 * several threads.
 */
public interface TextEncoder extends Network {
  /** Input: token ids. */
  String IDS = "input_ids";

  /** Input: token types, such as first and second text of a pair; all 0 where it is missing. */
  String TYPES = "token_type_ids";

  /** Output of the pooler, (B, C), beside hidden states. */
  String POOLED = "pooler_output";

  /** Embeddings and blocks, without the head. */
  Encoder encoder();

  Head head();

  /**
   * The places where projections stand, by the names that the checkpoint gives their modules, in
   * the order of the network. Replacing what stands in one changes the network from outside.
   */
  SequencedMap<String, ProjectionSlot> projections();

  /** {@code model_type} in config.json. */
  String modelType();

  /** {@code architectures} in config.json. */
  String architecture();
}
