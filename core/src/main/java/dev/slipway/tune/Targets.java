package dev.slipway.tune;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.nn.ProjectionSlot;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Which projections a method adapts, by their names in the checkpoint, as PEFT's {@code
 * target_modules} says it.
 */
public sealed interface Targets {
  /** What PEFT calls every projection but the head. */
  String ALL_LINEAR = "all-linear";

  boolean matches(ProjectionSlot slot);

  /** {@code "all-linear"}: every projection but the head. */
  @Doc("Every projection but the head")
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
  @Doc("Those whose whole name a regular expression matches")
  record Matching(@Doc("Such as .*self_attn\\.[qv]_proj") String pattern) implements Targets {
    public Matching {
      try {
        Pattern.compile(pattern);
      } catch (PatternSyntaxException e) {
        throw new InvalidSetting("pattern", pattern, "a regular expression");
      }
    }

    @Override
    public boolean matches(ProjectionSlot slot) {
      return Pattern.matches(pattern, slot.name());
    }
  }

  /**
   * Names, or ends of names after a dot.
   *
   * @param names such as {@code q_proj}
   * @param layers to which layers it is kept; empty for all
   */
  @Doc("Those with these names, or ends of names")
  record Named(
      @Doc("Such as q_proj") List<String> names,
      @Doc("To which blocks it is kept, counted from 0; empty for all") @Default("[]")
          List<Integer> layers)
      implements Targets {
    private static final Pattern LAYER = Pattern.compile(".*?\\.[^.]*\\.([0-9]{1,9})\\..*");

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
