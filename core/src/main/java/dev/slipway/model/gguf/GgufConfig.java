package dev.slipway.model.gguf;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.weights.gguf.GgufFile;
import java.util.Objects;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A GGUF file's metadata as the {@code config.json} that the model had before its conversion. */
final class GgufConfig {
  private static final String EMBEDDING = "token_embd.weight";

  private final GgufFile file;
  private final GgufMetadata metadata;
  private final GgufArchitecture architecture;
  private final ObjectNode json = Json.object();

  private GgufConfig(GgufFile file, GgufMetadata metadata, GgufArchitecture architecture) {
    this.file = file;
    this.metadata = metadata;
    this.architecture = architecture;
  }

  static ObjectNode of(GgufFile file, GgufMetadata metadata, GgufArchitecture architecture) {
    return new GgufConfig(file, metadata, architecture).read();
  }

  private ObjectNode read() {
    json.put("model_type", architecture.modelType());
    json.put("vocab_size", rows(EMBEDDING));
    switch (architecture) {
      case LLAMA, QWEN2, QWEN3, QWEN3MOE, GEMMA3 -> decoder();
      case GPT2 -> gpt2();
      case BERT -> bert();
    }
    return json;
  }

  private int rows(String tensor) {
    if (!file.names().contains(tensor) || file.shape(tensor).size() != 2) {
      throw new SlipwayException(
          Exit.INPUT,
          "weights.missing-tensor",
          metadata.name() + " has no matrix " + tensor + ", expected a model with its weights",
          "take the file of a whole model: vocabularies and adapters alone can't answer");
    }
    return (int) Math.min(Integer.MAX_VALUE, file.shape(tensor).getFirst());
  }

  private void decoder() {
    int hidden = metadata.required(".embedding_length");
    int heads = metadata.required(".attention.head_count");
    int headDim = metadata.number(".attention.key_length", hidden / Math.max(1, heads));
    json.put("hidden_size", hidden);
    json.put("num_hidden_layers", metadata.required(".block_count"));
    json.put("num_attention_heads", heads);
    json.put("num_key_value_heads", metadata.number(".attention.head_count_kv", heads));
    json.put("head_dim", headDim);
    json.put("intermediate_size", metadata.number(".feed_forward_length", 0));
    json.put("max_position_embeddings", metadata.required(".context_length"));
    json.put("rms_norm_eps", metadata.real(".attention.layer_norm_rms_epsilon", 1e-5));
    json.put("tie_word_embeddings", !file.names().contains("output.weight"));
    same(".attention.value_length", headDim);
    same(".rope.dimension_count", headDim);
    if (architecture != GgufArchitecture.QWEN3MOE) {
      same(".expert_count", 0);
    }
    rope();
    switch (architecture) {
      case LLAMA -> llama();
      case QWEN3MOE -> experts();
      case GEMMA3 -> gemma3(hidden, heads, headDim);
      case QWEN2, QWEN3, GPT2, BERT -> {}
    }
  }

  /** Refuses a setting that has another value than the one that there is code for. */
  private void same(String key, int expected) {
    int came = metadata.number(key, expected);
    if (came != expected) {
      throw unsupported(key, String.valueOf(came), String.valueOf(expected));
    }
  }

  private SlipwayException unsupported(String key, String came, String known) {
    return new SlipwayException(
        Exit.INPUT,
        "model.unsupported-setting",
        metadata.name()
            + " has "
            + architecture.spelling()
            + key
            + " "
            + came
            + ", Slipway knows "
            + known,
        "choose a model without this setting");
  }

  private void llama() {
    boolean bias = file.names().contains("blk.0.attn_q.bias");
    json.put("attention_bias", bias);
    json.put("mlp_bias", file.names().contains("blk.0.ffn_up.bias"));
    int window = metadata.number(".attention.sliding_window", 0);
    if (window > 0) {
      json.put("model_type", "mistral").put("sliding_window", window);
    }
  }

  private void experts() {
    json.put("num_experts", metadata.required(".expert_count"));
    json.put("num_experts_per_tok", metadata.required(".expert_used_count"));
    json.put("moe_intermediate_size", metadata.required(".expert_feed_forward_length"));
    json.put("norm_topk_prob", true); // llama.cpp always does
    ArrayNode dense = json.putArray("mlp_only_layers");
    int layers = metadata.required(".block_count");
    for (int i = 0; i < Math.min(layers, file.names().size()); i++) {
      if (file.names().contains("blk." + i + ".ffn_gate.weight")) {
        dense.add(i);
      }
    }
  }

