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

  /** Without those that a vocabulary has not, as defaults of another model's are. */
  public SpecialIds below(int vocabularySize) {
    return new SpecialIds(
        bos != null && bos < vocabularySize ? bos : null,
        eos.stream().filter(id -> id < vocabularySize).toList(),
        pad != null && pad < vocabularySize ? pad : null);
  }

  /** One token for all, as Slipway's tokenizers have it. */
  public static SpecialIds one(int id) {
    return new SpecialIds(id, List.of(id), id);
  }
}
