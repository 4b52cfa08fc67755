package dev.slipway.tokenizer.jinja;

import java.time.LocalDateTime;

/** What all parts of one rendering share. */
final class Rendering {
  private final Meter meter;
  private final Equality equality;
  private final Operators operators;
  private final Attributes attributes;
  private final LocalDateTime now;

  Rendering(Limits limits, LocalDateTime now) {
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

  Value call(Value callee, Arguments arguments) {
    meter.step();
    Equality.failIfUndefined(callee);
    if (callee instanceof Value.Instance instance && instance.callable()) {
      return instance.call(arguments, this);
    }
    throw TemplateException.type(Printed.quoted(callee.typeName()) + " object is not callable");
  }
}
