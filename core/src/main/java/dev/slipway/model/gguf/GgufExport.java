package dev.slipway.model.gguf;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.decoder.Activation;
import dev.slipway.model.decoder.Checkpoint;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.DecoderShape;
import dev.slipway.model.decoder.Rope;
import dev.slipway.model.decoder.RopeScaling;
import dev.slipway.model.gemma3.Gemma3Config;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.model.gpt2.Gpt2Config;
import dev.slipway.model.llama.LlamaConfig;
import dev.slipway.model.llama.LlamaConfig.Mlp;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.gguf.GgmlType;
import dev.slipway.weights.gguf.GgufWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * A decoder as a GGUF file that llama.cpp loads, with its tokenizer and chat templates, as
 * llama.cpp's convert_hf_to_gguf.py and llama-quantize make it.
 */
public final class GgufExport {
  private final ModelFiles files;
  private final Checkpoint checkpoint;
  private final DecoderConfig config;
  private final GgufArchitecture architecture;
  private final GgufWriter writer = new GgufWriter();

  /**
   * Prepares a file.
   *
   * @param checkpoint the model's weights, open as long as this is used
   * @param special which ids begin, end and pad
   * @throws SlipwayException {@code export.unsupported-setting}, {@code
   *     export.unsupported-tokenizer}, {@code model.unknown-architecture} or {@code
   *     tokenizer.fingerprint-mismatch}
   */
  public GgufExport(
      ModelFiles files, Checkpoint checkpoint, SpecialIds special, GgufFileType type, String name) {
    files.checkFingerprint();
    this.files = files;
    this.checkpoint = checkpoint;
    config = checkpoint.config();
    architecture =
        GgufArchitecture.ofModelType(
            files.config().path("model_type").asString(""), files.configName());
    writer.put("general.architecture", architecture.spelling());
    writer.put("general.type", "model").put("general.name", name);
    writer.put("general.file_type", type.id()).put("general.quantization_version", 2);
    switch (config) {
      case LlamaConfig llama -> llama(llama);
      case Gpt2Config gpt2 -> gpt2(gpt2);
      case Gemma3Config gemma3 -> gemma3(gemma3);
      default -> throw unsupported("architecture", config.architecture(), "decoders");
    }
    new TokenizerMetadata(files, config.shape().vocabularySize()).writeTo(writer, special);
    tensors(type);
  }

