package dev.slipway.data.catalogue;

import java.util.regex.Pattern;

/**
 * A file that is known to hold a part of a dataset.
 *
 * @param path where it lies in the user's folder of datasets, with {@code /}
 * @param sha256 of the whole file
 * @param bytes of the whole file
 * @param description what it holds, and how the sum is known: a report shows it
 */
public record Variant(String path, String sha256, long bytes, String description) {
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  public Variant {
    if (!SHA_256.matcher(sha256).matches()) {
      throw new IllegalArgumentException(sha256 + " is no SHA-256");
    }
    if (path.startsWith("/") || path.contains("..")) {
      throw new IllegalArgumentException(path + " lies outside of the folder");
    }
  }

  /** The name behind the last {@code /}. */
  public String fileName() {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
