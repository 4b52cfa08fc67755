package dev.slipway.infer.grammar;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;

/** Sentences for schemas and expressions that can't be followed. */
final class Refusal {
  private Refusal() {}

  /** A schema or expression that breaks its own language's rules. */
  static SlipwayException invalid(String sentence, String fix) {
    return new SlipwayException(Exit.USAGE, "constraint.invalid", sentence, fix);
  }

  /** A rule that is right but that answers can't be held to. */
  static SlipwayException unsupported(String sentence, String fix) {
    return new SlipwayException(Exit.USAGE, "constraint.unsupported", sentence, fix);
  }

  /** What no answer can satisfy. */
  static SlipwayException empty(String sentence) {
    return new SlipwayException(
        Exit.USAGE, "constraint.empty", sentence, "take away the rule that contradicts the others");
  }

  /** More work than a request may cause. */
  static SlipwayException tooLarge(String what) {
    return new SlipwayException(
        Exit.USAGE,
        "constraint.too-large",
        what + " comes to more states than a request may take",
        "use smaller repetitions and fewer alternatives");
  }
}
