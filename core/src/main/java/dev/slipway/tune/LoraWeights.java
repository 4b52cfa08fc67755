package dev.slipway.tune;

import dev.slipway.model.decoder.Checkpoint;
import dev.slipway.model.decoder.CheckpointNames;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.SafeTensors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A LoRA folder of PEFT that holds more than equal matrices beside projections, as the changed
 * weights of its model: {@code rank_pattern} and {@code alpha_pattern}, biases ({@code bias},
 * {@code lora_bias}), matrices beside embeddings and stacked experts, single trained tokens, and
 * whatever module was saved whole. The file tells what there is; settings tell only how it is
 * scaled.
 *
 * <p>To answer with, not to learn on: each changed weight is there once more, in float32.
 */
final class LoraWeights {
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";
  private static final String B_BIAS = ".lora_B.bias";
  private static final String MAGNITUDE = ".lora_magnitude_vector";
  private static final String EMBEDDING_A = ".lora_embedding_A";
  private static final String EMBEDDING_B = ".lora_embedding_B";
  private static final String TOKENS = ".token_adapter.trainable_tokens_delta";
  private static final String BASE = ".base_layer.";
  private static final List<String> OF_WEIGHT =
      List.of(A, B, MAGNITUDE, EMBEDDING_A, EMBEDDING_B, TOKENS);

  private final Path folder;
  private final JsonNode config;
  private final TuningMethod.Lora method;
  private final SafeTensors file;
  private final List<ExpertMatrices> experts;

  private LoraWeights(Path folder, SafeTensors file) {
    this.folder = folder;
    this.file = file;
    config = PeftFolder.json(folder);
    method = (TuningMethod.Lora) PeftFolder.method(folder);
    experts = experts(file, config);
  }

  private static List<ExpertMatrices> experts(SafeTensors file, JsonNode config) {
    return ExpertMatrices.of(file.names().stream().map(LoraWeights::bare).toList(), config);
  }

  /** Whether a file holds other tensors than the matrices and modules of its method. */
  static boolean holdsMore(Path folder, TuningMethod.Lora lora) {
    try (SafeTensors file = SafeTensors.open(folder.resolve(PeftFolder.WEIGHTS))) {
      boolean tying = tying(PeftFolder.json(folder));
      return file.names().stream()
          .map(LoraWeights::bare)
          .anyMatch(name -> !explained(name, lora, tying));
    }
  }

  private static boolean explained(String name, TuningMethod.Lora lora, boolean tying) {
    if (name.endsWith(A) || name.endsWith(B) || name.endsWith(MAGNITUDE)) {
      return true;
    }
    // An embedding saved whole leaves a tied head as it was, unless the adapter says otherwise.
    return ModulesToSave.isIn(lora.modulesToSave(), owner(name)) && (tying || !isEmbedding(name));
  }

  private static boolean isEmbedding(String parameter) {
    return parameter.endsWith(".weight") && isEmbeddingModule(owner(parameter));
  }

  /** Whether a module is what embeds tokens, and may be tied to the head. */
  static boolean isEmbeddingModule(String module) {
    return module.endsWith("embed_tokens") || module.endsWith("wte");
  }

  private static boolean tying(JsonNode config) {
    return config.path("ensure_weight_tying").asBoolean(false);
  }

  private static String bare(String stored) {
    return stored.startsWith(PeftFolder.PREFIX)
        ? stored.substring(PeftFolder.PREFIX.length())
        : stored;
  }

