package dev.slipway.data.media;

import dev.slipway.data.SplitName;
import dev.slipway.data.source.Glob;
import java.util.List;
import java.util.Optional;

/**
 * The split that a file's name puts it in: one of these patterns, else the first of its folders
 * that is called by a split.
 *
 * @param validation globs of names
 * @param test globs of names
 */
public record GivenSplits(List<Glob> validation, List<Glob> test) {
  /** By folders alone. */
  public static final GivenSplits BY_FOLDER = new GivenSplits(List.of(), List.of());

  public GivenSplits {
    validation = List.copyOf(validation);
    test = List.copyOf(test);
  }

  /** With patterns as {@link Glob} reads them. */
  public static GivenSplits of(List<String> validation, List<String> test) {
    return new GivenSplits(Glob.all(validation), Glob.all(test));
  }

  /** Where patterns are given, what none of them names is for training. */
  Optional<SplitName> of(String name, Optional<SplitName> folder) {
    if (test.stream().anyMatch(glob -> glob.matches(name))) {
      return Optional.of(SplitName.TEST);
    }
    if (validation.stream().anyMatch(glob -> glob.matches(name))) {
      return Optional.of(SplitName.VALIDATION);
    }
    return test.isEmpty() && validation.isEmpty() ? folder : Optional.of(SplitName.TRAIN);
  }
}
