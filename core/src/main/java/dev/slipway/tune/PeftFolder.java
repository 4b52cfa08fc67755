package dev.slipway.tune;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.Residence;
import dev.slipway.weights.SafeTensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An adapter as a folder in PEFT's format: {@code adapter_config.json} and {@code
 * adapter_model.safetensors}.
 */
public final class PeftFolder {
  private static final String CONFIG = "adapter_config.json";
  static final String WEIGHTS = "adapter_model.safetensors";

  /** What an adapter consists of. */
  static final List<String> FILES = List.of(CONFIG, WEIGHTS);

  static final String PREFIX = "base_model.model.";

  private PeftFolder() {}

  /** A parameter's name in the file: that of its module, or of none for what precedes texts. */
  private static String stored(String name) {
    return name.equals(VirtualTokens.PARAMETER) ? name : PREFIX + name;
  }

  /**
   * Reads {@code adapter_config.json}.
   *
   * @throws SlipwayException {@code adapter.missing-file}, {@code adapter.bad-config} or {@code
   *     adapter.unsupported}
   */
  public static TuningMethod method(Path folder) {
    return config(folder).method();
  }

  /** Whether a folder holds more than what its method adds: then {@link LoraWeights} read it. */
  static boolean isWhole(Path folder) {
    PeftConfig config = config(folder);
    return config.whole()
        || config.method() instanceof TuningMethod.Lora lora && LoraWeights.holdsMore(folder, lora);
  }

  /** Refuses a folder of which only {@link LoraWeights} make something. */
  static void requirePlain(Path folder) {
    if (isWhole(folder)) {
      throw new SlipwayException(
          Exit.INPUT,
          "adapter.unsupported",
          folder
              + " has biases, patterns of ranks or other than plain matrices, expected LoRA's matrices"
              + " alone for a model that is no language model",
          "merge the adapter with PEFT");
    }
  }

  private static PeftConfig config(Path folder) {
    return PeftConfig.read(file(folder));
  }

  private static Path file(Path folder) {
    Path file = folder.resolve(CONFIG);
    if (!Files.isRegularFile(file)) {
      throw new SlipwayException(
          Exit.INPUT,
          "adapter.missing-file",
          folder + " has no " + CONFIG + ", expected an adapter in PEFT's format",
          "check the path, or copy the folder again");
    }
    return file;
  }

  /**
   * Opens an adapter around a network's projections, which may be trained further.
   *
   * @param slots the network's, in its order
   * @throws SlipwayException as {@link #method}; {@code tune.no-target}; {@code
   *     weights.missing-tensor}, {@code weights.surplus-tensor}, {@code weights.wrong-shape} or
   *     {@code weights.not-finite}
   */
  public static Adapter open(Path folder, Collection<ProjectionSlot> slots) {
    return open(folder, slots, null);
  }

  /** As above; the encoder's own modules that the adapter saves take the values that it has. */
  public static Adapter open(Path folder, TextEncoder encoder) {
    return open(folder, encoder.projections().values(), encoder.parameters());
  }

  private static Adapter open(
      Path folder, Collection<ProjectionSlot> slots, @Nullable ParameterSet own) {
    requirePlain(folder);
    PeftConfig config = config(folder);
    try (SafeTensors file = SafeTensors.open(folder.resolve(WEIGHTS))) {
      List<ParameterSpec> specs =
          config.method() instanceof TuningMethod.Adalora adalora
              ? AdaloraAdapter.specs(slots, adalora, config.ranks())
              : Adapters.added(config.method(), slots);
      Adapter adapter = Adapters.owning(config.method(), slots, specs, 0);
      try {
        load(file, adapter, own, folder);
        return adapter;
      } catch (RuntimeException e) {
        adapter.close();
        throw e;
      }
    }
  }

  private static void load(
      SafeTensors file, Adapter adapter, @Nullable ParameterSet own, Path folder) {
    Set<String> surplus = new LinkedHashSet<>(file.names());
    for (ParameterSpec spec : adapter.parameters().specs()) {
      load(file, spec, adapter.parameters(), folder);
      surplus.remove(stored(spec.name()));
    }
    if (own != null) {
      List<String> modules = Adapters.modulesToSave(adapter.method());
      for (ParameterSpec spec : own.specs()) {
        if (surplus.contains(stored(spec.name())) && ModulesToSave.isOf(modules, spec)) {
          load(file, spec, own, folder);
          surplus.remove(stored(spec.name()));
        }
      }
    }
    refuse(surplus, file, folder);
  }

