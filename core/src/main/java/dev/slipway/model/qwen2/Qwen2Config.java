package dev.slipway.model.qwen2;

import dev.slipway.model.decoder.ConfigJson;
import dev.slipway.model.llama.LlamaConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code config.json} of a {@code Qwen2ForCausalLM}: a Llama with biases at queries, keys and
 * values, whose upper layers may have a window.
 */
public final class Qwen2Config {
  private Qwen2Config() {}

  public static LlamaConfig read(ConfigJson json) {
    int heads = json.required("num_attention_heads");
    return LlamaConfig.read(
            json,
            "Qwen2ForCausalLM",
            json.number("head_dim", json.required("hidden_size") / Math.max(1, heads)),
            32,
            32_768)
        .withBiases(new LlamaConfig.Biases(true, false, false))
        .withWindows(windows(json));
  }

  /** By {@code layer_types}, else from {@code max_window_layers} on; none unless asked for. */
  public static List<Integer> windows(ConfigJson json) {
    Integer window = window(json);
    int first = json.number("max_window_layers", 28);
    return json.windows(
        json.required("num_hidden_layers"), window, layer -> window != null && layer >= first);
  }

  /** {@code sliding_window} where {@code use_sliding_window} says that it holds. */
  public static @Nullable Integer window(ConfigJson json) {
    if (!json.flag("use_sliding_window", false)) {
      return null;
    }
    return json.json().has("sliding_window") ? json.numberOrNull("sliding_window") : (Integer) 4096;
  }
}
