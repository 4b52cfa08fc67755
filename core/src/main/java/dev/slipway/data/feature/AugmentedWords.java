package dev.slipway.data.feature;

import dev.slipway.data.augment.TextPipeline;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.nn.InputShape;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Words of texts that are changed before they are cut into words, anew for each draw.
 *
 * @param plain the same texts as they are
 * @param ids of the vocabulary's words
 */
record AugmentedWords(
    Encoded plain,
    WordsFeature feature,
    ExampleSet examples,
    Map<String, Integer> ids,
    TextPipeline steps)
    implements Encoded {
  @Override
  public InputShape shape() {
    return plain.shape();
  }

  @Override
  public Values gather(int[] rows, Draw @Nullable [] draws) {
    if (draws == null) {
      return plain.gather(rows, null);
    }
    int[][] changed = new int[rows.length][];
    int[] places = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      String text =
          examples.value(rows[i], feature.field()) instanceof Value.Text(String own) ? own : "";
      String drawn = steps.apply(text, examples.id(rows[i]), draws[i]);
      changed[i] = feature.ids(feature.split().of(drawn), ids);
      places[i] = i;
    }
    return IdSequences.of(shape(), changed, feature.length(), feature.padding())
        .gather(places, null);
  }
}
