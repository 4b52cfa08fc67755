package dev.slipway.infer.grammar;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.Locale;

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

  /** More than a request may ask for: of what, how much it may be, and of which unit. */
  static SlipwayException tooLarge(String what, long most, String unit) {
    return new SlipwayException(
        Exit.USAGE,
        "constraint.too-large",
        String.format(
            Locale.ROOT,
            "%s comes to more than %,d %s, the most that a request may ask for",
            what,
            most,
            unit),
        "use smaller repetitions and fewer alternatives");
  }
}
