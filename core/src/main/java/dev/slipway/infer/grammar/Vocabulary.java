package dev.slipway.infer.grammar;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a tokenizer's tokens as a tree in depth-first order, so that all tokens that begin
 * alike are walked, or left out, together. Special tokens are not in it: no answer spells them.
 */
public final class Vocabulary {
  private static final int LONGEST = 512;

  /** Ways on that are looked at for one mask: a second or two of work where all of them are new. */
  private static final long MOST_WAYS = 10_000_000;

  private final byte[] @Nullable [] bytes;

  // Of node n: the byte that leads to it, how deep it lies, where its part of the tree ends, and
  // where in ids the tokens begin that end at it.
  private final byte[] value;
  private final short[] depth;
  private final int[] end;
  private final int[] firstId;
  private final int[] ids;

  private Vocabulary(byte[] @Nullable [] bytes) {
    this.bytes = bytes;
    Integer[] order = new Integer[bytes.length];
    int count = 0;
    int nodes = 0;
    for (int id = 0; id < bytes.length; id++) {
      if (bytes[id] != null) {
        order[count++] = id;
      }
    }
    Arrays.sort(order, 0, count, (a, b) -> Arrays.compareUnsigned(bytes[a], bytes[b]));
    byte[] before = {};
    for (int i = 0; i < count; i++) {
      byte[] token = bytes[order[i]];
      nodes += token.length - shared(before, token);
      before = token;
    }
    value = new byte[nodes];
    depth = new short[nodes];
    end = new int[nodes];
    firstId = new int[nodes + 1];
    ids = new int[count];
    int[] path = new int[LONGEST];
    int node = 0;
    before = new byte[0];
    for (int i = 0; i < count; i++) {
      byte[] token = bytes[order[i]];
      int same = shared(before, token);
      for (int d = same; d < before.length; d++) {
        end[path[d]] = node;
      }
      for (int d = same; d < token.length; d++) {
        value[node] = token[d];
        depth[node] = (short) d;
        path[d] = node++;
      }
      ids[i] = order[i];
      firstId[path[token.length - 1] + 1]++;
      before = token;
    }
    for (int d = 0; d < before.length; d++) {
      end[path[d]] = node;
    }
    for (int n = 0; n < nodes; n++) {
      firstId[n + 1] += firstId[n];
    }
  }

  private static int shared(byte[] a, byte[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? a.length : mismatch;
  }

  /**
   * The vocabulary of a tokenizer.
   *
   * @throws SlipwayException {@code constraint.vocabulary} where its tokens do not stand for bytes
   *     alone, as WordPiece's
   */
  public static Vocabulary of(Tokenizer tokenizer) {
    byte[] @Nullable [] bytes = new byte[tokenizer.vocabularySize()][];
    boolean any = false;
    for (int id = 0; id < bytes.length; id++) {
      byte @Nullable [] token = tokenizer.bytes(id);
      if (token != null && token.length > 0 && token.length <= LONGEST) {
        bytes[id] = token;
        any = true;
      }
    }
    if (!any) {
      throw new SlipwayException(
          Exit.USAGE,
          "constraint.vocabulary",
          "the model's tokens do not stand for bytes, expected a byte-level or byte-fallback tokenizer",
          "ask without a response format");
    }
    return new Vocabulary(bytes);
  }

  /** One above the highest id. */
  int size() {
    return bytes.length;
  }

  /** Where a token leads; null where it may not come. */
  @Nullable Configuration after(Configuration from, int id) {
    byte[] token = id < bytes.length ? bytes[id] : null;
    if (token == null) {
      return null;
    }
    Configuration at = from;
    for (byte b : token) {
      at = at.next(b & 0xFF);
      if (at == null) {
        return null;
      }
    }
    return at;
  }

  /**
   * The ids that may come, one bit each.
   *
   * @throws SlipwayException {@code constraint.too-large}
   */
  long[] mask(Configuration from) {
    long[] mask = new long[(bytes.length + 63) / 64];
    Configuration[] path = new Configuration[LONGEST + 1];
    path[0] = from;
    // Counted whether or not they are known from other masks, so that none depends on others.
    long ways = 0;
    IdentityHashMap<Configuration, boolean[]> met = new IdentityHashMap<>();
    @Nullable Configuration before = null;
    boolean[] tried = new boolean[0];
    int node = 0;
    while (node < value.length) {
      int d = depth[node];
      int next = value[node] & 0xFF;
      Configuration here = path[d];
      if (here != before) {
        before = here;
        tried = met.computeIfAbsent(here, _ -> new boolean[256]);
      }
      if (!tried[next]) {
        tried[next] = true;
        ways += here.ways();
        if (ways > MOST_WAYS) {
          throw Refusal.tooLarge("what a schema leaves open for one token", MOST_WAYS, "ways on");
        }
      }
      Configuration at = here.next(next);
      if (at == null) {
        node = end[node];
        continue;
      }
      path[d + 1] = at;
      for (int i = firstId[node]; i < firstId[node + 1]; i++) {
        mask[ids[i] >> 6] |= 1L << (ids[i] & 63);
      }
      node++;
    }
    return mask;
  }
}