  private static String owner(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  /** The parameter of the model that a tensor changes. */
  private static String changed(String name) {
    for (String end : OF_WEIGHT) {
      if (name.endsWith(end)) {
        return name.substring(0, name.length() - end.length()) + ".weight";
      }
    }
    return name.endsWith(B_BIAS)
        ? name.substring(0, name.length() - B_BIAS.length()) + ".bias"
        : name.replace(BASE, ".");
  }

  private static Set<String> changed(SafeTensors file) {
    return file.names().stream()
        .map(name -> changed(bare(name)))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * The model with a head of its own where the adapter changes the embedding or the head alone:
   * PEFT ties what is tied only where {@code ensure_weight_tying} says so, and single tokens.
   */
  static Checkpoint base(Checkpoint checkpoint, Path folder) {
    if (!checkpoint.config().names().tiedHead()) {
      return checkpoint;
    }
    try (SafeTensors file = SafeTensors.open(folder.resolve(PeftFolder.WEIGHTS))) {
      boolean head = changed(file).contains(CheckpointNames.HEAD);
      boolean embedding =
          file.names().stream()
              .anyMatch(name -> !name.endsWith(TOKENS) && isEmbedding(changed(bare(name))));
      return head || embedding && !tying(PeftFolder.json(folder))
          ? checkpoint.untied()
          : checkpoint;
    }
  }

  /**
   * The parameters that the adapter changes, in the model's order.
   *
   * @throws dev.slipway.base.SlipwayException {@code weights.surplus-tensor} where the model lacks
   *     one
   */
  static List<ParameterSpec> specs(List<ParameterSpec> parameters, Path folder) {
    try (SafeTensors file = SafeTensors.open(folder.resolve(PeftFolder.WEIGHTS))) {
      Set<String> changed = changed(file);
      for (ExpertMatrices one : experts(file, PeftFolder.json(folder))) {
        List<String> weights =
            parameters.stream().map(ParameterSpec::name).filter(one::holds).toList();
        if (!weights.isEmpty()) {
          changed.remove(one.stored() + ".weight");
          changed.addAll(weights);
        }
      }
      List<ParameterSpec> specs =
          parameters.stream().filter(spec -> changed.contains(spec.name())).toList();
      specs.forEach(spec -> changed.remove(spec.name()));
      if (!changed.isEmpty()) {
        throw PeftFolder.mismatch(
            "weights.surplus-tensor",
            folder + " changes " + changed.iterator().next() + ", which the model has not");
      }
      return specs;
    }
  }

  /**
   * Changes parameters from the model's values to those that the adapter makes of them.
   *
   * @param slots tell which weights are kept as (in, out)
   */
  static void load(Path folder, ParameterSet parameters, Map<String, ProjectionSlot> slots) {
    try (SafeTensors file = SafeTensors.open(folder.resolve(PeftFolder.WEIGHTS));
        NoGrad _ = NoGrad.open()) {
      LoraWeights adapter = new LoraWeights(folder, file);
      List<String> names = file.names().stream().map(LoraWeights::bare).toList();
      // Whole tensors first, since matrices may be added to them.
      for (String name : names) {
        if (!isAdded(name)) {
          adapter.replace(name, parameters);
        }
      }
      for (String name : names) {
        try (Scope _ = Scope.open()) {
          if (name.endsWith(A)) {
            String module = module(name, A);
            ExpertMatrices beside = adapter.experts(module);
            if (beside == null) {
              adapter.add(module, parameters, slots);
            } else {
              adapter.addToExperts(beside, parameters);
            }
          } else if (name.endsWith(EMBEDDING_A)) {
            adapter.addToEmbedding(module(name, EMBEDDING_A), parameters);
          } else if (name.endsWith(TOKENS)) {
            adapter.replaceTokens(module(name, TOKENS), parameters);
          }
        }
      }
    }
  }

  private static boolean isAdded(String name) {
    return name.endsWith(B_BIAS) || OF_WEIGHT.stream().anyMatch(name::endsWith);
  }

  private static String module(String name, String end) {
    return name.substring(0, name.length() - end.length());
  }

  private Tensor stored(String name) {
    String whole = PeftFolder.PREFIX + name;
    if (!file.names().contains(whole)) {
      throw PeftFolder.mismatch("weights.missing-tensor", folder + " lacks " + whole);
    }
    return PeftFolder.values(file, whole, folder);
  }

  private @Nullable Tensor storedOrNull(String name) {
    return file.names().contains(PeftFolder.PREFIX + name) ? stored(name) : null;
  }

  private void replace(String name, ParameterSet parameters) {
    try (Scope _ = Scope.open()) {
      put(parameters.value(changed(name)), stored(name), name);
    }
  }

  private void put(Tensor parameter, Tensor values, String name) {
    requireShape(values, parameter.shape(), name);
    parameter.copyInPlace(values);
  }

  private void requireShape(Tensor values, long[] expected, String name) {
    if (!Arrays.equals(values.shape(), expected)) {
      throw PeftFolder.mismatch(
          "weights.wrong-shape",
          PeftFolder.PREFIX
              + name
              + " in "
              + folder
              + " comes to the shape "
              + Arrays.toString(values.shape())
              + ", expected "
              + Arrays.toString(expected));
    }
  }

  private void add(String module, ParameterSet parameters, Map<String, ProjectionSlot> slots) {
    Tensor a = stored(module + A); // (r, in)
    Tensor b = stored(module + B); // (out, r)
    double scale = scale(module, a.shape()[0]);
    Tensor weight = parameters.value(module + ".weight");
    ProjectionSlot slot = slots.get(module);
    boolean byInput = slot != null && slot.projection() instanceof Projection.Conv1D;
    Tensor own = byInput ? weight.transpose(0, 1) : weight; // (out, in)
    Tensor added = product(b, a, module).mul(scale); // (out, in)
    requireShape(added, own.shape(), module + B);
    Tensor sum = own.add(added);
    Tensor magnitude = storedOrNull(module + MAGNITUDE); // (out)
    if (magnitude != null) {
      sum = sum.mul(magnitude.div(LoraProjection.rows(sum)).unsqueeze(1));
    }
    weight.copyInPlace(byInput ? sum.transpose(0, 1).contiguous() : sum);
    Tensor bias = storedOrNull(module + B_BIAS); // (out)
    if (bias != null) {
      Tensor ownBias = parameters.value(module + ".bias");
      put(ownBias, ownBias.add(bias.mul(scale)), module + B_BIAS);
    }
  }

  /** The stacked experts beside which matrices are stored so; null where it is a projection. */
  private @Nullable ExpertMatrices experts(String stored) {
    return experts.stream().filter(one -> one.stored().equals(stored)).findFirst().orElse(null);
  }

  private void addToExperts(ExpertMatrices one, ParameterSet parameters) {
    Tensor a = stored(one.stored() + A); // (E · r, in)
    Tensor b = stored(one.stored() + B); // (out, r · E)
    long rank = a.shape()[0] / one.experts(parameters);
    long[] shape = one.shape(parameters); // (E, out, in)
    requireShape(a, new long[] {shape[0] * rank, shape[2]}, one.stored() + A);
    requireShape(b, new long[] {shape[1], shape[0] * rank}, one.stored() + B);
    one.add(a, b, scale(one.name(), rank), parameters);
  }

  private void addToEmbedding(String module, ParameterSet parameters) {
    if (method.decomposed()) {
      throw PeftFolder.mismatch(
          "adapter.unsupported",
          folder + " has magnitudes beside the embedding " + module + ", which are not followed");
    }
    Tensor a = stored(module + EMBEDDING_A); // (r, V)
    Tensor b = stored(module + EMBEDDING_B); // (C, r)
    Tensor weight = parameters.value(module + ".weight"); // (V, C)
    Tensor added = product(b, a, module).transpose(0, 1).mul(scale(module, a.shape()[0]));
    requireShape(added, weight.shape(), module + EMBEDDING_B);
    weight.copyInPlace(weight.add(added));
  }

  private Tensor product(Tensor b, Tensor a, String module) {
    if (a.shape().length != 2 || b.shape().length != 2 || b.shape()[1] != a.shape()[0]) {
      throw PeftFolder.mismatch(
          "weights.wrong-shape",
          folder
              + " has matrices for "
              + module
              + " that can't be multiplied, expected (r, in) and (out, r)");
    }
    return b.matmul(a);
  }

  /** Single tokens have embeddings of their own. */
  private void replaceTokens(String module, ParameterSet parameters) {
    Tensor rows = stored(module + TOKENS); // (n, C)
    Tensor weight = parameters.value(module + ".weight"); // (V, C)
    JsonNode indices = config.path("trainable_token_indices");
    if (indices.isObject()) {
      String last = module.substring(module.lastIndexOf('.') + 1);
      indices = indices.has(module) ? indices.path(module) : indices.path(last);
    }
    if (indices.size() != rows.shape()[0] || rows.shape()[1] != weight.shape()[1]) {
      throw PeftFolder.mismatch(
          "weights.wrong-shape",
          folder
              + " has "
              + rows.shape()[0]
              + " tokens for "
              + module
              + ", expected "
              + indices.size());
    }
    for (int i = 0; i < indices.size(); i++) {
      int id = indices.path(i).asInt(-1);
      if (id < 0 || id >= weight.shape()[0]) {
        throw PeftFolder.mismatch(
            "weights.wrong-shape",
            folder + " has the token " + id + ", expected 0 to " + (weight.shape()[0] - 1));
      }
      weight.narrow(0, id, 1).copyInPlace(rows.narrow(0, i, 1));
    }
  }

  /** α / r, or α / √r; an {@code alpha_pattern} that matches the module tells its α. */
  private double scale(String module, long rank) {
    double alpha = method.alpha();
    JsonNode patterns = config.path("alpha_pattern");
    for (String pattern : patterns.propertyNames()) {
      try {
        if (Pattern.matches("(.*\\.)?(" + pattern + ")", module)) {
          alpha = patterns.path(pattern).asDouble();
          break;
        }
      } catch (PatternSyntaxException e) {
        throw PeftFolder.mismatch(
            "adapter.bad-config",
            folder + " has an alpha_pattern that is no regular expression: " + pattern);
      }
    }
    return alpha / (method.rankStabilised() ? Math.sqrt(rank) : rank);
  }
}
