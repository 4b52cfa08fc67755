package dev.slipway.recipe.examples;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Parameters that keep their first values, by patterns of their names. */
final class Frozen {
  private Frozen() {}

  static void apply(ParameterSet parameters, List<String> patterns) {
    List<String> names = parameters.specs().stream().map(ParameterSpec::name).toList();
    List<Pattern> compiled = patterns.stream().map(Frozen::compiled).toList();
    for (int i = 0; i < compiled.size(); i++) {
      Pattern pattern = compiled.get(i);
      if (names.stream().noneMatch(name -> pattern.matcher(name).matches())) {
        throw new SlipwayException(
            Exit.USAGE,
            "model.freeze",
            "no parameter is named "
                + patterns.get(i)
                + ", there are "
                + names.stream().limit(8).collect(Collectors.joining(", "))
                + (names.size() > 8 ? " and " + (names.size() - 8) + " more" : ""),
            "write names of these in model.sequential.freeze, with * for any characters");
      }
    }
    if (!compiled.isEmpty() && names.stream().allMatch(name -> matches(compiled, name))) {
      throw new SlipwayException(
          Exit.USAGE,
          "model.freeze",
          "all " + names.size() + " parameters are frozen, expected some to learn",
          "leave the last layer out of model.sequential.freeze");
    }
    parameters.freeze(name -> matches(compiled, name));
  }

  private static boolean matches(List<Pattern> patterns, String name) {
    return patterns.stream().anyMatch(pattern -> pattern.matcher(name).matches());
  }

  private static Pattern compiled(String pattern) {
    return Pattern.compile(
        Arrays.stream(pattern.split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*")));
  }
}
