package dev.slipway.data.augment;

import dev.slipway.base.binding.Doc;

/** What is seen where a step looks beyond a picture's edge. */
public enum Fill {
  @Doc("The picture mirrored at its edge")
  REFLECT,
  @Doc("The nearest pixel")
  NEAREST,
  @Doc("Black")
  BLACK
}
