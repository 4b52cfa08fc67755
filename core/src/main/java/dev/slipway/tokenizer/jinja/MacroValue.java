package dev.slipway.tokenizer.jinja;

import dev.slipway.tokenizer.jinja.Statement.Callee;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * A macro, or a block that a macro is called with.
 *
 * @param name null for a block
 * @param scope in which it was defined
 */
record MacroValue(@Nullable String name, Callee callee, Scope scope, Interpreter interpreter)
    implements Value.Instance {
  @Override
  public String typeName() {
    return "Macro";
  }

  @Override
  public String module() {
    return "jinja2.runtime";
  }

  @Override
  public @Nullable Value attribute(String attribute) {
    return switch (attribute) {
      case "name" -> name == null ? Value.None.NONE : Value.of(name);
      case "arguments" -> new Value.Tuple(callee.parameters().stream().map(Value::of).toList());
      case "catch_kwargs" -> Value.of(callee.usesNamed());
      case "catch_varargs" -> Value.of(callee.usesPositional());
      case "caller" -> Value.of(callee.usesCaller());
      case "explicit_caller" -> Value.of(callee.parameters().contains("caller"));
      default -> null;
    };
  }

  @Override
  public boolean callable() {
    return true;
  }

  @Override
  public Value call(Arguments arguments, Rendering rendering) {
    rendering.meter().enter();
    try {
      return Value.of(interpreter.buffered(callee.body(), bound(arguments)));
    } finally {
      rendering.meter().leave();
    }
  }

  private String shown() {
    return name == null ? "None" : Printed.quoted(name);
  }

  private Scope bound(Arguments arguments) {
    Scope inner = interpreter.scope(callee.body(), scope);
    List<String> parameters = callee.parameters();
    SequencedMap<String, Value> named = new LinkedHashMap<>(arguments.named());
    List<Value> positional = arguments.positional();
    int given = Math.min(positional.size(), parameters.size());
    boolean foundCaller = given == parameters.size() && parameters.contains("caller");
    List<@Nullable Value> values = new ArrayList<>(positional.subList(0, given));
    for (String parameter : parameters.subList(given, parameters.size())) {
      foundCaller |= parameter.equals("caller");
      values.add(named.remove(parameter));
    }
    if (callee.usesCaller() && !foundCaller) {
      Value caller = named.remove("caller");
      inner.set(
          "caller",
          caller == null || caller == Value.None.NONE
              ? Value.Undefined.hinted("No caller defined")
              : caller);
    }
    if (callee.usesNamed()) {
      Value.Dict rest = new Value.Dict();
      named.forEach(rest::put);
      inner.set("kwargs", rest);
    } else if (!named.isEmpty()) {
      throw TemplateException.type(
          named.containsKey("caller")
              ? "macro "
                  + shown()
                  + " was invoked with two values for the special caller argument. This is most likely a bug."
              : "macro %s takes no keyword argument %s"
                  .formatted(shown(), Printed.quoted(named.firstEntry().getKey())));
    }
    if (callee.usesPositional()) {
      inner.set(
          "varargs", new Value.Tuple(List.copyOf(positional.subList(given, positional.size()))));
    } else if (positional.size() > parameters.size()) {
      throw TemplateException.type(
          "macro %s takes not more than %d argument(s)".formatted(shown(), parameters.size()));
    }
    int firstDefault = parameters.size() - callee.defaults().size();
    for (int i = 0; i < parameters.size(); i++) {
      String parameter = parameters.get(i);
      Value value = values.get(i);
      if (value == null) {
        value =
            i < firstDefault
                ? Value.Undefined.hinted(
                    "parameter " + Printed.quoted(parameter) + " was not provided")
                : interpreter.evaluator().value(callee.defaults().get(i - firstDefault), inner);
      }
      inner.set(parameter, value);
    }
    return inner;
  }

  @Override
  public String repr() {
    return "<Macro " + (name == null ? "anonymous" : Printed.quoted(name)) + ">";
  }
}
