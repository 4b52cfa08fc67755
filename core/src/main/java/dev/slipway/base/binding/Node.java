package dev.slipway.base.binding;

import java.util.List;

/** A document as it was written, each part with its place. */
public sealed interface Node {
  Place place();

  /** What it is, for a sentence: {@code the text "x"}, {@code a list}. */
  String described();

  /** How a word was written, which settles what it may be. */
  enum Style {
    /** Without quotes: a number or a truth value where it looks like one, else text. */
    PLAIN,
    /** In quotes or as a block: text. */
    QUOTED,
    /** Made by interpolation: whatever is wanted there. */
    INTERPOLATED
  }

  record Scalar(Place place, String text, Style style) implements Node {
    boolean isNull() {
      return style == Style.PLAIN
          && (text.isEmpty() || text.equals("~") || text.equalsIgnoreCase("null"));
    }

    boolean isNumber() {
      return style != Style.QUOTED && text.matches(Numbers.DECIMAL);
    }

    boolean isFlag() {
      return style != Style.QUOTED && (text.equals("true") || text.equals("false"));
    }

    @Override
    public String described() {
      if (isNull()) {
        return "nothing";
      }
      return style == Style.PLAIN && (isNumber() || isFlag()) ? text : shortened(text);
    }
  }

  record Sequence(Place place, List<Node> items) implements Node {
    @Override
    public String described() {
      return "a list of " + items.size();
    }
  }

  record Mapping(Place place, List<Entry> entries) implements Node {
    @Override
    public String described() {
      return entries.isEmpty()
          ? "no keys"
          : "the keys " + String.join(", ", entries.stream().map(Entry::key).toList());
    }
  }

  /** A key and what it has; the place is the key's. */
  record Entry(Place place, String key, Node value) {}

  private static String shortened(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    int points = line.codePointCount(0, line.length());
    return "\""
        + (points <= 60 ? line : line.substring(0, line.offsetByCodePoints(0, 57)) + "...")
        + "\"";
  }
}
