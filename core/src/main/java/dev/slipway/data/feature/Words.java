package dev.slipway.data.feature;

import dev.slipway.base.binding.Doc;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a text becomes words. */
public enum Words {
  @Doc("Runs of letters, digits and apostrophes, in lower case; all else parts them")
  LETTERS,
  @Doc("What blanks part, as it is: for texts that were split before")
  BLANKS,
  @Doc(
      "As Keras' TextVectorization has it: in lower case, ASCII punctuation taken out, parted by"
          + " blanks; before that a tag such as <br /> becomes a blank")
  KERAS;

  private static final Pattern TAG = Pattern.compile("<[a-zA-Z/!][^<>]{0,200}>");

  List<String> of(String text) {
    return this == KERAS ? keras(text) : cut(text);
  }

  /** TensorFlow lowers ASCII alone by default; here every letter is. */
  private static List<String> keras(String text) {
    String lower = TAG.matcher(text).replaceAll(" ").toLowerCase(Locale.ROOT);
    StringBuilder plain = new StringBuilder(lower.length());
    for (int i = 0; i < lower.length(); i++) {
      char c = lower.charAt(i);
      if (c <= ' ' || c >= 127 || Character.isLetterOrDigit(c)) {
        plain.append(c);
      }
    }
    return BLANKS.cut(plain.toString());
  }

  private List<String> cut(String text) {
    List<String> words = new ArrayList<>();
    int from = -1;
    for (int i = 0; i <= text.length(); i++) {
      boolean inside = i < text.length() && inside(text.charAt(i));
      if (inside && from < 0) {
        from = i;
      } else if (!inside && from >= 0) {
        String word = text.substring(from, i);
        words.add(this == LETTERS ? word.toLowerCase(Locale.ROOT) : word);
        from = -1;
      }
    }
    return words;
  }

  private boolean inside(char c) {
    return switch (this) {
      case LETTERS -> Character.isLetterOrDigit(c) || Character.isSurrogate(c) || c == '\'';
      case BLANKS, KERAS -> !Character.isWhitespace(c);
    };
  }

  /** The words of an example's field; none where it is missing. */
  List<String> of(ExampleSet examples, int example, String field) {
    return switch (examples.value(example, field)) {
      case Value.Text(String text) -> of(text);
      case Value.Labels(List<String> labels) -> labels;
      case Value.Missing _, Value.Number _, Value.Content _, Value.Pixels _ -> List.of();
    };
  }

  static void check(ExampleSet examples, String field) {
    Fields.named(examples, field, Field.Kind.TEXT, Field.Kind.LABELS);
  }

  static Optional<Dropped> missing(ExampleSet examples, int example, String field) {
    return examples.value(example, field) instanceof Value.Missing
        ? Optional.of(new Dropped(DropReason.VALUE_MISSING, field))
        : Optional.empty();
  }
}
