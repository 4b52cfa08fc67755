package dev.slipway.data.catalogue;

import java.net.URI;
import java.util.List;

/**
 * One of the files that make a dataset.
 *
 * @param name what it is for, such as {@code train-images}; unique in its dataset
 * @param addresses where the first of the variants is downloaded, the preferred one first
 * @param variants files that do, the official one first
 */
public record Part(String name, List<URI> addresses, List<Variant> variants) {
  public Part {
    addresses = List.copyOf(addresses);
    variants = List.copyOf(variants);
    if (variants.isEmpty()) {
      throw new IllegalArgumentException("no file is known for " + name);
    }
  }

  /** The one that is downloaded. */
  public Variant official() {
    return variants.getFirst();
  }
}
