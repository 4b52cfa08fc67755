package dev.slipway.data.example;

import dev.slipway.base.binding.Doc;

/** How much of the examples a split gets. */
public sealed interface SplitPart {
  @Doc("What the source itself puts there")
  record Given() implements SplitPart {}

  @Doc("A share of what is not given elsewhere")
  record Fraction(double share) implements SplitPart {
    public Fraction {
      if (!(share >= 0 && share < 1)) {
        throw new IllegalArgumentException("a share is from 0 to below 1, and " + share + " came");
      }
    }
  }

  static SplitPart none() {
    return new Fraction(0);
  }
}
