package dev.slipway.tokenizer.jinja;

/** Counts what one rendering uses. */
final class Meter {
  private static final int CHARACTERS_A_STEP = 64;

  private final Limits limits;
  private long steps;
  private int depth;

  Meter(Limits limits) {
    this.limits = limits;
  }

  void step() {
    if (++steps > limits.steps()) {
      throw new TemplateException(
          TemplateException.LIMIT,
          "the template takes more than %d steps".formatted(limits.steps()));
    }
  }

  /** Pays for a text or a list of this size, before it is made. */
  void size(long size) {
    if (size > limits.characters()) {
      throw new TemplateException(
          TemplateException.LIMIT,
          "the template makes a text or list of more than %d".formatted(limits.characters()));
    }
    steps += size / CHARACTERS_A_STEP;
    step();
  }

  /** Pays for what was added to a text that now is this long. */
  void grown(long size, long by) {
    if (size > limits.characters()) {
      size(size);
    }
    size(by);
  }

  String paid(String text) {
    size(text.length());
    return text;
  }

  void enter() {
    if (++depth > limits.depth()) {
      throw new TemplateException(
          TemplateException.LIMIT,
          "the template calls itself to a depth of more than " + limits.depth());
    }
  }

  void leave() {
    depth--;
  }
}
