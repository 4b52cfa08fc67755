package dev.slipway.data.conversation;

import dev.slipway.base.binding.Doc;

/** What happens to a conversation of more tokens than the context holds. */
public enum OverLong {
  @Doc("It is left out")
  DROP,
  @Doc("Its last tokens are cut away")
  TRUNCATE_RIGHT,
  @Doc("Its first tokens are cut away")
  TRUNCATE_LEFT,
  @Doc("Its last turns are left out until the rest fits")
  CUT_TURNS
}
