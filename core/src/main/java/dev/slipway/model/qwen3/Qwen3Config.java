package dev.slipway.model.qwen3;

import dev.slipway.model.decoder.ConfigJson;
import dev.slipway.model.llama.LlamaConfig;
import dev.slipway.model.qwen2.Qwen2Config;

/**
 * {@code config.json} of a {@code Qwen3ForCausalLM}: a Llama with norms of the heads of queries and
 * keys, whose upper layers may have a window.
 */
public final class Qwen3Config {
  private Qwen3Config() {}

  public static LlamaConfig read(ConfigJson json) {
    boolean bias = json.flag("attention_bias", false);
    return LlamaConfig.read(json, "Qwen3ForCausalLM", json.number("head_dim", 128), 32, 32_768)
        .withBiases(new LlamaConfig.Biases(bias, bias, false))
        .withHeadNorms(true)
        .withWindows(Qwen2Config.windows(json));
  }
}
