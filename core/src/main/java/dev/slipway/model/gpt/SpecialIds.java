package dev.slipway.model.gpt;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ids that a model folder gives a meaning, as {@code config.json} and {@code
 * generation_config.json} have them.
 *
 * @param bos begins a text
 * @param eos each ends one
 * @param pad fills rows up
 */
public record SpecialIds(@Nullable Integer bos, List<Integer> eos, @Nullable Integer pad) {
  public SpecialIds {
    eos = List.copyOf(eos);
  }

  /** One token for all, as Slipway's tokenizers have it. */
  public static SpecialIds one(int id) {
    return new SpecialIds(id, List.of(id), id);
  }
}
