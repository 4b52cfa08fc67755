package dev.slipway.plan;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.Locale;
import java.util.Optional;

/** Whether a run fits into memory, and what would. */
public final class MemoryFit {
  private MemoryFit() {}

  /** A run that takes less: the setting to change and the shape that then fits. */
  public record Remedy(String setting, RunShape shape) {}

  public static boolean fits(RunShape shape, MemoryModel model, long dataTokens, long memory) {
    return model.forecast(shape, dataTokens).total() <= memory;
  }

  /**
   * The least change that fits, tried in this order: more micro-batches, which learn the same;
   * activations computed again, which costs time; a smaller batch. Empty where not even a single
   * sequence fits.
   */
  public static Optional<Remedy> remedy(
      RunShape shape, MemoryModel model, long dataTokens, long memory) {
    Optional<Remedy> parts = accumulate(shape, model, dataTokens, memory);
    if (parts.isPresent()) {
      return parts;
    }
    RunShape again = shape.withCheckpointing(true);
    if (!shape.checkpointing()) {
      if (fits(again, model, dataTokens, memory)) {
        return Optional.of(new Remedy("train.activation-checkpointing: true", again));
      }
      Optional<Remedy> both = accumulate(again, model, dataTokens, memory);
      if (both.isPresent()) {
        return both.map(
            r -> new Remedy("train.activation-checkpointing: true and " + r.setting, r.shape));
      }
    }
    return Optional.empty();
  }

  private static Optional<Remedy> accumulate(
      RunShape shape, MemoryModel model, long dataTokens, long memory) {
    for (int parts = shape.accumulate() + 1; parts <= shape.batch(); parts++) {
      if (shape.batch() % parts == 0) {
        RunShape smaller = shape.withAccumulate(parts);
        if (fits(smaller, model, dataTokens, memory)) {
          int batch = shape.batch() / parts * shape.accumulate();
          return Optional.of(
              new Remedy(
                  "train.accumulate: " + parts + " (or train.batch: " + batch + ")", smaller));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Refuses a run that would not fit.
   *
   * @param source which limit {@code memory} is
   */
  public static void check(
      RunShape shape, MemoryModel model, long dataTokens, long memory, String source) {
    long needed = model.forecast(shape, dataTokens).total();
    if (needed > memory) {
      throw new SlipwayException(
          Exit.RESOURCE,
          "plan.memory",
          "training would take "
              + size(needed)
              + " of memory, and "
              + size(memory)
              + " may be taken ("
              + source
              + ")",
          remedy(shape, model, dataTokens, memory)
              .map(r -> "set " + r.setting)
              .orElseGet(
                  () ->
                      "choose a smaller model.gpt.size ("
                          + smaller(shape, memory)
                          + " parameters)"));
    }
  }

  /** Parameters that fit with sixteen bytes each and half of the memory for the rest. */
  private static String smaller(RunShape shape, long memory) {
    long parameters = Math.min(shape.config().parameterCount() / 2, memory / 32);
    return String.format(Locale.ROOT, "about %.1f M", parameters / 1e6);
  }

  /** Bytes for a sentence. */
  static String size(long bytes) {
    return bytes >= 1L << 30
        ? String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30))
        : String.format(Locale.ROOT, "%d MiB", bytes >> 20);
  }
}