  private void gemma3(int hidden, int heads, int headDim) {
    int layers = metadata.required(".block_count");
    int window = metadata.number(".attention.sliding_window", 0);
    json.put("sliding_window", Math.max(1, window));
    ArrayNode types = json.putArray("layer_types");
    var pattern = metadata.node(".attention.sliding_window_pattern");
    int every = pattern.isIntegralNumber() ? Math.max(1, pattern.asInt()) : 6;
    for (int i = 0; i < Math.min(layers, 1 << 16); i++) {
      boolean sliding = pattern.isArray() ? pattern.path(i).asBoolean(false) : (i + 1) % every != 0;
      types.add(window > 0 && sliding ? "sliding_attention" : "full_attention");
    }
    // As llama.cpp tells the 27B model, whose scale is another, from the rest.
    json.put(
        "query_pre_attn_scalar", layers == 62 ? (double) hidden / Math.max(1, heads) : headDim);
    if (metadata.has(".final_logit_softcapping")) {
      json.put("final_logit_softcapping", metadata.real(".final_logit_softcapping", 0));
    }
    json.put("rope_local_base_freq", metadata.real(".rope.freq_base_swa", 10_000));
  }

  private void rope() {
    json.put("rope_theta", metadata.real(".rope.freq_base", 10_000));
    String type = metadata.text(".rope.scaling.type", "none");
    double old = metadata.real(".rope.scale_linear", 1);
    if (type.equals("none") && old != 1) {
      type = "linear";
    }
    ObjectNode scaling = Json.object();
    switch (type) {
      case "none" -> {}
      case "linear" ->
          scaling
              .put("rope_type", "linear")
              .put("factor", metadata.real(".rope.scaling.factor", old));
      case "yarn" -> yarn(scaling);
      case "longrope" -> factors(scaling, "rope_factors_short.weight", "rope_factors_long.weight");
      default -> throw unsupported(".rope.scaling.type", type, "none, linear, yarn and longrope");
    }
    if (file.names().contains("rope_freqs.weight")) {
      if (!scaling.isEmpty()) {
        throw unsupported(".rope.scaling.type", type, "none beside rope_freqs.weight");
      }
      factors(scaling, "rope_freqs.weight", "rope_freqs.weight");
      scaling.put("attention_factor", 1);
    }
    if (!scaling.isEmpty()) {
      json.set("rope_scaling", scaling);
    }
  }

  private void yarn(ObjectNode scaling) {
    double factor = metadata.real(".rope.scaling.factor", 1);
    scaling.put("rope_type", "yarn").put("factor", factor);
    scaling.put(
        "original_max_position_embeddings",
        metadata.number(
            ".rope.scaling.original_context_length", metadata.required(".context_length")));
    if (metadata.has(".rope.scaling.yarn_attn_factor")
        || metadata.has(".rope.scaling.attn_factor")) {
      scaling.put(
          "attention_factor",
          metadata.real(
              ".rope.scaling.yarn_attn_factor", metadata.real(".rope.scaling.attn_factor", 1)));
    }
    scaling.put("beta_fast", metadata.real(".rope.scaling.yarn_beta_fast", 32));
    scaling.put("beta_slow", metadata.real(".rope.scaling.yarn_beta_slow", 1));
  }

  private void factors(ObjectNode scaling, String shortTensor, String longTensor) {
    scaling.put("rope_type", "longrope");
    scaling.put(
        "original_max_position_embeddings",
        metadata.number(
            ".rope.scaling.original_context_length", metadata.required(".context_length")));
    values(scaling.putArray("short_factor"), shortTensor);
    values(scaling.putArray("long_factor"), longTensor);
    if (metadata.has(".rope.scaling.attn_factor")) {
      scaling.put("attention_factor", metadata.real(".rope.scaling.attn_factor", 1));
    }
  }

  private void values(ArrayNode into, String tensor) {
    if (!file.names().contains(tensor) || file.shape(tensor).size() != 1) {
      throw metadata.bad("has no list " + tensor + ", which its rotary positions need");
    }
    try (Scope _ = Scope.open()) {
      for (float value : file.tensor(tensor).to(DType.FLOAT32).toFloats()) {
        into.add((double) value);
      }
    }
  }

  private void gpt2() {
    json.put("n_embd", metadata.required(".embedding_length"));
    json.put("n_head", metadata.required(".attention.head_count"));
    json.put("n_layer", metadata.required(".block_count"));
    json.put("n_positions", rows("position_embd.weight"));
    json.put("n_inner", metadata.required(".feed_forward_length"));
    json.put("layer_norm_epsilon", metadata.real(".attention.layer_norm_epsilon", 1e-5));
    json.put("activation_function", "gelu_new");
    json.put("tie_word_embeddings", !file.names().contains("output.weight"));
  }

  private void bert() {
    json.putArray("architectures").add("BertModel");
    json.put("hidden_size", metadata.required(".embedding_length"));
    json.put("num_hidden_layers", metadata.required(".block_count"));
    json.put("num_attention_heads", metadata.required(".attention.head_count"));
    json.put("intermediate_size", metadata.required(".feed_forward_length"));
    json.put("hidden_act", "gelu");
    json.put("max_position_embeddings", rows("position_embd.weight"));
    json.put("type_vocab_size", rows("token_types.weight"));
    json.put("layer_norm_eps", metadata.real(".attention.layer_norm_epsilon", 1e-12));
    json.put(
        "pad_token_id",
        Objects.requireNonNullElse(metadata.numberOrNull("tokenizer.ggml.padding_token_id"), 0));
  }
}
