package dev.slipway.infer.batch;

import dev.slipway.infer.OngoingGeneration;
import java.util.Arrays;

/** One generation in the batcher: its tokens, and how far they are computed. */
final class Sequence {
  final OngoingGeneration continuation;
  final BatchListener listener;
  final int prompt;

  /** Whose matrices are added; "" for none. */
  final String adapter;

  /** Its place among all that were ever begun. */
  final long order;

  /** Prompt and answer. */
  int[] tokens;

  /** How many tokens there are. */
  int known;

  /** Positions whose keys and values are in the blocks. */
  int computed;

  int[] blocks = new int[8];
  int blockCount;

  /** Blocks that others may find, and the number of the last of them. */
  int sharedBlocks;

  long lastShared;

  /** The network knew the whole prompt once, and the answer began. */
  boolean begun;

  /** Positions of the prompt that were found computed when it was first looked up; -1 before. */
  int found = -1;

  /** Positions of the prompt whose logits were told. */
  int promptTold;

  Sequence(OngoingGeneration continuation, BatchListener listener, String adapter, long order) {
    this.adapter = adapter;
    this.order = order;
    this.continuation = continuation;
    this.listener = listener;
    int[] ids = continuation.prompt();
    prompt = ids.length;
    tokens = Arrays.copyOf(ids, ids.length + Math.min(64, Math.max(1, continuation.room())));
    known = prompt;
  }

  void append(int id) {
    if (known == tokens.length) {
      tokens = Arrays.copyOf(tokens, 2 * known);
    }
    tokens[known++] = id;
  }

  void addBlock(int block) {
    if (blockCount == blocks.length) {
      blocks = Arrays.copyOf(blocks, 2 * blockCount);
    }
    blocks[blockCount++] = block;
  }

  /** Only the token that came last is not computed yet. */
  boolean answers() {
    return begun && known - computed == 1;
  }

  int[] tokensOfBlock(int index) {
    return Arrays.copyOfRange(tokens, index * BatchNetwork.BLOCK, (index + 1) * BatchNetwork.BLOCK);
  }
}
