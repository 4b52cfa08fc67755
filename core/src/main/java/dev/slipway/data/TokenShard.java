package dev.slipway.data;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The tokens of one split, mapped from the disk: the documents one after another, each begun by the
 * start token. Any thread may read. Positions count tokens of the split from 0.
 */
public final class TokenShard {
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final SplitName split;
  private final int startId;
  private final int endId;
  private final int tokenBytes;
  private final MemorySegment tokens;
  private final MemorySegment index;
  private final MemorySegment ids;
  private final int documents;

  TokenShard(
      SplitName split,
      int startId,
      int endId,
      int tokenBytes,
      MemorySegment tokens,
      MemorySegment index,
      MemorySegment ids) {
    this.split = split;
    this.startId = startId;
    this.endId = endId;
    this.tokenBytes = tokenBytes;
    this.tokens = tokens;
    this.index = index;
    this.ids = ids;
    this.documents = Math.toIntExact(index.byteSize() / ENTRY - 1);
  }

  /** Bytes of one entry of the index: token offset, text offset, id offset. */
  static final int ENTRY = 3 * Long.BYTES;

  public SplitName split() {
    return split;
  }

  /** The token that is to be predicted at each document's end. */
  public int endId() {
    return endId;
  }

  /** The token that begins each document. */
  public int startId() {
    return startId;
  }

  public int documents() {
    return documents;
  }

  /** Number of tokens, start tokens included. */
  public long tokens() {
    return offset(documents);
  }

  /** Bytes of the documents' texts in UTF-8: what bits per byte are divided by. */
  public long textBytes() {
    return index.get(LONG, (long) documents * ENTRY + Long.BYTES);
  }

  /** Position of a document's start token; for the number of documents, the end. */
  public long offset(int document) {
    return index.get(LONG, (long) document * ENTRY);
  }

  /** Number of a document's tokens, its start token included. */
  public int count(int document) {
    return Math.toIntExact(offset(document + 1) - offset(document));
  }

  /** Bytes of a document's text in UTF-8. */
  public long textBytes(int document) {
    long at = (long) document * ENTRY + Long.BYTES;
    return index.get(LONG, at + ENTRY) - index.get(LONG, at);
  }

  /** The id of the record that the document came from. */
  public String id(int document) {
    long at = (long) document * ENTRY + 2 * Long.BYTES;
    long from = index.get(LONG, at);
    byte[] bytes =
        ids.asSlice(from, index.get(LONG, at + ENTRY) - from).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The document that a position lies in. */
  public int documentAt(long position) {
    if (position < 0 || position >= tokens()) {
      throw new IndexOutOfBoundsException(position + " of " + tokens() + " tokens");
    }
    int low = 0;
    int high = documents;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (offset(middle) <= position) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The token at a position; at the end the start token, which would begin a next document. */
  public int token(long position) {
    if (position == tokens()) {
      return startId;
    }
    return tokenBytes == Short.BYTES
        ? Short.toUnsignedInt(tokens.get(SHORT, position * Short.BYTES))
        : tokens.get(INT, position * Integer.BYTES);
  }

  /** All tokens of a document, its start token included. */
  public int[] document(int document) {
    int[] result = new int[count(document)];
    long from = offset(document);
    for (int i = 0; i < result.length; i++) {
      result[i] = token(from + i);
    }
    return result;
  }
}
