package dev.slipway.model.encoder;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.weights.TensorNames;
import dev.slipway.weights.WeightSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The tensors of an encoder's checkpoint by the names of our parameters: with or without the
 * family's prefix, norms as {@code weight}/{@code bias} or as {@code gamma}/{@code beta}. Tensors
 * of heads that the model doesn't have are passed over, as transformers does; others are refused.
 */
public final class EncoderCheckpoint {
  private final EncoderFamily family;
  private final WeightSource source;
  private final String name;
  private final Map<String, String> byBareName = new LinkedHashMap<>();

  /**
   * @param name what an error calls the checkpoint
   */
  public EncoderCheckpoint(EncoderFamily family, WeightSource source, String name) {
    this.family = family;
    this.source = source;
    this.name = name;
    for (String stored : source.names()) {
      String bare = bare(stored);
      String other = byBareName.putIfAbsent(bare, stored);
      if (other != null) {
        throw new SlipwayException(
            Exit.INPUT,
            "weights.duplicate-name",
            name + " holds " + other + " and " + stored + ", which are the same tensor",
            "write the model again with each name once");
      }
    }
  }

  /** As transformers calls it today, without the family's prefix. */
  private String bare(String stored) {
    String bare =
        stored.startsWith(family.prefix()) ? stored.substring(family.prefix().length()) : stored;
    if (bare.endsWith(".gamma")) {
      bare = bare.substring(0, bare.length() - "gamma".length()) + "weight";
    } else if (bare.endsWith(".beta")) {
      bare = bare.substring(0, bare.length() - "beta".length()) + "bias";
    }
    List<String> biases = family.tokenBiases();
    if (!bare.equals(biases.getFirst()) && biases.contains(bare)) {
      // Both names of one bias may be there; the first is the one that is computed with.
      return source.names().contains(biases.getFirst()) ? bare : biases.getFirst();
    }
    return bare;
  }

  private String wanted(String parameter) {
    String bare =
        parameter.startsWith(family.prefix())
            ? parameter.substring(family.prefix().length())
            : parameter;
    return family.tokenBiases().contains(bare) ? family.tokenBiases().getFirst() : bare;
  }

  /** Whether there is a pooler. */
  public boolean hasPooler() {
    return byBareName.containsKey("pooler.dense.weight");
  }

  /**
   * Checks names and shapes before anything is allocated.
   *
   * @param newHead whether a head that is missing or of another shape begins anew
   * @return parameters that the checkpoint doesn't have; empty unless {@code newHead}
   */
  public List<String> check(List<ParameterSpec> specs, boolean newHead) {
    TreeSet<String> surplus = new TreeSet<>(byBareName.keySet());
    surplus.removeIf(
        bare ->
            family.isOfHead(bare)
                || bare.equals("embeddings.position_ids")
                || bare.equals("embeddings.token_type_ids"));
    List<String> missing = new ArrayList<>();
    List<String> begun = new ArrayList<>();
    for (ParameterSpec spec : specs) {
      String bare = wanted(spec.name());
      surplus.remove(bare);
      String stored = byBareName.get(bare);
      boolean fits = stored != null && source.shape(stored).equals(spec.shape());
      if (!fits && newHead && family.isOfHead(bare)) {
        begun.add(spec.name());
      } else if (stored == null) {
        missing.add(spec.name());
      } else if (!fits) {
        throw new SlipwayException(
            Exit.INPUT,
            "weights.wrong-shape",
            stored
                + " in "
                + name
                + " has shape "
                + source.shape(stored)
                + ", expected "
                + spec.shape(),
            TensorNames.MISMATCH);
      }
    }
    TensorNames.requireSame(name, missing, surplus);
    return begun;
  }

  /** Fills parameters that were checked, in float32 whatever they are stored as. */
  public void load(ParameterSet parameters, List<String> begun) {
    try (NoGrad _ = NoGrad.open()) {
      for (ParameterSpec spec : parameters.specs()) {
        String stored = byBareName.get(wanted(spec.name()));
        if (stored != null && !begun.contains(spec.name())) {
          try (Scope _ = Scope.open()) {
            parameters.value(spec.name()).copyInPlace(source.tensor(stored));
          }
        }
      }
    }
  }
}
