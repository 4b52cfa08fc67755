package dev.slipway.data.column;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A column of words that come again and again, as codes. What is asked of a word is asked once of
 * each, not once a row.
 *
 * @param codes index into the words by row, −1 where missing
 * @param words the same one may be there twice; null counts as missing
 */
public record CodedWords(int[] codes, @Nullable String[] words) {
  /** Of the words of so many rows, null where missing. */
  public static CodedWords of(int rows, IntFunction<@Nullable String> values) {
    Map<String, Integer> known = new HashMap<>();
    List<@Nullable String> words = new ArrayList<>();
    int[] codes = new int[rows];
    for (int row = 0; row < rows; row++) {
      String value = values.apply(row);
      if (value == null) {
        codes[row] = -1;
        continue;
      }
      Integer code = known.get(value);
      if (code == null) {
        code = words.size();
        known.put(value, code);
        words.add(value);
      }
      codes[row] = code;
    }
    return new CodedWords(codes, words.toArray(new @Nullable String[0]));
  }

  /** What is asked of the word of each code; the last one is of a missing word. */
  int[] each(ToIntFunction<@Nullable String> asked) {
    int[] found = new int[words.length + 1];
    for (int code = 0; code < words.length; code++) {
      found[code] = asked.applyAsInt(words[code]);
    }
    found[words.length] = asked.applyAsInt(null);
    return found;
  }
}
