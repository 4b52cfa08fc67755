package dev.slipway.data.feature;

import dev.slipway.data.augment.TextPipeline;
import dev.slipway.data.example.Draw;
import dev.slipway.data.example.Encoded;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Value;
import dev.slipway.data.example.Values;
import dev.slipway.nn.InputShape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bags of terms, kept as the few that a text has, and spread out into rows by {@link #gather}.
 *
 * @param bags of the texts as they are
 * @param places of the terms
 * @param steps change training texts before they are cut into words; null where nothing does
 */
record EncodedBags(
    BagFeature feature,
    List<Bag> bags,
    ExampleSet examples,
    Map<String, Integer> places,
    @Nullable TextPipeline steps)
    implements Encoded {
  /** What a text has: places of terms, and their values. */
  record Bag(int[] places, float[] values) {}

  @Override
  public InputShape shape() {
    return feature.shape();
  }

  @Override
  public Values gather(int[] rows, Draw @Nullable [] draws) {
    int width = feature.terms().size();
    float[] values = new float[Math.multiplyExact(rows.length, width)];
    for (int row = 0; row < rows.length; row++) {
      Bag bag =
          draws == null || steps == null
              ? bags.get(rows[row])
              : changed(steps, rows[row], draws[row]);
      for (int i = 0; i < bag.places().length; i++) {
        values[row * width + bag.places()[i]] = bag.values()[i];
      }
    }
    return new Values.Floats(values, new long[] {rows.length, width});
  }

  private Bag changed(TextPipeline pipeline, int example, Draw draw) {
    if (!(examples.value(example, feature.field()) instanceof Value.Text(String text))) {
      return bags.get(example);
    }
    String drawn = pipeline.apply(text, examples.id(example), draw);
    return feature.bag(feature.split().of(drawn), places);
  }
}
