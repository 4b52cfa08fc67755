package dev.slipway.tokenizer.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What does something. */
sealed interface Statement {
  /** Text of the template itself. */
  record Data(String text) implements Statement {}

  record Print(Expression value) implements Statement {}

  record If(List<Branch> branches, List<Statement> otherwise) implements Statement {}

  record Branch(Expression test, List<Statement> body) {}

  record For(
      Target target,
      Expression items,
      @Nullable Expression test,
      boolean recursive,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  record With(List<Target> targets, List<Expression> values, List<Statement> body)
      implements Statement {}

  record Set(Target target, Expression value) implements Statement {}

  record SetBlock(Target target, @Nullable Expression filter, List<Statement> body)
      implements Statement {}

  record Macro(String name, Callee callee) implements Statement {}

  /** A call that is given the block as {@code caller}. */
  record CallBlock(Callee caller, Expression.Call call) implements Statement {}

  record FilterBlock(Expression filter, List<Statement> body) implements Statement {}

  /** A named part, or one in which values are declared safe: a scope of its own. */
  record Scope(List<Statement> body) implements Statement {}

  /** What an assistant says: its place in the output is noted. */
  record Generation(List<Statement> body) implements Statement {}

  /** {@code include}, {@code import} or {@code extends}: there is nothing to load from. */
  record Load() implements Statement {}

  record Break() implements Statement {}

  record Continue() implements Statement {}

  /**
   * What a macro or a call block is made of.
   *
   * @param defaults of the last parameters
   * @param usesCaller whether the body reads {@code caller}, and so on
   */
  record Callee(
      List<String> parameters,
      List<Expression> defaults,
      List<Statement> body,
      boolean usesCaller,
      boolean usesNamed,
      boolean usesPositional) {}

  /** What is assigned to. */
  sealed interface Target {}

  record NameTarget(String name) implements Target {}

  record NamespaceTarget(String name, String attribute) implements Target {}

  record TupleTarget(List<Target> items) implements Target {}
}
