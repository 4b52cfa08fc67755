package dev.slipway.tokenizer.jinja;

import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which variables are not there yet when a block begins. A name that a block sets before it reads
 * it belongs to the block from its beginning on: a loop within it that reads it earlier finds it
 * undefined, even where the template was given a value of that name. As Jinja2's {@code
 * idtracking}.
 */
final class Symbols {
  private enum Load {
    PARAMETER,
    RESOLVED,
    ALIAS,
    UNDEFINED
  }

  private final @Nullable Symbols parent;
  private final Map<String, Load> loads;
  private final Set<String> stores;

  private Symbols(@Nullable Symbols parent, Map<String, Load> loads, Set<String> stores) {
    this.parent = parent;
    this.loads = loads;
    this.stores = stores;
  }

  private Symbols(@Nullable Symbols parent) {
    this(parent, new HashMap<>(), new HashSet<>());
  }

  /** The names that begin undefined, by the statements of the block. */
  static Map<List<Statement>, Set<String>> undefined(List<Statement> template) {
    Map<List<Statement>, Set<String>> undefined = new IdentityHashMap<>();
    new Symbols(null).analyse(template, undefined);
    return undefined;
  }

  private void analyse(List<Statement> body, Map<List<Statement>, Set<String>> undefined) {
    visit(body);
    undefined.put(
        body,
        loads.entrySet().stream()
            .filter(entry -> entry.getValue() == Load.UNDEFINED)
            .map(Map.Entry::getKey)
            .collect(Collectors.toUnmodifiableSet()));
    inner(body, undefined);
  }

  private boolean knows(String name) {
    return loads.containsKey(name) || (parent != null && parent.knows(name));
  }

  private Load outer(Load otherwise, String name) {
    return parent != null && parent.knows(name) ? Load.ALIAS : otherwise;
  }

  private void store(String name) {
    stores.add(name);
    if (!loads.containsKey(name)) {
      loads.put(name, outer(Load.UNDEFINED, name));
    }
  }

  private void load(String name) {
    if (!knows(name)) {
      loads.put(name, Load.RESOLVED);
    }
  }

  private Symbols parameter(String name) {
    stores.add(name);
    loads.put(name, Load.PARAMETER);
    return this;
  }

  private Symbols parameters(Statement.Target target) {
    switch (target) {
      case Statement.NameTarget name -> parameter(name.name());
      case Statement.TupleTarget tuple -> tuple.items().forEach(this::parameters);
      case Statement.NamespaceTarget _ -> {}
    }
    return this;
  }

  private void store(Statement.Target target) {
    switch (target) {
      case Statement.NameTarget name -> store(name.name());
      case Statement.TupleTarget tuple -> tuple.items().forEach(this::store);
      case Statement.NamespaceTarget into -> load(into.name());
    }
  }

  private void visit(List<Statement> body) {
    body.forEach(this::visit);
  }

  private void visit(Statement statement) {
    switch (statement) {
      case Statement.Print print -> visit(print.value());
      case Statement.If condition -> {
        visit(condition.branches().getFirst().test());
        Symbols first = copy();
        first.visit(condition.branches().getFirst().body());
        Symbols others = copy();
        for (Statement.Branch branch :
            condition.branches().subList(1, condition.branches().size())) {
          others.visit(new Statement.If(List.of(branch), List.of()));
        }
        Symbols last = copy();
        last.visit(condition.otherwise());
        update(List.of(first, others, last));
      }
      case Statement.For loop -> visit(loop.items());
      case Statement.With with -> with.values().forEach(this::visit);
      case Statement.Set set -> {
        visit(set.value());
        store(set.target());
      }
      case Statement.SetBlock set -> store(set.target());
      case Statement.Macro macro -> store(macro.name());
      case Statement.CallBlock block -> visit(block.call());
      case Statement.FilterBlock block -> visit(block.filter());
      case Statement.Data _,
          Statement.Scope _,
          Statement.Generation _,
          Statement.Load _,
          Statement.Break _,
          Statement.Continue _ -> {}
    }
  }

  private Symbols copy() {
    return new Symbols(parent, new HashMap<>(loads), new HashSet<>(stores));
  }

