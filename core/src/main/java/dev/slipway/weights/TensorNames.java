package dev.slipway.weights;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.Collection;
import java.util.List;

/** Whether a source holds just the tensors that a model has. */
public final class TensorNames {
  /** How to mend weights that are another model's. */
  public static final String MISMATCH = "check that config.json belongs to these weights";

  private TensorNames() {}

  /**
   * @param source what the weights are called in an error
   * @param missing names that the model has and the source does not
   * @param surplus names that the source has and the model does not
   * @throws SlipwayException {@code weights.missing-tensor}, {@code weights.surplus-tensor}
   */
  public static void requireSame(
      String source, Collection<String> missing, Collection<String> surplus) {
    if (!missing.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "weights.missing-tensor",
          source + " lacks " + some(missing) + ", which config.json calls for",
          MISMATCH);
    }
    if (!surplus.isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "weights.surplus-tensor",
          source + " holds " + some(surplus) + ", which config.json knows nothing of",
          MISMATCH);
    }
  }

  private static String some(Collection<String> names) {
    List<String> all = List.copyOf(names);
    String first = String.join(", ", all.subList(0, Math.min(3, all.size())));
    return all.size() > 3 ? first + " and " + (all.size() - 3) + " more" : first;
  }
}
