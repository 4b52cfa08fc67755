package dev.slipway.data.feature;

import dev.slipway.base.binding.Doc;
import java.util.Arrays;

/** Which part of a sequence is read where it is longer than an input. */
public enum Keep {
  @Doc("The beginning")
  BEGINNING,
  @Doc("The end, as Keras' pad_sequences does: of a review often its verdict")
  END,
  @Doc("A quarter from the beginning and three from the end (Sun et al. 2019)")
  ENDS;

  /** At most {@code length} of the values. */
  int[] of(int[] ids, int length) {
    if (ids.length <= length) {
      return ids;
    }
    return switch (this) {
      case BEGINNING -> Arrays.copyOf(ids, length);
      case END -> Arrays.copyOfRange(ids, ids.length - length, ids.length);
      case ENDS -> {
        int[] kept = Arrays.copyOf(ids, length);
        int first = length / 4;
        System.arraycopy(ids, ids.length - (length - first), kept, first, length - first);
        yield kept;
      }
    };
  }
}
