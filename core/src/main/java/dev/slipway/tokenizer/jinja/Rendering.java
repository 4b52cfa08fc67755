package dev.slipway.tokenizer.jinja;

import java.time.LocalDateTime;

/** What all parts of one rendering share. */
final class Rendering {
  private final Meter meter;
  private final Equality equality;
  private final Operators operators;
  private final Attributes attributes;
  private final LocalDateTime now;
  private final boolean strict;

  Rendering(Limits limits, LocalDateTime now, boolean strict) {
    this.strict = strict;
    meter = new Meter(limits);
    equality = new Equality(meter);
    operators = new Operators(meter);
    attributes = new Attributes();
    this.now = now;
  }

  Meter meter() {
    return meter;
  }

  Equality equality() {
    return equality;
  }

  Operators operators() {
    return operators;
  }

  Attributes attributes() {
    return attributes;
  }

  LocalDateTime now() {
    return now;
  }

  /** Checks what is to be printed, where the undefined must not be. */
  Value printable(Value value) {
    if (strict) {
      Equality.failIfUndefined(value);
    }
    return value;
  }

  Value call(Value callee, Arguments arguments) {
    meter.step();
    Equality.failIfUndefined(callee);
    if (callee instanceof Value.Instance instance && instance.callable()) {
      return instance.call(arguments, this);
    }
    throw TemplateException.type(Printed.quoted(callee.typeName()) + " object is not callable");
  }
}
