package dev.slipway.data;

import dev.slipway.data.clean.CleanStep;
import dev.slipway.data.source.Source;
import java.util.List;

/**
 * What the data are and what is done to them before a token is made.
 *
 * @param clean steps, applied in this order
 */
public record DataConfig(
    Source source, List<CleanStep> clean, Deduplicate deduplicate, Split split) {
  public DataConfig {
    clean = List.copyOf(clean);
  }
}
