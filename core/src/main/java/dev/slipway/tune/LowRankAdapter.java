package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.batch.AdapterMatrices;
import dev.slipway.infer.batch.KernelNetwork;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.kernel.infer.LowRank;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * An adapter as what answers many at once takes it: low-rank matrices that are added to the rows of
 * one request and not to its neighbour's. What changes more of the model than that (DoRA's
 * magnitudes, modules saved whole, other methods) is a model of its own once it is merged.
 */
public final class LowRankAdapter implements AdapterMatrices {
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";

  private final ParameterSet parameters;
  private final double scale;

  private LowRankAdapter(ParameterSet parameters, double scale) {
    this.parameters = parameters;
    this.scale = scale;
  }

  /**
   * Reads an adapter.
   *
   * @param base the model, a folder or GGUF file, of which no weights are read
   * @param folder in PEFT's format
   * @throws SlipwayException {@code adapter.not-batchable} where it is no more than low-rank
   *     matrices; {@code tokenizer.fingerprint-mismatch} where it was learnt with another tokenizer
   *     or chat template; and as {@link PeftFolder#open}
   */
  public static LowRankAdapter open(Path base, Path folder) {
    TuningMethod method = PeftFolder.method(folder);
    TuningMethod.Lora lora = lora(method, folder);
    TunedFolder.checkFingerprint(base, folder);
    List<ParameterSpec> specs = TunedDecoder.added(lora, PretrainedDecoder.config(base));
    ParameterSet parameters = ParameterSet.frozen(specs);
    try {
      PeftFolder.load(folder, parameters);
      return new LowRankAdapter(parameters, lora.scale());
    } catch (RuntimeException e) {
      parameters.close();
      throw e;
    }
  }

  /** Whether an adapter has nothing but low-rank matrices. */
  public static boolean is(Path folder) {
    return PeftFolder.method(folder) instanceof TuningMethod.Lora lora
        && surplus(lora).isEmpty()
        && !PeftFolder.isWhole(folder);
  }

  /**
   * Whether requests with and without the adapter can be answered together: it has nothing but
   * low-rank matrices, and the model is one of {@link KernelNetwork}'s.
   */
  public static boolean batches(Path base, Path folder) {
    return is(folder) && hasKernels(base);
  }

  /** Whether a model is one of {@link KernelNetwork}'s. */
  public static boolean hasKernels(Path base) {
    return TunedDecoder.hasKernelsToAnswer(PretrainedDecoder.config(base));
  }

  private static TuningMethod.Lora lora(TuningMethod method, Path folder) {
    if (!(method instanceof TuningMethod.Lora lora)) {
      throw refused(folder, "is of another method (" + method.getClass().getSimpleName() + ")");
    }
    String surplus = surplus(lora);
    if (!surplus.isEmpty()) {
      throw refused(folder, surplus);
    }
    if (PeftFolder.isWhole(folder)) {
      throw refused(folder, "has biases, patterns of ranks or whole tensors");
    }
    return lora;
  }

  private static String surplus(TuningMethod.Lora lora) {
    if (lora.decomposed()) {
      return "has magnitudes (DoRA)";
    }
    return lora.modulesToSave().isEmpty() ? "" : "brings whole modules " + lora.modulesToSave();
  }

  private static SlipwayException refused(Path folder, String what) {
    return new SlipwayException(
        Exit.INPUT,
        "adapter.not-batchable",
        "the adapter "
            + folder
            + " "
            + what
            + ", expected LoRA's matrices alone, which requests of others can be answered beside",
        "put it into a copy of the model with `slipway merge`, and serve that");
  }

  @Override
  public SequencedMap<String, LowRank.Matrices> matrices() {
    SequencedMap<String, LowRank.Matrices> matrices = new LinkedHashMap<>();
    for (ParameterSpec spec : parameters.specs()) {
      if (spec.name().endsWith(A)) {
        String module = spec.name().substring(0, spec.name().length() - A.length());
        matrices.put(
            module,
            new LowRank.Matrices(
                parameters.value(spec.name()), parameters.value(module + B), scale));
      }
    }
    return matrices;
  }

  @Override
  public void close() {
    parameters.close();
  }
}
