package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Parameters that keep their values: by patterns in which * stands for any characters, by depth.
 */
final class FrozenNames {
  private FrozenNames() {}

  /**
   * What is left to learn.
   *
   * @throws SlipwayException {@code tune.freeze} where a pattern is nobody's name, or all are
   *     frozen
   */
  static List<ParameterSpec> learning(List<ParameterSpec> parameters, TuningMethod.Full method) {
    List<String> freeze = method.freeze();
    Depths depths = Depths.of(parameters);
    if (method.freezeLayers() > depths.blocks()) {
      throw new SlipwayException(
          Exit.USAGE,
          "tune.freeze",
          "tune.full.freeze-layers is "
              + method.freezeLayers()
              + ", the model has "
              + depths.blocks()
              + " blocks",
          "freeze fewer of them");
    }
    List<Pattern> patterns = freeze.stream().map(FrozenNames::compiled).toList();
    for (int i = 0; i < patterns.size(); i++) {
      Pattern pattern = patterns.get(i);
      if (parameters.stream().noneMatch(spec -> pattern.matcher(spec.name()).matches())) {
        throw new SlipwayException(
            Exit.USAGE,
            "tune.freeze",
            "no parameter is named "
                + freeze.get(i)
                + ", there are "
                + parameters.stream()
                    .limit(8)
                    .map(ParameterSpec::name)
                    .collect(Collectors.joining(", "))
                + (parameters.size() > 8 ? " and " + (parameters.size() - 8) + " more" : ""),
            "write names of these in tune.full.freeze, with * for any characters");
      }
    }
    List<ParameterSpec> learning =
        parameters.stream()
            .filter(
                spec ->
                    (method.freezeLayers() == 0 || depths.of(spec.name()) > method.freezeLayers())
                        && patterns.stream()
                            .noneMatch(pattern -> pattern.matcher(spec.name()).matches()))
            .toList();
    if (learning.isEmpty()) {
      throw new SlipwayException(
          Exit.USAGE,
          "tune.freeze",
          "all " + parameters.size() + " parameters are frozen, expected some to learn",
          "leave the last blocks out of tune.full.freeze");
    }
    return learning;
  }

  private static Pattern compiled(String pattern) {
    return Pattern.compile(
        Arrays.stream(pattern.split("\\*", -1))
            .map(Pattern::quote)
            .collect(Collectors.joining(".*")));
  }
}
