package dev.slipway.model.gpt;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.TensorNames;
import dev.slipway.weights.WeightSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Names in Hugging Face checkpoints to ours and back. GPT-2 keeps its matrices as (in, out), a
 * {@code Conv1D}'s, and query, key and value as one.
 */
public final class GptWeights {
  /**
   * One tensor of a checkpoint.
   *
   * @param theirs its name there
   * @param ours the parameters that it holds, neighbours in memory
   * @param transposed whether it is (in, out) there
   */
  private record Piece(String theirs, List<String> ours, boolean transposed) {
    List<Long> shape(Map<String, List<Long>> shapes) {
      List<Long> shape = new ArrayList<>(shapes.getOrDefault(ours.getFirst(), List.of()));
      shape.set(0, ours.stream().mapToLong(name -> shapes.getOrDefault(name, shape).get(0)).sum());
      return transposed ? shape.reversed() : shape;
    }
  }

  private static final String GPT2_PREFIX = "transformer.";

  private GptWeights() {}

  private static List<Piece> pieces(GptConfig config) {
    List<Piece> pieces =
        config.layout() == GptConfig.Layout.GPT2 ? gpt2(config.layers()) : llama(config);
    if (!config.tiedHead()) {
      pieces.add(plain("lm_head.weight", "head.weight"));
    }
    return pieces;
  }

  private static List<Piece> gpt2(int layers) {
    List<Piece> pieces = new ArrayList<>();
    pieces.add(plain(GPT2_PREFIX + "wte.weight", "embed.weight"));
    pieces.add(plain(GPT2_PREFIX + "wpe.weight", "positions.weight"));
    for (int i = 0; i < layers; i++) {
      String theirs = GPT2_PREFIX + "h." + i + ".";
      String ours = "layers." + i + ".";
      withBias(pieces, theirs + "ln_1", false, ours + "attn_norm");
      withBias(
          pieces, theirs + "attn.c_attn", true, ours + "attn.q", ours + "attn.k", ours + "attn.v");
      withBias(pieces, theirs + "attn.c_proj", true, ours + "attn.o");
      withBias(pieces, theirs + "ln_2", false, ours + "mlp_norm");
      withBias(pieces, theirs + "mlp.c_fc", true, ours + "mlp.up");
      withBias(pieces, theirs + "mlp.c_proj", true, ours + "mlp.down");
    }
    withBias(pieces, GPT2_PREFIX + "ln_f", false, "norm");
    return pieces;
  }

  private static void withBias(
      List<Piece> pieces, String theirs, boolean transposed, String... ours) {
    List<String> names = List.of(ours);
    pieces.add(
        new Piece(
            theirs + ".weight", names.stream().map(name -> name + ".weight").toList(), transposed));
    pieces.add(
        new Piece(theirs + ".bias", names.stream().map(name -> name + ".bias").toList(), false));
  }

  private static List<Piece> llama(GptConfig config) {
    List<Piece> pieces = new ArrayList<>();
    pieces.add(plain("model.embed_tokens.weight", "embed.weight"));
    for (int i = 0; i < config.layers(); i++) {
      String theirs = "model.layers." + i + ".";
      String ours = "layers." + i + ".";
      pieces.add(plain(theirs + "input_layernorm.weight", ours + "attn_norm.weight"));
      for (String part : List.of("q", "k", "v", "o")) {
        pieces.add(
            plain(
                theirs + "self_attn." + part + "_proj.weight", ours + "attn." + part + ".weight"));
      }
      if (config.qkNorm()) {
        pieces.add(plain(theirs + "self_attn.q_norm.weight", ours + "attn.q_norm.weight"));
        pieces.add(plain(theirs + "self_attn.k_norm.weight", ours + "attn.k_norm.weight"));
      }
      pieces.add(plain(theirs + "post_attention_layernorm.weight", ours + "mlp_norm.weight"));
      for (String part : List.of("gate", "up", "down")) {
        pieces.add(
            plain(theirs + "mlp." + part + "_proj.weight", ours + "mlp." + part + ".weight"));
      }
    }
    pieces.add(plain("model.norm.weight", "norm.weight"));
    return pieces;
  }

