package dev.slipway.base.binding;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What <code>${NAME}</code> in a document stands for. */
public interface Variables {
  Pattern USE = Pattern.compile("\\$?\\$\\{([^}]*)}?");

  /** The value, or null where there is none. */
  @Nullable String get(String name);

  /** System properties by their names, and environment variables as {@code env.NAME}. */
  static Variables ofSystem() {
    return name ->
        name.toLowerCase(Locale.ROOT).startsWith("env.")
            ? System.getenv(name.substring(4))
            : System.getProperty(name);
  }

  /**
   * A text with every use replaced; <code>$${</code> gives a plain <code>${</code>.
   *
   * @throws IllegalArgumentException with what came, for a name that has no value
   */
  default String expand(String text) {
    StringBuilder expanded = new StringBuilder();
    Matcher use = USE.matcher(text);
    while (use.find()) {
      String replacement;
      if (use.group().startsWith("$$")) {
        replacement = use.group().substring(1);
      } else if (!use.group().endsWith("}")) {
        throw new IllegalArgumentException(use.group() + " without its closing brace");
      } else {
        replacement = use.group(1).isEmpty() ? null : get(use.group(1));
        if (replacement == null) {
          throw new IllegalArgumentException(use.group() + ", which is not set");
        }
      }
      use.appendReplacement(expanded, Matcher.quoteReplacement(replacement));
    }
    return use.appendTail(expanded).toString();
  }

  /** A text that {@link #expand} gives back as it is. */
  static String escape(String text) {
    return text.replace("${", "$${");
  }
}
