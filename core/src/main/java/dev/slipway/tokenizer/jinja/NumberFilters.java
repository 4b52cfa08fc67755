package dev.slipway.tokenizer.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Filters of numbers. */
final class NumberFilters {
  private static final String[] SIZES = {"k", "M", "G", "T", "P", "E", "Z", "Y"};

  private NumberFilters() {}

  static Value apply(String name, Value value, Arguments arguments, Rendering rendering) {
    return switch (name) {
      case "abs" -> {
        arguments.bind("abs", 1, 0);
        Value number = Numbers.number(value);
        if (number == null) {
          throw TemplateException.type(
              "bad operand type for abs(): " + Printed.quoted(value.typeName()));
        }
        yield number instanceof Value.Int integer
            ? new Value.Int(integer.value().abs())
            : new Value.Real(Math.abs(Numbers.real(number)));
      }
      case "float" -> {
        Value otherwise = arguments.bind("do_float", 1, 0, "default").given(0);
        Double number = real(value);
        yield number != null
            ? new Value.Real(number)
            : otherwise == null ? new Value.Real(0) : otherwise;
      }
      case "int" -> integer(value, arguments.bind("do_int", 1, 0, "default", "base"));
      case "round" ->
          round(value, arguments.bind("do_round", 1, 0, "precision", "method"), rendering);
      default -> fileSize(value, arguments.bind("do_filesizeformat", 1, 0, "binary"));
    };
  }

  private static @Nullable Double real(Value value) {
    Equality.failIfUndefined(value);
    if (value instanceof Value.Text text) {
      return Numbers.parseReal(text.text());
    }
    Value number = Numbers.number(value);
    return number == null ? null : Numbers.real(number);
  }

  private static Value integer(Value value, Arguments.Bound bound) {
    BigInteger integer =
        value instanceof Value.Text text
            ? Numbers.parseInteger(text.text(), bound.integer(1, 10))
            : Numbers.integer(value);
    if (integer != null) {
      return new Value.Int(integer);
    }
    Double number = real(value);
    if (number != null && Double.isInfinite(number) && value instanceof Value.Real) {
      throw TemplateException.overflow("cannot convert float infinity to integer");
    }
    if (number != null && Double.isFinite(number)) {
      return new Value.Int(new BigDecimal(number).toBigInteger());
    }
    Value otherwise = bound.given(0);
    return otherwise == null ? Value.of(0) : otherwise;
  }

  private static Value round(Value value, Arguments.Bound bound, Rendering rendering) {
    String method = bound.text(1, "common");
    int precision = bound.integer(0, 0);
    if (!method.equals("common") && !method.equals("ceil") && !method.equals("floor")) {
      throw TemplateException.filterArgument("method must be common, ceil or floor");
    }
    Value number = Numbers.number(value);
    if (number == null) {
      throw TemplateException.type(
          method.equals("common")
              ? "type %s doesn't define __round__ method".formatted(value.typeName())
              : "must be real number, not " + value.typeName());
    }
    if (method.equals("common")) {
      return Numbers.round(number, precision);
    }
    Operators operators = rendering.operators();
    Value scale = operators.binary("**", Value.of(10), Value.of(precision), rendering);
    Value scaled = operators.binary("*", number, scale, rendering);
    if (scaled instanceof Value.Real real) {
      double whole = method.equals("ceil") ? Math.ceil(real.value()) : Math.floor(real.value());
      if (!Double.isFinite(whole)) {
        throw Double.isNaN(whole)
            ? TemplateException.value("cannot convert float NaN to integer")
            : TemplateException.overflow("cannot convert float infinity to integer");
      }
      scaled = new Value.Int(new BigDecimal(whole).toBigInteger());
    }
    return operators.binary("/", scaled, scale, rendering);
  }

  private static Value fileSize(Value value, Arguments.Bound bound) {
    Double bytes = real(value);
    if (bytes == null) {
      throw value instanceof Value.Text text
          ? TemplateException.value(
              "could not convert string to float: " + Printed.quoted(text.text()))
          : TemplateException.type(
              "float() argument must be a string or a real number, not "
                  + Printed.quoted(value.typeName()));
    }
    boolean binary = bound.isTrue(0, false);
    double base = binary ? 1024 : 1000;
    if (bytes == 1) {
      return Value.of("1 Byte");
    }
    if (bytes < base) {
      return Value.of(bytes.longValue() + " Bytes");
    }
    double unit = base;
    int size = -1;
    do {
      unit *= base;
      size++;
    } while (bytes >= unit && size < SIZES.length - 1);
    String prefix = SIZES[size];
    if (binary && prefix.equals("k")) {
      prefix = "K";
    }
    return Value.of(
        FormatSpec.fixed(base * bytes / unit, 1) + " " + prefix + (binary ? "iB" : "B"));
  }
}
