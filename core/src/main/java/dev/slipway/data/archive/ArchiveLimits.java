package dev.slipway.data.archive;

/**
 * What keeps an archive from filling memory or disk.
 *
 * @param fileBytes the largest file that is read whole
 * @param files how many there may be
 * @param expandedBytes what an archive may hold unpacked whatever its own size
 * @param expansion how many times its own size an archive beyond that may hold
 */
public record ArchiveLimits(int fileBytes, int files, long expandedBytes, int expansion) {
  public static final ArchiveLimits DEFAULT =
      new ArchiveLimits(256 << 20, 20_000_000, 1L << 30, 200);

  boolean exceededBy(long expanded, long packed) {
    return expanded > expandedBytes && expanded / (double) expansion > packed;
  }
}
