package dev.slipway.tokenizer.jinja;

import dev.slipway.tokenizer.jinja.Statement.Target;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Carries out the statements of a template. */
final class Interpreter {
  private enum Flow {
    ON,
    BREAK,
    CONTINUE
  }

  private final Rendering rendering;
  private final Evaluator evaluator;
  private final Map<List<Statement>, Set<String>> undefined;
  private final StringBuilder root = new StringBuilder();
  private final List<Rendered.Span> generated = new ArrayList<>();
  private StringBuilder out = root;

  /**
   * @param undefined the names that begin undefined, by the statements of a block
   */
  Interpreter(
      Rendering rendering,
      Map<String, Value> globals,
      Map<List<Statement>, Set<String>> undefined) {
    this.rendering = rendering;
    this.undefined = undefined;
    evaluator = new Evaluator(rendering, globals);
  }

  Evaluator evaluator() {
    return evaluator;
  }

  /** The variables of a block, within those around it. */
  Scope scope(List<Statement> body, @Nullable Scope outer) {
    return new Scope(outer, undefined.getOrDefault(body, Set.of()));
  }

  Rendered render(List<Statement> body, Scope context) {
    run(body, scope(body, context));
    return new Rendered(root.toString(), List.copyOf(generated));
  }

  /** What statements print, as a text of its own. */
  String buffered(List<Statement> body, Scope scope) {
    StringBuilder outside = out;
    out = new StringBuilder();
    try {
      run(body, scope);
      return out.toString();
    } finally {
      out = outside;
    }
  }

  private void print(String text) {
    out.append(text);
    rendering.meter().grown(out.length(), text.length());
  }

  private Flow run(List<Statement> body, Scope scope) {
    for (Statement statement : body) {
      Flow flow = run(statement, scope);
      if (flow != Flow.ON) {
        return flow;
      }
    }
    return Flow.ON;
  }

  private Flow run(Statement statement, Scope scope) {
    rendering.meter().step();
    switch (statement) {
      case Statement.Data data -> print(data.text());
      case Statement.Print print ->
          print(Printed.str(rendering.printable(evaluator.value(print.value(), scope))));
      case Statement.If condition -> {
        return condition(condition, scope);
      }
      case Statement.For loop -> loop(loop, scope);
      case Statement.With with -> {
        Scope inner = scope(with.body(), scope);
        for (int i = 0; i < with.targets().size(); i++) {
          assign(with.targets().get(i), evaluator.value(with.values().get(i), scope), inner);
        }
        return run(with.body(), inner);
      }
      case Statement.Set set -> {
        checkNamespaces(set.target(), scope);
        assign(set.target(), evaluator.value(set.value(), scope), scope);
      }
      case Statement.SetBlock set -> {
        return setBlock(set, scope);
      }
      case Statement.Macro macro ->
          scope.set(macro.name(), new MacroValue(macro.name(), macro.callee(), scope, this));
      case Statement.CallBlock block -> {
        Value caller = new MacroValue(null, block.caller(), scope, this);
        print(Printed.str(evaluator.callWith(block.call(), "caller", caller, scope)));
      }
      case Statement.FilterBlock block -> {
        Scope inner = scope(block.body(), scope);
        StringBuilder outside = out;
        out = new StringBuilder();
        Flow flow = run(block.body(), inner);
        String text = out.toString();
        out = outside;
        if (flow != Flow.ON) {
          return flow;
        }
        print(Printed.str(evaluator.filteredBlock(block.filter(), text, inner)));
      }
      case Statement.Scope block -> run(block.body(), scope(block.body(), scope));
      case Statement.Generation generation -> {
        String text = buffered(generation.body(), scope(generation.body(), scope));
        generated.add(new Rendered.Span(root.length(), root.length() + text.length()));
        print(text);
      }
      case Statement.Load _ ->
          throw TemplateException.type("no loader for this environment specified");
      case Statement.Break _ -> {
        return Flow.BREAK;
      }
      case Statement.Continue _ -> {
        return Flow.CONTINUE;
      }
    }
    return Flow.ON;
  }

  private Flow condition(Statement.If condition, Scope scope) {
    for (Statement.Branch branch : condition.branches()) {
      if (Operators.isTrue(evaluator.value(branch.test(), scope))) {
        return run(branch.body(), scope);
      }
    }
    return run(condition.otherwise(), scope);
  }

