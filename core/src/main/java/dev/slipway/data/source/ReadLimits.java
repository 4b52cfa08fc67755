package dev.slipway.data.source;

/**
 * What reading may take at most.
 *
 * @param recordBytes a larger record is dropped unread
 * @param expandedBytes what a zip may hold unpacked whatever its own size
 * @param expansion how many times its own size a zip beyond that may hold; source code packs about
 *     5 to 1, a bomb 1000 to 1
 */
public record ReadLimits(int recordBytes, long expandedBytes, int expansion) {
  public static final ReadLimits DEFAULT = new ReadLimits(64 << 20, 1L << 30, 200);
}
