package dev.slipway.tokenizer.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** {@code loop}: where a loop stands. It looks an item ahead only when it is asked to. */
final class Loop implements Value.Instance {
  /** Renders the body of a recursive loop for other items. */
  interface Recursion {
    Value render(Value items, int depth);
  }

  private final Value items;
  private final @Nullable Recursion recursion;
  private final int depth0;
  private final Equality equality;
  private Iterator<Value> iterator;
  private long index0 = -1;
  private long length = -1;
  private @Nullable Value ahead;
  private @Nullable Value current;
  private @Nullable Value before;
  private @Nullable List<Value> lastChanged;

  Loop(
      Value items,
      Iterator<Value> iterator,
      @Nullable Recursion recursion,
      int depth0,
      Equality equality) {
    this.items = items;
    this.iterator = iterator;
    this.recursion = recursion;
    this.depth0 = depth0;
    this.equality = equality;
  }

  boolean hasNext() {
    return ahead != null || iterator.hasNext();
  }

  Value next() {
    Value next = ahead == null ? iterator.next() : ahead;
    ahead = null;
    index0++;
    before = current;
    current = next;
    return next;
  }

  long length() {
    if (length < 0) {
      length = items instanceof Loop ? -1 : Operators.lengthOrNone(items);
    }
    if (length < 0) {
      List<Value> rest = new ArrayList<>();
      iterator.forEachRemaining(rest::add);
      iterator = rest.iterator();
      length = rest.size() + index0 + 1 + (ahead == null ? 0 : 1);
    }
    return length;
  }

  /** As Python iterates it: pairs of an item and this. */
  Iterator<Value> asIterator() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return Loop.this.hasNext();
      }

      @Override
      public Value next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return Value.Tuple.of(Loop.this.next(), Loop.this);
      }
    };
  }

  private @Nullable Value peek() {
    if (ahead == null && iterator.hasNext()) {
      ahead = iterator.next();
    }
    return ahead;
  }

  @Override
  public @Nullable Value attribute(String name) {
    return switch (name) {
      case "index" -> Value.of(index0 + 1);
      case "index0" -> Value.of(index0);
      case "revindex" -> Value.of(length() - index0);
      case "revindex0" -> Value.of(length() - index0 - 1);
      case "first" -> Value.of(index0 == 0);
      case "last" -> Value.of(peek() == null);
      case "length" -> Value.of(length());
      case "depth" -> Value.of(depth0 + 1);
      case "depth0" -> Value.of(depth0);
      case "previtem" ->
          before == null ? Value.Undefined.hinted("there is no previous item") : before;
      case "nextitem" -> {
        Value next = peek();
        yield next == null ? Value.Undefined.hinted("there is no next item") : next;
      }
      case "cycle" -> new Function("cycle", (arguments, _) -> cycle(arguments));
      case "changed" -> new Function("changed", (arguments, _) -> changed(arguments));
      default -> null;
    };
  }

  private Value cycle(Arguments arguments) {
    List<Value> values = arguments.positional();
    if (values.isEmpty()) {
      throw TemplateException.type("no items for cycling given");
    }
    return values.get((int) (index0 % values.size()));
  }

  private Value changed(Arguments arguments) {
    if (lastChanged != null && equality.equal(lastChanged, arguments.positional())) {
      return Value.of(false);
    }
    lastChanged = arguments.positional();
    return Value.of(true);
  }

  @Override
  public boolean callable() {
    return true;
  }

  @Override
  public Value call(Arguments arguments, Rendering rendering) {
    if (recursion == null) {
      throw TemplateException.type(
          "The loop must have the 'recursive' marker to be called recursively.");
    }
    Value other = arguments.bind("LoopContext.__call__", 1, 1, "iterable").required(0);
    return recursion.render(other, depth0 + 1);
  }

  @Override
  public String typeName() {
    return "LoopContext";
  }

  @Override
  public String module() {
    return "jinja2.runtime";
  }

  @Override
  public String repr() {
    return "<LoopContext " + (index0 + 1) + "/" + length() + ">";
  }
}
