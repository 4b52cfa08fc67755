package dev.slipway.data.feature;

import dev.slipway.data.augment.Augmentation;
import java.util.List;

/**
 * What is done to inputs beyond their features while they are learnt.
 *
 * @param steps in their order; each feature takes those of its kind
 * @param cacheBytes most bytes of decoded content that an input keeps in memory
 */
public record Augmented(List<Augmentation> steps, long cacheBytes) {
  /** Nothing changed and nothing kept: to answer with. */
  public static final Augmented NOT = new Augmented(List.of(), 0);

  public Augmented {
    steps = List.copyOf(steps);
  }

  <S extends Augmentation> List<S> of(Class<S> kind) {
    return steps.stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