  private void update(List<Symbols> branches) {
    Set<String> stored = new HashSet<>();
    branches.forEach(branch -> stored.addAll(branch.stores));
    stored.removeAll(stores);
    for (Symbols branch : branches) {
      loads.putAll(branch.loads);
      stores.addAll(branch.stores);
    }
    for (String name : stored) {
      loads.put(name, outer(Load.RESOLVED, name));
    }
  }

  /** The blocks that stand in these statements and have variables of their own. */
  private void inner(List<Statement> body, Map<List<Statement>, Set<String>> undefined) {
    for (Statement statement : body) {
      switch (statement) {
        case Statement.If condition -> {
          condition.branches().forEach(branch -> inner(branch.body(), undefined));
          inner(condition.otherwise(), undefined);
        }
        case Statement.For loop -> {
          new Symbols(this)
              .parameter("loop")
              .parameters(loop.target())
              .analyse(loop.body(), undefined);
          new Symbols(this).analyse(loop.otherwise(), undefined);
        }
        case Statement.With with -> {
          Symbols symbols = new Symbols(this);
          with.targets().forEach(symbols::parameters);
          symbols.analyse(with.body(), undefined);
        }
        case Statement.SetBlock set -> new Symbols(this).analyse(set.body(), undefined);
        case Statement.Macro macro -> callee(macro.callee(), undefined);
        case Statement.CallBlock block -> callee(block.caller(), undefined);
        case Statement.FilterBlock block -> new Symbols(this).analyse(block.body(), undefined);
        case Statement.Scope block -> new Symbols(this).analyse(block.body(), undefined);
        case Statement.Generation block -> new Symbols(this).analyse(block.body(), undefined);
        case Statement.Data _,
            Statement.Print _,
            Statement.Set _,
            Statement.Load _,
            Statement.Break _,
            Statement.Continue _ -> {}
      }
    }
  }

  private void callee(Statement.Callee callee, Map<List<Statement>, Set<String>> undefined) {
    Symbols symbols = new Symbols(this);
    callee.parameters().forEach(symbols::parameter);
    for (String special : List.of("caller", "kwargs", "varargs")) {
      boolean used =
          switch (special) {
            case "caller" -> callee.usesCaller();
            case "kwargs" -> callee.usesNamed();
            default -> callee.usesPositional();
          };
      if (used) {
        symbols.parameter(special);
      }
    }
    callee.defaults().forEach(symbols::visit);
    symbols.analyse(callee.body(), undefined);
  }

  private void visit(@Nullable Expression expression) {
    switch (expression) {
      case null -> {}
      case Expression.Constant _ -> {}
      case Expression.Name name -> load(name.name());
      case Expression.ListOf list -> list.items().forEach(this::visit);
      case Expression.TupleOf tuple -> tuple.items().forEach(this::visit);
      case Expression.DictOf dict ->
          dict.pairs()
              .forEach(
                  pair -> {
                    visit(pair.key());
                    visit(pair.value());
                  });
      case Expression.Conditional conditional -> {
        visit(conditional.test());
        visit(conditional.then());
        visit(conditional.otherwise());
      }
      case Expression.And and -> {
        visit(and.left());
        visit(and.right());
      }
      case Expression.Or or -> {
        visit(or.left());
        visit(or.right());
      }
      case Expression.Not not -> visit(not.operand());
      case Expression.Comparison comparison -> {
        visit(comparison.first());
        comparison.operands().forEach(operand -> visit(operand.value()));
      }
      case Expression.Binary binary -> {
        visit(binary.left());
        visit(binary.right());
      }
      case Expression.Unary unary -> visit(unary.operand());
      case Expression.Concatenation concatenation -> concatenation.parts().forEach(this::visit);
      case Expression.Attribute attribute -> visit(attribute.of());
      case Expression.Item item -> {
        visit(item.of());
        visit(item.key());
      }
      case Expression.Slice slice -> {
        visit(slice.of());
        visit(slice.start());
        visit(slice.stop());
        visit(slice.step());
      }
      case Expression.Call call -> {
        visit(call.of());
        visit(call.arguments());
      }
      case Expression.Filter filter -> {
        visit(filter.of());
        visit(filter.arguments());
      }
      case Expression.Test test -> {
        visit(test.of());
        visit(test.arguments());
      }
    }
  }

  private void visit(Expression.CallArguments arguments) {
    arguments.positional().forEach(this::visit);
    arguments.named().forEach(keyword -> visit(keyword.value()));
    visit(arguments.star());
    visit(arguments.doubleStar());
  }
}
