package dev.slipway.tokenizer.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The functions that every chat template has. */
final class Globals {
  private static final long LARGEST_RANGE = 100_000;

  static final Map<String, Value> ALL = all();

  private Globals() {}

  private static Map<String, Value> all() {
    Map<String, Value> all = new TreeMap<>();
    for (Function function :
        List.of(
            new Function("range", Globals::range),
            new Function("namespace", (arguments, r) -> new Namespace(dict(arguments, r))),
            new Function("cycler", Globals::cycler),
            new Function("joiner", Globals::joiner),
            new Function("raise_exception", Globals::raise),
            new Function("strftime_now", Globals::now))) {
      all.put(function.name(), function);
    }
    all.put("dict", new DictType());
    return all;
  }

  private static Value range(Arguments arguments, Rendering rendering) {
    int given = arguments.positional().size();
    if (given == 0 || given > 3) {
      throw TemplateException.type(
          given == 0
              ? "range expected at least 1 argument, got 0"
              : "range expected at most 3 arguments, got " + given);
    }
    List<Integer> bounds = arguments.positional().stream().map(Arguments::integer).toList();
    Value.Range range =
        switch (given) {
          case 1 -> new Value.Range(0, bounds.get(0), 1);
          case 2 -> new Value.Range(bounds.get(0), bounds.get(1), 1);
          default -> {
            if (bounds.get(2) == 0) {
              throw TemplateException.value("range() arg 3 must not be zero");
            }
            yield new Value.Range(bounds.get(0), bounds.get(1), bounds.get(2));
          }
        };
    if (range.size() > LARGEST_RANGE) {
      throw TemplateException.overflow(
          "Range too big. The sandbox blocks ranges larger than MAX_RANGE (100000).");
    }
    return range;
  }

  /** As Python's {@code dict(…)}: of a dict or of pairs, and of names. */
  static Value.Dict dict(Arguments arguments, Rendering rendering) {
    Value.Dict dict = new Value.Dict();
    List<Value> positional = arguments.positional();
    if (positional.size() > 1) {
      throw TemplateException.type("dict expected at most 1 argument, got " + positional.size());
    }
    if (!positional.isEmpty() && positional.getFirst() instanceof Value.Dict other) {
      other.entries().forEach(entry -> dict.put(entry.key(), entry.value()));
    } else if (!positional.isEmpty()) {
      int index = 0;
      for (Value pair : rendering.operators().list(positional.getFirst())) {
        if (!rendering.operators().isIterable(pair)) {
          throw TemplateException.type(
              "cannot convert dictionary update sequence element #" + index + " to a sequence");
        }
        List<Value> parts = rendering.operators().list(pair);
        if (parts.size() != 2) {
          throw TemplateException.value(
              "dictionary update sequence element #%d has length %d; 2 is required"
                  .formatted(index, parts.size()));
        }
        dict.put(parts.get(0), parts.get(1));
        index++;
      }
    }
    arguments.named().forEach(dict::put);
    return dict;
  }

  private static Value raise(Arguments arguments, Rendering rendering) {
    Value message =
        arguments
            .bind("_cached_compile_jinja_template.<locals>.raise_exception", 0, 1, "message")
            .required(0);
    throw new TemplateException("TemplateError", Printed.str(message));
  }

  private static Value now(Arguments arguments, Rendering rendering) {
    Value format =
        arguments
            .bind("_cached_compile_jinja_template.<locals>.strftime_now", 0, 1, "format")
            .required(0);
    if (!(format instanceof Value.Text text)) {
      throw TemplateException.type("strftime() argument 1 must be str, not " + format.typeName());
    }
    return Value.of(rendering.meter().paid(Strftime.format(text.text(), rendering.now())));
  }

  private static Value cycler(Arguments arguments, Rendering rendering) {
    if (arguments.positional().isEmpty()) {
      throw new TemplateException("RuntimeError", "at least one item has to be provided");
    }
    return new Cycler(new ArrayList<>(arguments.positional()));
  }

  private static Value joiner(Arguments arguments, Rendering rendering) {
    Value separator = arguments.bind("Joiner.__init__", 1, 0, "sep").given(0);
    return new Joiner(separator == null ? Value.of(", ") : separator);
  }

  /** {@code dict}, which is a function with a method. */
  private record DictType() implements Value.Instance {
    @Override
    public String typeName() {
      return "TemplateDict";
    }

    @Override
    public String module() {
      return "transformers.utils.chat_template_utils";
    }

    @Override
    public boolean callable() {
      return true;
    }

    @Override
    public Value call(Arguments arguments, Rendering rendering) {
      return dict(arguments, rendering);
    }

    @Override
    public @Nullable Value attribute(String name) {
      return name.equals("fromkeys") ? new Function("fromkeys", CollectionMethods::fromKeys) : null;
    }

    @Override
    public String repr() {
      return "<TemplateDict>";
    }
  }

  /** Goes round its items. */
  private static final class Cycler implements Value.Instance {
    private final List<Value> items;
    private int position;

    Cycler(List<Value> items) {
      this.items = items;
    }

    @Override
    public String typeName() {
      return "Cycler";
    }

    @Override
    public String module() {
      return "jinja2.utils";
    }

    @Override
    public @Nullable Value attribute(String name) {
      return switch (name) {
        case "items" -> new Value.Tuple(List.copyOf(items));
        case "pos" -> Value.of(position);
        case "current" -> items.get(position);
        case "next" -> new Function("next", (_, _) -> next());
        case "reset" -> new Function("reset", (_, _) -> reset());
        default -> null;
      };
    }

    private Value next() {
      Value item = items.get(position);
      position = (position + 1) % items.size();
      return item;
    }

    private Value reset() {
      position = 0;
      return Value.None.NONE;
    }

    @Override
    public String repr() {
      return "<Cycler>";
    }
  }

  /** Nothing when it is called first, a separator from then on. */
  private static final class Joiner implements Value.Instance {
    private final Value separator;
    private boolean used;

    Joiner(Value separator) {
      this.separator = separator;
    }

    @Override
    public String typeName() {
      return "Joiner";
    }

    @Override
    public String module() {
      return "jinja2.utils";
    }

    @Override
    public boolean callable() {
      return true;
    }

    @Override
    public Value call(Arguments arguments, Rendering rendering) {
      boolean first = !used;
      used = true;
      return first ? Value.of("") : separator;
    }

    @Override
    public @Nullable Value attribute(String name) {
      return switch (name) {
        case "sep" -> separator;
        case "used" -> Value.of(used);
        default -> null;
      };
    }

    @Override
    public String repr() {
      return "<Joiner>";
    }
  }
}