  /** Number of tensors that are written. */
  public int tensors() {
    return writer.tensors();
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @param written is told how many tensors are written, after each
   */
  public void write(Path file, IntConsumer written) {
    putFingerprints();
    try (NoGrad _ = NoGrad.open()) {
      writer.write(file, written);
    }
  }

  /** What the model's text comes to, and what a reader of this file sees of it. */
  private void putFingerprints() {
    try {
      Path alone = Files.createTempFile("slipway", ".gguf");
      try {
        writer.metadataAlone().write(alone, _ -> {});
        writer.put(GgufModel.FINGERPRINT, Json.line(files.textFingerprint()));
        writer.put(GgufModel.FINGERPRINT_HERE, Json.line(GgufModel.fingerprintHere(alone)));
      } finally {
        Files.deleteIfExists(alone);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private SlipwayException unsupported(String setting, String came, String known) {
    return new SlipwayException(
        Exit.INPUT,
        "export.unsupported-setting",
        files.configName() + " has " + setting + " " + came + ", llama.cpp knows " + known,
        "export to Hugging Face's layout, which has every setting");
  }

  private String key(String name) {
    return architecture.spelling() + "." + name;
  }

  private void shape(DecoderShape shape, int inner) {
    writer.put(key("block_count"), shape.layers());
    writer.put(key("context_length"), shape.context());
    writer.put(key("embedding_length"), shape.hiddenSize());
    writer.put(key("feed_forward_length"), inner);
    writer.put(key("attention.head_count"), shape.heads());
    writer.put(key("attention.head_count_kv"), shape.keyValueHeads());
  }

  private void rotary(DecoderShape shape, Rope rope, double epsilon) {
    writer.put(key("context_length"), rope.maxPositions());
    writer.put(key("attention.key_length"), shape.headDim());
    writer.put(key("attention.value_length"), shape.headDim());
    writer.put(key("rope.dimension_count"), shape.headDim());
    writer.put(key("vocab_size"), shape.vocabularySize());
    writer.put(key("attention.layer_norm_rms_epsilon"), (float) epsilon);
    writer.put(key("rope.freq_base"), (float) rope.theta());
    switch (rope.scaling()) {
      case RopeScaling.Default _ -> {}
      case RopeScaling.Linear(double factor) ->
          writer
              .put(key("rope.scaling.type"), "linear")
              .put(key("rope.scaling.factor"), (float) factor);
      case RopeScaling.Yarn yarn -> {
        writer.put(key("rope.scaling.type"), "yarn");
        writer.put(key("rope.scaling.factor"), (float) yarn.factor());
        writer.put(key("rope.scaling.original_context_length"), yarn.original());
        writer.put(key("rope.scaling.yarn_beta_fast"), (float) yarn.betaFast());
        writer.put(key("rope.scaling.yarn_beta_slow"), (float) yarn.betaSlow());
        double usual = 0.1 * Math.log(yarn.factor()) + 1;
        if (Math.abs(yarn.attention() - usual) > 1e-6 || !yarn.truncate()) {
          throw unsupported(
              "rope_scaling yarn", "with other settings than its usual ones", "these");
        }
      }
      case RopeScaling.Llama3 _ -> factors(rope, rope.frequencies(rope.maxPositions()));
      case RopeScaling.LongRope longRope
          when longRope.shortFactors().equals(longRope.longFactors())
              && longRope.attention() == 1 ->
          factors(rope, rope.frequencies(rope.maxPositions()));
      case RopeScaling.Dynamic _, RopeScaling.LongRope _ ->
          throw unsupported("rope_scaling", "dynamic or longrope", "linear, yarn and llama3");
    }
  }

  /** What each frequency is divided by, as a tensor that llama.cpp reads. */
  private void factors(Rope rope, float[] frequencies) {
    float[] plain =
        new Rope(rope.theta(), rope.headDim(), rope.maxPositions(), new RopeScaling.Default())
            .frequencies(rope.maxPositions());
    float[] factors = new float[plain.length];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = plain[i] / frequencies[i];
    }
    writer.add(
        new GgufWriter.Entry(
            "rope_freqs.weight",
            List.of((long) factors.length),
            GgmlType.F32,
            List.of(() -> Tensor.of(factors, factors.length))));
  }

  private void llama(LlamaConfig llama) {
    if (llama.activation() != Activation.SILU) {
      throw unsupported("hidden_act", String.valueOf(llama.activation()), "silu");
    }
    int inner = 0;
    for (Mlp mlp : llama.mlps()) {
      switch (mlp) {
        case Mlp.Gated(int size) -> inner = size;
        case Mlp.Experts experts -> {
          if (!experts.normalised()) {
            throw unsupported("norm_topk_prob", "false", "true");
          }
          writer.put(key("expert_count"), experts.count());
          writer.put(key("expert_used_count"), experts.perToken());
          writer.put(key("expert_feed_forward_length"), experts.size());
        }
      }
    }
    shape(llama.shape(), inner);
    rotary(llama.shape(), llama.rope(), llama.normEpsilon());
    int window = llama.windows().getFirst();
    boolean mistral = files.config().path("model_type").asString("").equals("mistral");
    if (llama.windows().stream().anyMatch(each -> each != window) || window > 0 && !mistral) {
      throw unsupported("sliding windows", "in some layers", "none for this architecture");
    }
    if (window > 0) {
      writer.put(key("attention.sliding_window"), window);
    }
  }

  private void gpt2(Gpt2Config gpt2) {
    if (gpt2.activation() != Activation.GELU_TANH) {
      throw unsupported("activation_function", String.valueOf(gpt2.activation()), "gelu_new");
    }
    if (!gpt2.scaled() || gpt2.scaledByLayer()) {
      throw unsupported("attention weights", "of another scale", "1/√D");
    }
    shape(gpt2.shape(), gpt2.intermediateSize());
    writer.put(key("attention.layer_norm_epsilon"), (float) gpt2.normEpsilon());
  }

  private void gemma3(Gemma3Config gemma3) {
    DecoderShape shape = gemma3.shape();
    if (gemma3.activation() != Activation.GELU_TANH) {
      throw unsupported(
          "hidden_activation", String.valueOf(gemma3.activation()), "gelu_pytorch_tanh");
    }
    double scalar =
        shape.layers() == 62 ? shape.hiddenSize() / (double) shape.heads() : shape.headDim();
    if (gemma3.queryScalar() != scalar) {
      throw unsupported("query_pre_attn_scalar", String.valueOf(gemma3.queryScalar()), "" + scalar);
    }
    shape(shape, gemma3.intermediateSize());
    rotary(shape, gemma3.globalRope(), gemma3.normEpsilon());
    int window = 0;
    for (int i = 0; i < shape.layers(); i++) {
      int own = gemma3.windows().get(i);
      window = Math.max(window, own);
      if (own > 0 != ((i + 1) % 6 != 0)) {
        throw unsupported("sliding windows", "in other layers", "five of six");
      }
    }
    writer.put(key("attention.sliding_window"), window);
    writer.put(key("rope.freq_base_swa"), (float) gemma3.localRope().theta());
    if (gemma3.softcap() != 0) {
      writer.put(key("final_logit_softcapping"), (float) gemma3.softcap());
    }
  }

  private void tensors(GgufFileType type) {
    GgufNames names = GgufNames.of(architecture);
    Map<String, List<ParameterSpec>> byPlace = new LinkedHashMap<>();
    for (ParameterSpec spec : config.parameters()) {
      byPlace.computeIfAbsent(names.place(spec.name()).tensor(), _ -> new ArrayList<>()).add(spec);
    }
    boolean tied = !byPlace.containsKey("output.weight");
    byPlace.forEach(
        (tensor, specs) -> {
          String first = specs.getFirst().name();
          List<Long> shape = new ArrayList<>(specs.getFirst().shape());
          if (GgufWeights.isTransposed(architecture, first)) {
            shape = shape.reversed();
          }
          if (names.place(first).expert() >= 0) {
            shape.addFirst((long) specs.size());
          }
          List<Supplier<Tensor>> parts =
              specs.stream().map(spec -> (Supplier<Tensor>) () -> laidOut(spec.name())).toList();
          GgmlType stored = type.of(tensor, shape, config.shape().layers(), tied);
          writer.add(new GgufWriter.Entry(tensor, shape, stored, parts));
        });
  }

  /** A parameter as llama.cpp has it. */
  private Tensor laidOut(String name) {
    Tensor tensor = checkpoint.tensor(name);
    if (GgufWeights.isTransposed(architecture, name)) {
      return tensor.transpose(0, 1).contiguous();
    }
    DecoderShape shape = config.shape();
    int heads = GgufWeights.permutedHeads(architecture, name, shape.heads(), shape.keyValueHeads());
    if (heads > 0) {
      long rest = tensor.dim() > 1 ? tensor.size(1) : 1;
      return tensor
          .contiguous()
          .view(heads, 2, shape.headDim() / 2, rest)
          .transpose(1, 2)
          .contiguous()
          .view(tensor.shape());
    }
    if (architecture == GgufArchitecture.GEMMA3 && name.endsWith("norm.weight")) {
      return tensor.add(1);
    }
    return tensor;
  }
}