  private static Piece plain(String theirs, String ours) {
    return new Piece(theirs, List.of(ours), false);
  }

  /**
   * The parameters under a checkpoint's names, as views. The caller's scope owns them.
   *
   * @return by name, in the order of the network
   */
  public static Map<String, Tensor> tensors(GptConfig config, ParameterSet parameters) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (Piece piece : pieces(config)) {
      tensors.put(piece.theirs, view(parameters, piece));
    }
    return tensors;
  }

  private static Tensor view(ParameterSet parameters, Piece piece) {
    Tensor ours = parameters.group(piece.ours.toArray(String[]::new)).detach();
    return piece.transposed ? ours.transpose(0, 1) : ours;
  }

  /**
   * Checks names and shapes of a checkpoint before anything is allocated for it.
   *
   * @param name what the checkpoint is called in an error
   */
  public static void check(GptConfig config, WeightSource source, String name) {
    if (config.layers() > source.names().size()) {
      throw new SlipwayException(
          Exit.INPUT,
          "weights.missing-tensor",
          name
              + " holds "
              + source.names().size()
              + " tensors, too few for the "
              + config.layers()
              + " layers of config.json",
          TensorNames.MISMATCH);
    }
    List<Piece> pieces = pieces(config);
    Map<String, String> found = names(config, source.names());
    refuseOtherNames(pieces, found, config, name);
    Map<String, List<Long>> shapes = new HashMap<>();
    config.parameters().forEach(spec -> shapes.put(spec.name(), spec.shape()));
    for (Piece piece : pieces) {
      String stored = String.valueOf(found.get(piece.theirs));
      List<Long> shape = source.shape(stored);
      List<Long> expected = piece.shape(shapes);
      if (!shape.equals(expected)) {
        throw new SlipwayException(
            Exit.INPUT,
            "weights.wrong-shape",
            stored + " in " + name + " has shape " + shape + ", expected " + expected,
            TensorNames.MISMATCH);
      }
    }
  }

  /** Fills the parameters from a checkpoint that was checked, in float32 whatever it is there. */
  public static void load(GptConfig config, WeightSource source, ParameterSet parameters) {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Map<String, String> found = names(config, source.names());
      for (Piece piece : pieces(config)) {
        try (Scope _ = Scope.open()) {
          view(parameters, piece)
              .copyInPlace(source.tensor(String.valueOf(found.get(piece.theirs))));
        }
      }
    }
  }

  /** What the checkpoint's tensors are called under our prefix, to their names there. */
  private static Map<String, String> names(GptConfig config, Set<String> stored) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : stored) {
      if (isBuffer(name)) {
        continue;
      }
      boolean bare =
          config.layout() == GptConfig.Layout.GPT2
              && !name.startsWith(GPT2_PREFIX)
              && !name.equals("lm_head.weight");
      names.put(bare ? GPT2_PREFIX + name : name, name);
    }
    return names;
  }

  /** What older checkpoints store besides parameters: causal masks and rotary frequencies. */
  private static boolean isBuffer(String name) {
    return name.endsWith(".attn.bias")
        || name.endsWith(".attn.masked_bias")
        || name.endsWith(".rotary_emb.inv_freq");
  }

  private static void refuseOtherNames(
      List<Piece> pieces, Map<String, String> found, GptConfig config, String name) {
    Set<String> wanted = pieces.stream().map(Piece::theirs).collect(Collectors.toSet());
    List<String> missing =
        pieces.stream().map(Piece::theirs).filter(piece -> !found.containsKey(piece)).toList();
    Set<String> surplus = new LinkedHashSet<>(found.keySet());
    surplus.removeAll(wanted);
    if (config.tiedHead()) {
      // Some write the tied head a second time.
      surplus.remove("lm_head.weight");
    }
    TensorNames.requireSame(name, missing, surplus);
  }
}
