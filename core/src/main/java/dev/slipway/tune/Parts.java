package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ProjectionSlot;
import java.util.regex.Pattern;

/** The projections that end a block's parts, by their names in checkpoints. */
final class Parts {
  /** Of Llama's families, GPT-2, and BERT's. */
  static final Pattern AFTER_ATTENTION =
      Pattern.compile("(.*\\.)?(self_attn\\.o_proj|attn\\.c_proj|attention\\.output\\.dense)");

  private static final Pattern AFTER_FEED_FORWARD =
      Pattern.compile("(.*\\.)?(mlp\\.down_proj|mlp\\.c_proj|layer\\.[0-9]+\\.output\\.dense)");

  private static final Pattern EXPERT = Pattern.compile(".*\\.experts\\..*");

  private Parts() {}

  /**
   * @throws SlipwayException {@code tune.experts} where each position takes other projections
   */
  static boolean endsFeedForward(ProjectionSlot slot) {
    if (EXPERT.matcher(slot.name()).matches()) {
      throw new SlipwayException(
          Exit.USAGE,
          "tune.experts",
          "the model's feed-forward parts are mixtures of experts, such as "
              + slot.name()
              + ", expected one projection that ends a part",
          "tune it by lora or qlora");
    }
    return AFTER_FEED_FORWARD.matcher(slot.name()).matches();
  }
}
