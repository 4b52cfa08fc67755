package dev.slipway.data.feature;

import dev.slipway.base.SlipwayException;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;

/** A problem of one example as the reason why it is left out. */
final class Dropping {
  private Dropping() {}

  static Dropped of(SlipwayException problem) {
    String sentence = String.valueOf(problem.getMessage());
    return new Dropped(DropReason.UNREADABLE, sentence.replace("; " + problem.fix(), ""));
  }
}
