package dev.slipway.infer.grammar;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What the items so far of an open array are, no two of which may be equal, and those of the arrays
 * around it. Items are told apart by their texts without white space, of which a value has only one
 * (a byte is a character here).
 *
 * <p>Where tokens are tried, only as much is known of the item that has begun as some earlier one
 * begins with: all others are alike, so that their places are one and are looked at once. The item
 * that ends there has no name yet, and none may end within the same token that could be its equal.
 * The answer itself is followed with its texts.
 */
final class UniqueItems {
  private final String[] items; // ascending
  private final boolean open;

  /** What came of the open item where an earlier one begins so; null where none does. */
  private final @Nullable String prefix;

  /** What came of the open item; null where tokens are tried. */
  private final @Nullable String text;

  /** Whether an item has ended whose text is not known. */
  private final boolean unnamed;

  private final @Nullable UniqueItems outer;
  private final int depth;
  private final int hash;

  private UniqueItems(
      String[] items,
      boolean open,
      @Nullable String prefix,
      @Nullable String text,
      boolean unnamed,
      @Nullable UniqueItems outer) {
    this.items = items;
    this.open = open;
    this.prefix = prefix;
    this.text = text;
    this.unnamed = unnamed;
    this.outer = outer;
    depth = outer == null ? 1 : outer.depth + 1;
    hash = Objects.hash(Arrays.hashCode(items), open, prefix, text, unnamed, outer);
  }

  /** An array begins, within others or null. */
  static UniqueItems within(@Nullable UniqueItems outer) {
    return new UniqueItems(new String[0], false, null, null, false, outer);
  }

  /** The arrays around this one, which has ended. */
  @Nullable UniqueItems outer() {
    return outer;
  }

  /** Whether an item has begun and not ended. */
  boolean isOpen() {
    return open;
  }

  /** How many such arrays stand within each other. */
  int depth() {
    return depth;
  }

  /** Whether an item has ended whose text is not known yet. */
  boolean isUnnamed() {
    return unnamed;
  }

  /** How many items have ended. */
  int count() {
    return items.length + (unnamed ? 1 : 0);
  }

  /**
   * An item begins.
   *
   * @param followed whether its text is to be known
   */
  UniqueItems begin(boolean followed) {
    return new UniqueItems(
        items, true, items.length == 0 ? null : "", followed ? "" : null, unnamed, outer);
  }

  /** A byte came of the items that are open. */
  UniqueItems take(int value) {
    UniqueItems around = outer == null ? null : outer.take(value);
    if (!open || (prefix == null && text == null)) {
      return around == outer ? this : new UniqueItems(items, open, prefix, text, unnamed, around);
    }
    String begun = prefix == null ? null : prefix + (char) value;
    return new UniqueItems(
        items,
        true,
        begun == null || beginningWith(begun) == 0 ? null : begun,
        text == null ? null : text + (char) value,
        unnamed,
        around);
  }

  /** The open item ends; null where it came before, or may have. */
  @Nullable UniqueItems end() {
    if (unnamed) {
      return null;
    }
    if (prefix != null && Arrays.binarySearch(items, prefix) >= 0) {
      return null;
    }
    if (text == null) {
      return new UniqueItems(items, false, null, null, true, outer);
    }
    int at = -Arrays.binarySearch(items, text) - 1;
    String[] more = Arrays.copyOf(items, items.length + 1);
    System.arraycopy(items, at, more, at + 1, items.length - at);
    more[at] = text;
    return new UniqueItems(more, false, null, null, false, outer);
  }

  /** The same where tokens are to be tried. */
  UniqueItems untold() {
    UniqueItems around = outer == null ? null : outer.untold();
    return text == null && around == outer
        ? this
        : new UniqueItems(items, open, prefix, null, unnamed, around);
  }

  /** How many items that came the open one may yet become. */
  int rivals() {
    return (prefix == null ? 0 : beginningWith(prefix)) + (unnamed ? 1 : 0);
  }

  /** How many of these are left after one more byte of some. */
  int rivals(IntPredicate taken) {
    int count = unnamed ? 1 : 0;
    if (prefix != null) {
      int from = Arrays.binarySearch(items, prefix);
      from = from < 0 ? -from - 1 : from + 1; // the text itself goes on with none
      for (int i = from; i < items.length && items[i].startsWith(prefix); i++) {
        count += taken.test(items[i].charAt(prefix.length())) ? 1 : 0;
      }
    }
    return count;
  }

  private int beginningWith(String beginning) {
    int from = Arrays.binarySearch(items, beginning);
    from = from < 0 ? -from - 1 : from;
    int to = from;
    while (to < items.length && items[to].startsWith(beginning)) {
      to++;
    }
    return to - from;
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof UniqueItems o
            && o.hash == hash
            && o.open == open
            && o.unnamed == unnamed
            && Arrays.equals(o.items, items)
            && Objects.equals(o.prefix, prefix)
            && Objects.equals(o.text, text)
            && Objects.equals(o.outer, outer));
  }
}
