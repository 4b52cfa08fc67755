package dev.slipway.platform.engine;

import java.util.List;

/**
 * What ends an answer before its limit, by OpenAI's and vLLM's names.
 *
 * @param stop texts that end it and are left out of it
 * @param stopTokenIds tokens that end it beside the model's own, and are left out, too
 * @param minTokens how many tokens come before any of these may end it
 * @param ignoreEos whether it goes on where the model would end it
 */
public record Ending(
    List<String> stop, List<Integer> stopTokenIds, int minTokens, boolean ignoreEos) {
  public Ending {
    stop = List.copyOf(stop);
    stopTokenIds = List.copyOf(stopTokenIds);
  }
}
