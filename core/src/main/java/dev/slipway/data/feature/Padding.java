package dev.slipway.data.feature;

import dev.slipway.base.binding.Doc;

/** How long sequences of ids become. */
public enum Padding {
  @Doc("As long as the longest of its batch, zeros at the end")
  LONGEST,
  @Doc("All of the same length, zeros at the end")
  POST,
  @Doc("All of the same length, zeros at the beginning, where a network then sees them")
  PRE
}
