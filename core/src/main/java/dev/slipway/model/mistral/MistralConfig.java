package dev.slipway.model.mistral;

import dev.slipway.model.decoder.ConfigJson;
import dev.slipway.model.llama.LlamaConfig;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * {@code config.json} of a {@code MistralForCausalLM}: a Llama whose layers all have one window.
 */
public final class MistralConfig {
  private MistralConfig() {}

  public static LlamaConfig read(ConfigJson json) {
    int heads = json.required("num_attention_heads");
    LlamaConfig config =
        LlamaConfig.read(
            json,
            "MistralForCausalLM",
            json.number("head_dim", json.required("hidden_size") / Math.max(1, heads)),
            8,
            131_072);
    Integer window = window(json);
    int layers = config.shape().layers();
    return window == null ? config : config.withWindows(Collections.nCopies(layers, window));
  }

  /** Null says that there is none, absence that it is 4,096. */
  private static @Nullable Integer window(ConfigJson json) {
    if (!json.json().has("sliding_window")) {
      return 4096;
    }
    Integer window = json.numberOrNull("sliding_window");
    if (window != null && window < 1) {
      throw json.bad("has sliding_window " + window + ", expected 1 or more, or null");
    }
    return window;
  }
}