  private Flow setBlock(Statement.SetBlock set, Scope scope) {
    Scope inner = scope(set.body(), scope);
    StringBuilder outside = out;
    out = new StringBuilder();
    Flow flow = run(set.body(), inner);
    String text = out.toString();
    out = outside;
    if (flow == Flow.ON) {
      Value value =
          set.filter() == null
              ? Value.of(text)
              : evaluator.filteredBlock(set.filter(), text, inner);
      assign(set.target(), value, scope);
    }
    return flow;
  }

  private void loop(Statement.For loop, Scope scope) {
    Value items = evaluator.value(loop.items(), scope);
    if (!loop.recursive()) {
      iterate(loop, items, scope, null, 0);
      return;
    }
    print(Printed.str(recursion(loop, scope).render(items, 0)));
  }

  private Loop.Recursion recursion(Statement.For loop, Scope scope) {
    return new Loop.Recursion() {
      @Override
      public Value render(Value items, int depth) {
        StringBuilder outside = out;
        out = new StringBuilder();
        rendering.meter().enter();
        try {
          iterate(loop, items, scope, this, depth);
          return Value.of(out.toString());
        } finally {
          rendering.meter().leave();
          out = outside;
        }
      }
    };
  }

  private void iterate(
      Statement.For loop, Value items, Scope scope, Loop.@Nullable Recursion recursion, int depth) {
    Iterator<Value> iterator = rendering.operators().iterate(items);
    Value counted = items;
    if (loop.test() != null) {
      iterator = selected(iterator, loop.target(), loop.test(), scope);
      counted = new Value.Stream("generator", iterator);
    }
    Loop position = new Loop(counted, iterator, recursion, depth, rendering.equality());
    boolean finishedOne = false;
    while (position.hasNext()) {
      Scope inner = scope(loop.body(), scope);
      inner.set("loop", position);
      assign(loop.target(), position.next(), inner);
      Flow flow = run(loop.body(), inner);
      if (flow == Flow.BREAK) {
        break;
      }
      finishedOne |= flow == Flow.ON;
    }
    if (!finishedOne) {
      run(loop.otherwise(), scope(loop.otherwise(), scope));
    }
  }

  private Iterator<Value> selected(
      Iterator<Value> items, Target target, Expression test, Scope scope) {
    return new Iterator<>() {
      private @Nullable Value next;

      @Override
      public boolean hasNext() {
        while (next == null && items.hasNext()) {
          Value item = items.next();
          Scope inner = new Scope(scope);
          assign(target, item, inner);
          if (Operators.isTrue(evaluator.value(test, inner))) {
            next = item;
          }
        }
        return next != null;
      }

      @Override
      public Value next() {
        if (!hasNext() || next == null) {
          throw new NoSuchElementException();
        }
        Value item = next;
        next = null;
        return item;
      }
    };
  }

  private void checkNamespaces(Target target, Scope scope) {
    switch (target) {
      case Statement.NamespaceTarget into -> {
        if (!(evaluator.variable(into.name(), scope) instanceof Namespace)) {
          throw TemplateException.runtime("cannot assign attribute on non-namespace object");
        }
      }
      case Statement.TupleTarget tuple ->
          tuple.items().forEach(item -> checkNamespaces(item, scope));
      case Statement.NameTarget _ -> {}
    }
  }

  private void assign(Target target, Value value, Scope scope) {
    switch (target) {
      case Statement.NameTarget name -> scope.set(name.name(), value);
      case Statement.NamespaceTarget into -> {
        if (evaluator.variable(into.name(), scope) instanceof Namespace namespace) {
          namespace.set(into.attribute(), value);
        } else {
          throw TemplateException.type(
              "%s object does not support item assignment"
                  .formatted(Printed.quoted(evaluator.variable(into.name(), scope).typeName())));
        }
      }
      case Statement.TupleTarget tuple -> unpack(tuple.items(), value, scope);
    }
  }

  private void unpack(List<Target> targets, Value value, Scope scope) {
    if (!rendering.operators().isIterable(value)) {
      throw TemplateException.type(
          "cannot unpack non-iterable %s object".formatted(value.typeName()));
    }
    Iterator<Value> items = rendering.operators().iterate(value);
    List<Value> values = new ArrayList<>();
    while (items.hasNext() && values.size() <= targets.size()) {
      values.add(items.next());
    }
    if (values.size() > targets.size()) {
      throw TemplateException.value(
          "too many values to unpack (expected %d)".formatted(targets.size()));
    }
    if (values.size() < targets.size()) {
      throw TemplateException.value(
          "not enough values to unpack (expected %d, got %d)"
              .formatted(targets.size(), values.size()));
    }
    for (int i = 0; i < targets.size(); i++) {
      assign(targets.get(i), values.get(i), scope);
    }
  }
}
