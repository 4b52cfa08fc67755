package dev.slipway.tune;

import dev.slipway.nn.ParameterSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How deep in a model its parameters lie: 0 for what comes before the first block, such as
 * embeddings, 1 for the first block, and one more than there are blocks for what comes after.
 */
final class Depths {
  private static final Pattern BLOCK =
      Pattern.compile("(?:^|.*\\.)(?:layers|layer|h)\\.(\\d+)\\..*");

  private final Map<String, Integer> depths;
  private final int blocks;

  private Depths(Map<String, Integer> depths, int blocks) {
    this.depths = depths;
    this.blocks = blocks;
  }

  /**
   * @param parameters of a model, in its order
   */
  static Depths of(List<ParameterSpec> parameters) {
    Map<String, Integer> depths = new LinkedHashMap<>();
    int blocks = 0;
    for (ParameterSpec spec : parameters) {
      Matcher matcher = BLOCK.matcher(spec.name());
      int depth = matcher.matches() ? Integer.parseInt(matcher.group(1)) + 1 : 0;
      blocks = Math.max(blocks, depth);
      depths.put(spec.name(), depth == 0 && blocks > 0 ? -1 : depth);
    }
    int after = blocks + 1;
    depths.replaceAll((_, depth) -> depth < 0 ? after : depth);
    return new Depths(depths, blocks);
  }

  /** Number of blocks. */
  int blocks() {
    return blocks;
  }

  /** Of one parameter; what is not the model's own, such as a head that was added, lies last. */
  int of(String parameter) {
    return depths.getOrDefault(parameter, blocks + 1);
  }

  /**
   * With which share of the learning rate parameters learn; empty where all learn with all of it.
   *
   * @param learning names of those that learn
   * @param step counted from 0
   */
  Map<String, Double> rates(TuningMethod.Full method, List<String> learning, long step) {
    Map<String, Double> rates = new LinkedHashMap<>();
    if (method.layerDecay() == 1 && method.unfreezeEvery() == 0) {
      return rates;
    }
    long lowest = method.unfreezeEvery() == 0 ? 0 : blocks - step / method.unfreezeEvery();
    for (String name : learning) {
      int depth = of(name);
      rates.put(name, depth < lowest ? 0 : Math.pow(method.layerDecay(), blocks + 1.0 - depth));
    }
    return rates;
  }
}
