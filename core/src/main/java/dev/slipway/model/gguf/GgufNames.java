package dev.slipway.model.gguf;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What llama.cpp calls the tensors of an architecture (gguf-py's tensor_mapping.py), and how it
 * lays them out.
 *
 * @param layers before a layer's number in transformers' names, such as {@code model.layers.}
 * @param whole transformers' names of tensors outside of layers to those in a file, without {@code
 *     .weight} or {@code .bias}
 * @param ofLayer the same for those within a layer
 */
record GgufNames(String layers, Map<String, String> whole, Map<String, String> ofLayer) {
  private static final Pattern OF_LAYER = Pattern.compile("blk\\.(\\d{1,9})\\.(.+)");
  private static final Pattern EXPERT =
      Pattern.compile("mlp\\.experts\\.(\\d{1,9})\\.(gate|up|down)_proj");

  private static final Map<String, String> LLAMA =
      Map.ofEntries(
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("post_attention_layernorm", "ffn_norm"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"),
          Map.entry("mlp.gate", "ffn_gate_inp"),
          Map.entry("mlp.experts.gate_proj", "ffn_gate_exps"),
          Map.entry("mlp.experts.up_proj", "ffn_up_exps"),
          Map.entry("mlp.experts.down_proj", "ffn_down_exps"));

  private static final Map<String, String> LLAMA_WHOLE =
      Map.of(
          "model.embed_tokens", "token_embd",
          "model.norm", "output_norm",
          "lm_head", "output");

  private static final Map<String, String> GPT2 =
      Map.of(
          "ln_1", "attn_norm",
          "attn.c_attn", "attn_qkv",
          "attn.c_proj", "attn_output",
          "ln_2", "ffn_norm",
          "mlp.c_fc", "ffn_up",
          "mlp.c_proj", "ffn_down");

  private static final Map<String, String> BERT =
      Map.of(
          "attention.self.query", "attn_q",
          "attention.self.key", "attn_k",
          "attention.self.value", "attn_v",
          "attention.output.dense", "attn_output",
          "attention.output.LayerNorm", "attn_output_norm",
          "intermediate.dense", "ffn_up",
          "output.dense", "ffn_down",
          "output.LayerNorm", "layer_output_norm");

  static GgufNames of(GgufArchitecture architecture) {
    return switch (architecture) {
      case LLAMA, QWEN2, QWEN3, QWEN3MOE -> new GgufNames("model.layers.", LLAMA_WHOLE, LLAMA);
      case GEMMA3 -> {
        Map<String, String> names = new LinkedHashMap<>(LLAMA);
        names.put("post_attention_layernorm", "post_attention_norm");
        names.put("pre_feedforward_layernorm", "ffn_norm");
        names.put("post_feedforward_layernorm", "post_ffw_norm");
        yield new GgufNames("model.layers.", LLAMA_WHOLE, names);
      }
      case GPT2 ->
          new GgufNames(
              "transformer.h.",
              Map.of(
                  "transformer.wte", "token_embd",
                  "transformer.wpe", "position_embd",
                  "transformer.ln_f", "output_norm",
                  "lm_head", "output"),
              GPT2);
      case BERT ->
          new GgufNames(
              "encoder.layer.",
              Map.of(
                  "embeddings.word_embeddings", "token_embd",
                  "embeddings.position_embeddings", "position_embd",
                  "embeddings.token_type_embeddings", "token_types",
                  "embeddings.LayerNorm", "token_embd_norm"),
              BERT);
    };
  }

  /**
   * Where a tensor of transformers' stands.
   *
   * @param tensor its name in the file
   * @param expert its place in the file's tensor of all experts, or -1
   */
  record Place(String tensor, int expert) {}

  /** Where the file has a tensor; one that is not known has its own name there. */
  Place place(String name) {
    int dot = name.lastIndexOf('.');
    String module = name.substring(0, Math.max(0, dot));
    String end = name.substring(Math.max(0, dot));
    if (!module.startsWith(layers)) {
      return new Place(whole.getOrDefault(module, module) + end, -1);
    }
    String rest = module.substring(layers.length());
    int after = rest.indexOf('.');
    if (after < 1) {
      return new Place(name, -1);
    }
    String part = rest.substring(after + 1);
    Matcher expert = EXPERT.matcher(part);
    int place = -1;
    if (expert.matches()) {
      place = Integer.parseInt(expert.group(1));
      part = "mlp.experts." + expert.group(2) + "_proj";
    }
    return new Place(
        "blk." + rest.substring(0, after) + "." + ofLayer.getOrDefault(part, part) + end, place);
  }

  /**
   * What transformers calls a tensor of a file.
   *
   * @param experts how many there are in a tensor of all of them
   * @return one name, or one for each expert
   */
  List<String> huggingFace(String tensor, int experts) {
    int dot = tensor.lastIndexOf('.');
    String module = tensor.substring(0, Math.max(0, dot));
    String end = tensor.substring(Math.max(0, dot));
    Matcher layer = OF_LAYER.matcher(module);
    if (!layer.matches()) {
      return List.of(key(whole, module) + end);
    }
    String part = key(ofLayer, layer.group(2));
    String before = layers + layer.group(1) + ".";
    if (!part.startsWith("mlp.experts.")) {
      return List.of(before + part + end);
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < experts; i++) {
      names.add(before + part.replace("mlp.experts.", "mlp.experts." + i + ".") + end);
    }
    return names;
  }

  private static String key(Map<String, String> names, String value) {
    for (Map.Entry<String, String> entry : names.entrySet()) {
      if (entry.getValue().equals(value)) {
        return entry.getKey();
      }
    }
    return value;
  }
}
