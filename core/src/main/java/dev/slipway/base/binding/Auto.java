package dev.slipway.base.binding;

import java.util.function.Supplier;

/** A setting that may be left to Slipway: the word {@code auto}, or a value. */
public sealed interface Auto<T> {
  /** Slipway chooses. */
  record Unset<T>() implements Auto<T> {}

  /** Chosen. */
  record Chosen<T>(T setting) implements Auto<T> {}

  static <T> Auto<T> auto() {
    return new Unset<>();
  }

  static <T> Auto<T> of(T value) {
    return new Chosen<>(value);
  }

  default boolean isAuto() {
    return this instanceof Unset;
  }

  /** The value; a bug where it is still {@code auto}. */
  default T value() {
    return switch (this) {
      case Unset<T>() -> throw new IllegalStateException("the setting is still auto");
      case Chosen<T>(T value) -> value;
    };
  }

  default T orElse(T other) {
    return isAuto() ? other : value();
  }

  /** The same setting with a value in it. */
  default Auto<T> or(Supplier<T> choice) {
    return isAuto() ? of(choice.get()) : this;
  }
}
