package dev.slipway.data.feature;

import dev.slipway.data.augment.TextPipeline;
import dev.slipway.data.augment.TextStep;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.nn.InputShape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Texts that are changed before they become ids, anew for each draw.
 *
 * @param plain the same texts as they are
 * @param encode makes ids of some texts, as those of {@code plain} were made
 */
record AugmentedTexts(
    Encoded plain,
    String field,
    ExampleSet examples,
    Function<List<String>, Encoded> encode,
    TextPipeline steps)
    implements Encoded {
  /** With the steps that change texts, where there are any. */
  static Encoded of(
      Encoded plain,
      String field,
      ExampleSet examples,
      Function<List<String>, Encoded> encode,
      Augmented augmented) {
    List<TextStep> steps = augmented.of(TextStep.class);
    return steps.isEmpty()
        ? plain
        : new AugmentedTexts(plain, field, examples, encode, TextPipeline.of(steps));
  }

  @Override
  public InputShape shape() {
    return plain.shape();
  }

  @Override
  public Values gather(int[] rows, Draw @Nullable [] draws) {
    if (draws == null) {
      return plain.gather(rows, null);
    }
    List<String> drawn = new ArrayList<>();
    for (int i = 0; i < rows.length; i++) {
      String text = examples.value(rows[i], field) instanceof Value.Text(String own) ? own : "";
      drawn.add(steps.apply(text, examples.id(rows[i]), draws[i]));
    }
    return encode.apply(drawn).gather(IntStream.range(0, rows.length).toArray(), null);
  }
}
