package dev.slipway.model.qwen3moe;

import dev.slipway.model.decoder.ConfigJson;
import dev.slipway.model.llama.LlamaConfig;
import dev.slipway.model.llama.LlamaConfig.Mlp;
import dev.slipway.model.qwen2.Qwen2Config;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * {@code config.json} of a {@code Qwen3MoeForCausalLM}: a Llama with norms of the heads of queries
 * and keys, in whose layers, all or some, a position takes a few of many MLPs.
 */
public final class Qwen3MoeConfig {
  private Qwen3MoeConfig() {}

  public static LlamaConfig read(ConfigJson json) {
    int heads = json.required("num_attention_heads");
    boolean bias = json.flag("attention_bias", false);
    LlamaConfig config =
        LlamaConfig.read(
                json,
                "Qwen3MoeForCausalLM",
                json.number("head_dim", json.required("hidden_size") / Math.max(1, heads)),
                4,
                32_768)
            .withBiases(new LlamaConfig.Biases(bias, bias, false))
            .withHeadNorms(true);
    config = config.withMlps(mlps(json, config.mlps()));
    Integer window = Qwen2Config.window(json); // of all layers, whatever max_window_layers says
    int layers = config.shape().layers();
    return window == null ? config : config.withWindows(Collections.nCopies(layers, window));
  }

  private static List<Mlp> mlps(ConfigJson json, List<Mlp> dense) {
    int count = json.number("num_experts", json.number("num_local_experts", 128));
    int step = json.number("decoder_sparse_step", 1);
    List<Integer> denseLayers = json.numbers("mlp_only_layers");
    if (step < 1) {
      throw json.bad("has decoder_sparse_step " + step + ", expected 1 or more");
    }
    List<Mlp> mlps = new ArrayList<>();
    for (int i = 0; i < dense.size(); i++) {
      boolean sparse = !denseLayers.contains(i) && count > 0 && (i + 1) % step == 0;
      mlps.add(
          sparse
              ? new Mlp.Experts(
                  count,
                  json.number("num_experts_per_tok", 8),
                  json.number("moe_intermediate_size", 768),
                  json.flag("norm_topk_prob", false))
              : dense.get(i));
    }
    return mlps;
  }
}
