package dev.slipway.tune;

import dev.slipway.nn.ProjectionSlot;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which projections a method adapts, by their names in the checkpoint, as PEFT's {@code
 * target_modules} says it.
 */
public sealed interface Targets {
  /** What PEFT calls every projection but the head. */
  String ALL_LINEAR = "all-linear";

  boolean matches(ProjectionSlot slot);

  /** {@code "all-linear"}: every projection but the head. */
  record AllLinear() implements Targets {
    @Override
    public boolean matches(ProjectionSlot slot) {
      return !slot.name().equals("lm_head");
    }
  }

  /**
   * A regular expression for whole names.
   *
   * @param pattern such as {@code .*self_attn\.[qv]_proj}
   */
  record Matching(Pattern pattern) implements Targets {
    @Override
    public boolean matches(ProjectionSlot slot) {
      return pattern.matcher(slot.name()).matches();
    }
  }

  /**
   * Names, or ends of names after a dot.
   *
   * @param names such as {@code q_proj}
   * @param layers to which layers it is kept; empty for all
   */
  record Named(List<String> names, List<Integer> layers) implements Targets {
    private static final Pattern LAYER = Pattern.compile(".*\\.[^.]*\\.([0-9]{1,9})\\..*");

    public Named {
      names = List.copyOf(names);
      layers = List.copyOf(layers);
    }

    @Override
    public boolean matches(ProjectionSlot slot) {
      String name = slot.name();
      return names.stream().anyMatch(end -> name.equals(end) || name.endsWith("." + end))
          && (layers.isEmpty() || layers.contains(layer(name)));
    }

    private static int layer(String name) {
      Matcher matcher = LAYER.matcher(name);
      return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
    }
  }
}
