package dev.slipway.tokenizer.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The variables of a block, within those of the block around it. */
final class Scope {
  private final @Nullable Scope outer;
  private final Map<String, @Nullable Value> variables = new HashMap<>();

  Scope(@Nullable Scope outer) {
    this.outer = outer;
  }

  /**
   * @param undefined names that are nobody's here before they are set, whatever is around
   */
  Scope(@Nullable Scope outer, Set<String> undefined) {
    this(outer);
    undefined.forEach(name -> variables.put(name, null));
  }

  void set(String name, Value value) {
    variables.put(name, value);
  }

  /** The value, or null where nobody set one. */
  @Nullable Value get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      Value value = scope.variables.get(name);
      if (value != null || scope.variables.containsKey(name)) {
        return value;
      }
    }
    return null;
  }
}
