package dev.slipway.tokenizer.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What has a value. */
sealed interface Expression {
  record Constant(Value value) implements Expression {}

  record Name(String name) implements Expression {}

  record ListOf(List<Expression> items) implements Expression {}

  record TupleOf(List<Expression> items) implements Expression {}

  record DictOf(List<Pair> pairs) implements Expression {}

  record Pair(Expression key, Expression value) {}

  /** {@code then if test else otherwise}. */
  record Conditional(Expression test, Expression then, @Nullable Expression otherwise, int line)
      implements Expression {}

  record And(Expression left, Expression right) implements Expression {}

  record Or(Expression left, Expression right) implements Expression {}

  record Not(Expression operand) implements Expression {}

  /** {@code first < second <= third}. */
  record Comparison(Expression first, List<Operand> operands) implements Expression {}

  record Operand(String operator, Expression value) {}

  record Binary(String operator, Expression left, Expression right) implements Expression {}

  record Unary(String operator, Expression operand) implements Expression {}

  /** {@code a ~ b ~ c}. */
  record Concatenation(List<Expression> parts) implements Expression {}

  record Attribute(Expression of, String name) implements Expression {}

  record Item(Expression of, Expression key) implements Expression {}

  /** {@code of[start:stop:step]}, {@code none} for what is not written. */
  record Slice(Expression of, Expression start, Expression stop, Expression step)
      implements Expression {}

  record Call(Expression of, CallArguments arguments) implements Expression {}

  /**
   * @param of null in blocks, where it is what stands in the block
   */
  record Filter(@Nullable Expression of, String name, CallArguments arguments)
      implements Expression {}

  record Test(Expression of, String name, CallArguments arguments) implements Expression {}

  record CallArguments(
      List<Expression> positional,
      List<Keyword> named,
      @Nullable Expression star,
      @Nullable Expression doubleStar) {
    static final CallArguments NONE = new CallArguments(List.of(), List.of(), null, null);
  }

  record Keyword(String name, Expression value) {}
}