  private static void refuse(Set<String> surplus, SafeTensors file, Path folder) {
    surplus.removeIf(name -> file.shape(name).contains(0L)); // PEFT saves ranks of 0 as well
    if (!surplus.isEmpty()) {
      throw mismatch(
          "weights.surplus-tensor",
          folder + " holds " + surplus.iterator().next() + ", for which the model has no place");
    }
  }

  private static void load(
      SafeTensors file, ParameterSpec spec, ParameterSet parameters, Path folder) {
    String name = stored(spec.name());
    if (!file.names().contains(name)) {
      throw mismatch("weights.missing-tensor", folder + " lacks " + name);
    }
    if (!file.shape(name).equals(spec.shape())) {
      throw mismatch(
          "weights.wrong-shape",
          name + " in " + folder + " has shape " + file.shape(name) + ", expected " + spec.shape());
    }
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      parameters.value(spec.name()).copyInPlace(values(file, name, folder));
    }
  }

  /** A tensor of the file in float32. */
  static Tensor values(SafeTensors file, String name, Path folder) {
    Tensor stored = file.tensor(name).to(DType.FLOAT32);
    if (!stored.isFinite().all()) {
      throw mismatch(
          "weights.not-finite", name + " in " + folder + " holds NaN or infinite values");
    }
    return stored;
  }

  /** The whole {@code adapter_config.json}. */
  static JsonNode json(Path folder) {
    return Json.read(file(folder));
  }

  /**
   * Writes an adapter as PEFT does, in float32.
   *
   * @param base the model that it belongs to, as PEFT is to find it
   */
  public static void write(Path folder, Adapter adapter, String base) {
    write(folder, adapter, base, "CAUSAL_LM");
  }

  /**
   * @param task PEFT's {@code task_type}, such as {@code SEQ_CLS}
   */
  public static void write(Path folder, Adapter adapter, String base, String task) {
    AtomicFiles.writeFolder(folder, partial -> writeInto(partial, adapter, base, task));
  }

  /** As {@link #write}, into a folder that is there, beside other files. */
  static void writeInto(Path folder, Adapter adapter, String base, String task) {
    writeInto(folder, adapter, adapter.tensors(), base, task);
  }

  /**
   * @param tensors what of the adapter's is written, by name
   */
  static void writeInto(
      Path folder, Adapter adapter, Map<String, Tensor> tensors, String base, String task) {
    Map<String, Tensor> named = new LinkedHashMap<>();
    try (Scope _ = Scope.open()) {
      tensors.forEach((name, tensor) -> named.put(stored(name), tensor));
      SafeTensors.write(folder.resolve(WEIGHTS), named, DType.FLOAT32);
    }
    AtomicFiles.write(folder.resolve(CONFIG), Json.write(PeftConfig.write(adapter, base, task)));
  }

  /** Ranks of AdaLoRA's modules that have others than they began with. */
  static Map<String, Integer> ranks(Path folder) {
    return config(folder).ranks();
  }

  /** Whether an adapter makes its language model one that scores. */
  public static boolean isScoring(Path folder) {
    return ScoreHead.isIn(folder);
  }

  /** PEFT's {@code task_type}, such as {@code CAUSAL_LM}, or an empty text. */
  static String task(Path folder) {
    return Json.read(file(folder)).path("task_type").asString("");
  }

  /** The base model as {@code adapter_config.json} names it, or an empty text. */
  public static String base(Path folder) {
    return Json.read(file(folder)).path("base_model_name_or_path").asString("");
  }

  /** Fills parameters with the adapter's values; names and shapes must be the same. */
  static void load(Path folder, ParameterSet parameters) {
    try (SafeTensors file = SafeTensors.open(folder.resolve(WEIGHTS), Residence.COPIED)) {
      Set<String> surplus = new LinkedHashSet<>(file.names());
      for (ParameterSpec spec : parameters.specs()) {
        load(file, spec, parameters, folder);
        surplus.remove(stored(spec.name()));
      }
      refuse(surplus, file, folder);
    }
  }

  static SlipwayException mismatch(String code, String sentence) {
    return new SlipwayException(
        Exit.INPUT, code, sentence, "check that the adapter was made for this model");
  }
}
