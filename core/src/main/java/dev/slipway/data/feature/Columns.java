package dev.slipway.data.feature;

import dev.slipway.data.column.CategoryTransform;
import dev.slipway.data.column.CodedWords;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A field's values as numbers or as words. */
public final class Columns {
  private Columns() {}

  /** NaN where missing. */
  public static double number(Value value) {
    return value instanceof Value.Number(double number) ? number : Double.NaN;
  }

  /**
   * The word that a value is: text without blanks around it, {@code 3} for the number 3.0, the only
   * label of several; null where missing.
   */
  public static @Nullable String word(Value value) {
    return switch (value) {
      case Value.Text(String text) -> text.isBlank() ? null : text.strip();
      case Value.Number(double number) when Double.isNaN(number) -> null;
      case Value.Number(double number)
          when number == Math.rint(number) && Math.abs(number) < 1e15 ->
          Long.toString((long) number);
      case Value.Number(double number) -> Double.toString(number);
      case Value.Labels(List<String> labels) when labels.size() == 1 -> labels.getFirst();
      case Value.Labels _, Value.Missing _, Value.Content _, Value.Pixels _ -> null;
    };
  }

  /**
   * A column of words by example; null where missing.
   *
   * @throws dev.slipway.base.SlipwayException if there is no such field, or it has no words
   */
  public static IntFunction<@Nullable String> words(ExampleSet examples, String field) {
    Fields.named(examples, field, Field.Kind.TEXT, Field.Kind.NUMBER, Field.Kind.LABELS);
    Optional<ExampleSet.CodedTexts> coded = examples.coded(field);
    if (coded.isEmpty()) {
      return example -> word(examples.value(example, field));
    }
    int[] codes = coded.get().codes();
    @Nullable String[] words = words(coded.get().texts());
    return example -> codes[example] < 0 ? null : words[codes[example]];
  }

  /** The same as codes, which is the form that some sets hold. */
  static CodedWords coded(ExampleSet examples, String field) {
    IntFunction<@Nullable String> words = words(examples, field);
    return examples
        .coded(field)
        .map(coded -> new CodedWords(coded.codes(), words(coded.texts())))
        .orElseGet(() -> CodedWords.of(examples.size(), words));
  }

  private static @Nullable String[] words(List<String> texts) {
    return texts.stream().map(text -> word(new Value.Text(text))).toArray(String[]::new);
  }

  static Optional<Dropped> missing(
      List<CategoryTransform> columns, ExampleSet examples, int example) {
    for (CategoryTransform column : columns) {
      if (!column.takes(word(examples.value(example, column.column())))) {
        return Optional.of(new Dropped(DropReason.VALUE_MISSING, column.column()));
      }
    }
    return Optional.empty();
  }
}
