package dev.slipway.base.binding;

/**
 * Where something was written.
 *
 * @param source a file, or the option that said it
 * @param line from 1; 0 where there are no lines
 * @param column from 1
 */
public record Place(String source, int line, int column) {
  /** A command line option such as {@code --set train.batch=8}. */
  public static Place option(String option) {
    return new Place(option, 0, 0);
  }

  public boolean isOption() {
    return line == 0;
  }

  /** {@code recipe.yaml:3:7}, as compilers have it. */
  @Override
  public String toString() {
    return isOption() ? source : source + ":" + line + ":" + column;
  }
}
