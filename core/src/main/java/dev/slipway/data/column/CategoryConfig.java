package dev.slipway.data.column;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;

/** How a column of categories becomes ids. */
public record CategoryConfig(
    @Doc("What stands for a missing category") @Default("own-category") MissingCategories missing,
    @Doc("A category that fewer training rows have counts as unknown")
        @Default("1")
        @Range(min = 1, max = 1_000_000_000)
        int minFrequency,
    @Doc("Of more categories only the most frequent are kept")
        @Default("1000000")
        @Range(min = 1, max = 10_000_000)
        int maxCategories) {
  /** A category of its own for what is missing, and all categories kept. */
  public static CategoryConfig usual() {
    return new CategoryConfig(new MissingCategories.OwnCategory(), 1, 1_000_000);
  }

  public CategoryConfig withMissing(MissingCategories value) {
    return new CategoryConfig(value, minFrequency, maxCategories);
  }

  public CategoryConfig withMinFrequency(int value) {
    return new CategoryConfig(missing, value, maxCategories);
  }
}
