package dev.slipway.tokenizer.jinja;

/**
 * A token of a template.
 *
 * @param type an operator's characters, or {@code name}, {@code string}, {@code integer}, {@code
 *     float}, {@code data}, {@code variable_begin}, {@code variable_end}, {@code block_begin},
 *     {@code block_end}, {@code eof}
 * @param line counted from 1
 */
record Token(int line, String type, String text) {
  /** Whether this is a token as {@code name:endfor} or {@code ,} describe it. */
  boolean is(String description) {
    return description.startsWith("name:")
        ? type.equals("name") && text.equals(description.substring(5))
        : type.equals(description);
  }

  /** How messages call it. */
  String described() {
    return type.equals("name") ? text : describedType(type);
  }

  /** How messages call what {@link #is} takes. */
  static String described(String description) {
    return description.startsWith("name:") ? description.substring(5) : describedType(description);
  }

  private static String describedType(String type) {
    return switch (type) {
      case "block_begin" -> "begin of statement block";
      case "block_end" -> "end of statement block";
      case "variable_begin" -> "begin of print statement";
      case "variable_end" -> "end of print statement";
      case "data" -> "template data / text";
      case "eof" -> "end of template";
      default -> type;
    };
  }
}
