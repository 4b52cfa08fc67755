package dev.slipway.tokenizer.jinja;

import java.util.function.BiFunction;

/** A function that every template has, or a method of one of Jinja's objects. */
record Function(String name, BiFunction<Arguments, Rendering, Value> body)
    implements Value.Instance {
  @Override
  public String typeName() {
    return "function";
  }

  @Override
  public boolean callable() {
    return true;
  }

  @Override
  public Value call(Arguments arguments, Rendering rendering) {
    return body.apply(arguments, rendering);
  }

  @Override
  public String repr() {
    return "<function " + name + ">";
  }
}
