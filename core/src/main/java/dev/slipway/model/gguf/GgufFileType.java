package dev.slipway.model.gguf;

import dev.slipway.weights.gguf.GgmlType;
import java.util.List;
import java.util.Locale;

/** How the tensors of a file are stored; the ids are llama.cpp's {@code llama_ftype}. */
public enum GgufFileType {
  F32(0),
  F16(1),
  BF16(32),
  Q8_0(7),
  /** Four bits, and more where llama-quantize finds that they pay. */
  Q4_K_M(15);

  private static final int LARGE_BLOCK = 256;
  private static final int SMALL_BLOCK = 32;

  private final int id;

  GgufFileType(int id) {
    this.id = id;
  }

  int id() {
    return id;
  }

  /** As users write it. */
  public String spelling() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What a tensor is stored as: {@code tensor_allows_quantization} and {@code
   * llama_tensor_get_type} in llama-quant.cpp.
   *
   * @param layers how many the model has
   * @param tied whether the embedding is the head too
   */
  GgmlType of(String tensor, List<Long> shape, int layers, boolean tied) {
    if (shape.size() < 2
        || tensor.endsWith("_norm.weight")
        || tensor.endsWith("ffn_gate_inp.weight")
        || tensor.equals("position_embd.weight")
        || tensor.equals("token_types.weight")) {
      return GgmlType.F32;
    }
    return switch (this) {
      case F32 -> GgmlType.F32;
      case F16 -> GgmlType.F16;
      case BF16 -> GgmlType.BF16;
      case Q8_0 -> fitting(GgmlType.Q8_0, shape.getLast());
      case Q4_K_M -> fitting(mixed(tensor, layers, tied), shape.getLast());
    };
  }

  private static GgmlType mixed(String tensor, int layers, boolean tied) {
    if (tensor.equals("output.weight") || tied && tensor.equals("token_embd.weight")) {
      return GgmlType.Q6_K;
    }
    boolean sensitive =
        tensor.contains("attn_v.")
            || tensor.contains("attn_qkv.")
            || tensor.contains("ffn_down.")
            || tensor.contains("ffn_down_exps.");
    if (!sensitive) {
      return GgmlType.Q4_K;
    }
    int layer = Integer.parseInt(tensor.split("\\.", -1)[1]);
    boolean more = layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
    return more ? GgmlType.Q6_K : GgmlType.Q4_K;
  }

  /** Rows that are no multiple of a block take a type of smaller ones. */
  private static GgmlType fitting(GgmlType type, long row) {
    GgmlType chosen = type;
    if (type.blockValues() == LARGE_BLOCK && row % LARGE_BLOCK != 0) {
      chosen = type == GgmlType.Q4_K ? GgmlType.Q5_0 : GgmlType.Q8_0;
    }
    return row % SMALL_BLOCK == 0 ? chosen : GgmlType.F16;
  }
}
