package dev.slipway.data;

import dev.slipway.base.Hashing;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * Which part a record belongs to, by the hash of its cleaned text and the seed alone: adding
 * records moves none of the others, and equal texts are never on both sides.
 *
 * <p>A record's place is the first 53 bits of SHA-256(text's SHA-256, seed) as a fraction u in [0,
 * 1): u &lt; validation is the validation split, u ≥ 1 − test the test split, so that changing one
 * fraction moves no record between the two.
 *
 * @param validation the fraction of records to choose by, 0 for none
 * @param test the fraction of records to judge by, 0 for none
 */
public record Split(double validation, double test) {
  public Split {
    if (!(validation >= 0 && test >= 0 && validation + test < 1)) {
      throw new IllegalArgumentException(
          "validation and test are at least 0 and below 1 together, and %s, %s came"
              .formatted(validation, test));
    }
  }

  /** The record's place in [0, 1). */
  public static double place(byte[] textSha256, long seed) {
    MessageDigest digest = Hashing.digest();
    digest.update(textSha256);
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).array());
    return (ByteBuffer.wrap(digest.digest()).getLong() >>> 11) * 0x1p-53;
  }

  /** The split of a record at this place. */
  public SplitName at(double place) {
    if (place < validation) {
      return SplitName.VALIDATION;
    }
    return place >= 1 - test ? SplitName.TEST : SplitName.TRAIN;
  }
}
