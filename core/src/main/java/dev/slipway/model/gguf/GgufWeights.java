package dev.slipway.model.gguf;

import dev.slipway.tensor.Tensor;
import dev.slipway.weights.WeightSource;
import dev.slipway.weights.gguf.GgufFile;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The tensors of a GGUF file under transformers' names, and in transformers' layout: matrices of
 * GPT-2 (in, out), heads of queries and keys in halves, Gemma's norms around zero, each expert by
 * itself.
 */
final class GgufWeights implements WeightSource {
  /** No parameters: divisors of rotary frequencies, which the configuration has. */
  static final List<String> FACTORS =
      List.of("rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight");

  private final GgufFile file;
  private final GgufArchitecture architecture;
  private final int heads;
  private final int keyValueHeads;
  private final Map<String, GgufNames.Place> places = new LinkedHashMap<>();

  /**
   * @param file closed with this object
   */
  GgufWeights(GgufFile file, GgufArchitecture architecture, int heads, int keyValueHeads) {
    this.file = file;
    this.architecture = architecture;
    this.heads = heads;
    this.keyValueHeads = keyValueHeads;
    GgufNames names = GgufNames.of(architecture);
    for (String tensor : file.names()) {
      if (!FACTORS.contains(tensor)) {
        List<Long> shape = file.shape(tensor);
        boolean stacked = shape.size() == 3;
        int experts = stacked ? (int) Math.min(shape.getFirst(), 1 << 16) : 0;
        List<String> translated = names.huggingFace(tensor, experts);
        for (int i = 0; i < translated.size(); i++) {
          places.put(translated.get(i), new GgufNames.Place(tensor, stacked ? i : -1));
        }
      }
    }
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(places.keySet());
  }

  private GgufNames.Place place(String name) {
    return Objects.requireNonNull(places.get(name), name);
  }

  @Override
  public List<Long> shape(String name) {
    GgufNames.Place place = place(name);
    List<Long> shape = file.shape(place.tensor());
    if (place.expert() >= 0) {
      return shape.subList(1, shape.size());
    }
    return isTransposed(name) && shape.size() == 2 ? shape.reversed() : shape;
  }

  @Override
  public Tensor tensor(String name) {
    GgufNames.Place place = place(name);
    if (place.expert() >= 0) {
      return file.part(place.tensor(), place.expert());
    }
    if (isTransposed(name) && file.shape(place.tensor()).size() == 2) {
      return file.tensor(place.tensor()).transpose(0, 1).contiguous();
    }
    int permuted = permutedHeads(name);
    if (permuted > 0 && file.shape(place.tensor()).getFirst() % (2L * permuted) == 0) {
      return inHalves(file.tensor(place.tensor()), permuted);
    }
    if (architecture == GgufArchitecture.GEMMA3 && name.endsWith("norm.weight")) {
      return file.tensor(place.tensor()).add(-1);
    }
    return file.tensor(place.tensor());
  }

  private boolean isTransposed(String name) {
    return isTransposed(architecture, name);
  }

  static boolean isTransposed(GgufArchitecture architecture, String name) {
    return architecture == GgufArchitecture.GPT2
        && name.startsWith("transformer.h.")
        && name.endsWith(".weight")
        && !name.contains(".ln_");
  }

  private int permutedHeads(String name) {
    return permutedHeads(architecture, name, heads, keyValueHeads);
  }

  /** How many heads a tensor has whose halves llama.cpp mixes; 0 for others. */
  static int permutedHeads(
      GgufArchitecture architecture, String name, int heads, int keyValueHeads) {
    if (!architecture.permutesHeads()) {
      return 0;
    }
    return name.contains(".q_proj.") ? heads : name.contains(".k_proj.") ? keyValueHeads : 0;
  }

  /** (H, D/2, 2, …) to (H, 2, D/2, …). */
  private static Tensor inHalves(Tensor tensor, int heads) {
    long rest = tensor.dim() > 1 ? tensor.size(1) : 1;
    return tensor
        .view(heads, tensor.size(0) / heads / 2, 2, rest)
        .transpose(1, 2)
        .contiguous()
        .view(tensor.shape());
  }

  @Override
  public void close() {
    file.close();
  }
}
