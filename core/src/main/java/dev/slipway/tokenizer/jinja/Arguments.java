package dev.slipway.tokenizer.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What a function, filter or test is called with. */
record Arguments(List<Value> positional, SequencedMap<String, Value> named) {
  static final Arguments NONE = new Arguments(List.of(), new LinkedHashMap<>());

  Arguments without(int first) {
    return new Arguments(
        positional.subList(Math.min(first, positional.size()), positional.size()), named);
  }

  /** Arguments by the names of a function's parameters. */
  record Bound(String function, List<String> names, List<@Nullable Value> values) {
    /** The value that was given, or null. */
    @Nullable Value given(int index) {
      return values.get(index);
    }

    /** The value that was given and is not {@code none}, or null. */
    @Nullable Value present(int index) {
      Value value = values.get(index);
      return value == Value.None.NONE ? null : value;
    }

    Value required(int index) {
      Value value = values.get(index);
      if (value == null) {
        throw new IllegalStateException(function + " has not required " + names.get(index));
      }
      return value;
    }

    boolean isTrue(int index, boolean otherwise) {
      Value value = values.get(index);
      return value == null ? otherwise : Operators.isTrue(value);
    }

    int integer(int index, int otherwise) {
      Value value = values.get(index);
      if (value == null) {
        return otherwise;
      }
      return Arguments.integer(value);
    }

    String text(int index, String otherwise) {
      Value value = values.get(index);
      return value == null ? otherwise : Printed.str(value);
    }
  }

  /** A value as an index or a count. */
  static int integer(Value value) {
    BigInteger number = Numbers.integer(value);
    if (number == null) {
      Equality.failIfUndefined(value);
      throw TemplateException.type(
          Printed.quoted(value.typeName()) + " object cannot be interpreted as an integer");
    }
    if (number.bitLength() > 31) {
      return number.signum() < 0 ? Integer.MIN_VALUE + 1 : Integer.MAX_VALUE;
    }
    return number.intValue();
  }

  /**
   * Puts the arguments to a function's parameters.
   *
   * @param function its name, for messages
   * @param before how many arguments it had before these, for messages: 1 for a filter
   * @param required how many of the names must be given
   */
  Bound bind(String function, int before, int required, String... names) {
    List<@Nullable Value> values = new ArrayList<>(Collections.nCopies(names.length, null));
    int given = positional.size();
    if (given > names.length) {
      int most = names.length + before;
      int least = required + before;
      String takes =
          least == most
              ? "%d positional argument%s".formatted(most, most == 1 ? "" : "s")
              : "from %d to %d positional arguments".formatted(least, most);
      throw TemplateException.type(
          "%s() takes %s but %d %s given"
              .formatted(function, takes, given + before, given + before == 1 ? "was" : "were"));
    }
    for (int i = 0; i < given; i++) {
      values.set(i, positional.get(i));
    }
    List<String> nameList = List.of(names);
    named.forEach(
        (name, value) -> {
          int index = nameList.indexOf(name);
          if (index < 0) {
            throw TemplateException.type(
                "%s() got an unexpected keyword argument %s"
                    .formatted(function, Printed.quoted(name)));
          }
          if (index < given) {
            throw TemplateException.type(
                "%s() got multiple values for argument %s"
                    .formatted(function, Printed.quoted(name)));
          }
          values.set(index, value);
        });
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < required; i++) {
      if (values.get(i) == null) {
        missing.add(Printed.quoted(names[i]));
      }
    }
    if (!missing.isEmpty()) {
      throw TemplateException.type(
          "%s() missing %d required positional argument%s: %s"
              .formatted(
                  function, missing.size(), missing.size() == 1 ? "" : "s", enumerated(missing)));
    }
    return new Bound(function, nameList, values);
  }

  private static String enumerated(List<String> names) {
    if (names.size() <= 2) {
      return String.join(" and ", names);
    }
    return String.join(", ", names.subList(0, names.size() - 1)) + ", and " + names.getLast();
  }
}
