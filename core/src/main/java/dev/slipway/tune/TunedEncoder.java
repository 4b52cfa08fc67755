package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.model.encoder.EncoderCheckpoint;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.encoder.TextEncoder;
import dev.slipway.model.encoder.TextEncoderConfig;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.MasterWeights;
import dev.slipway.nn.OverlaidWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A published encoder that learns by a {@link TuningMethod}. What learns lies in one {@link
 * ParameterSet}; all the rest is in another, without gradients. A head always learns, whatever the
 * method: it is new.
 */
public final class TunedEncoder implements Network {
  private final TextEncoderConfig config;
  private final ParameterSet parameters;
  private final ParameterSet frozen;
  private final TextEncoder network;
  private final @Nullable Adapter adapter;

  private TunedEncoder(
      TextEncoderConfig config,
      TuningMethod method,
      EncoderCheckpoint checkpoint,
      List<String> begun,
      long seed) {
    this.config = config;
    List<ParameterSpec> own = own(method, config);
    Set<String> learning = new HashSet<>();
    own.forEach(spec -> learning.add(spec.name()));
    List<ParameterSpec> specs = new ArrayList<>(own);
    specs.addAll(added(method, config));
    parameters = ParameterSet.allocate(specs);
    parameters.initialise(seed);
    if (method instanceof TuningMethod.Full full) {
      List<String> names = parameters.specs().stream().map(ParameterSpec::name).toList();
      parameters.learnAt(Depths.of(config.parameters()).rates(full, names, 0));
    }
    frozen =
        ParameterSet.frozen(
            config.parameters().stream().filter(spec -> !learning.contains(spec.name())).toList());
    checkpoint.load(parameters, begun);
    checkpoint.load(frozen, begun);
    Weights masters = new MasterWeights(parameters);
    network =
        new TextEncoder(
            config,
            new OverlaidWeights(parameters, masters, new MasterWeights(frozen)),
            parameters);
    adapter = Adapters.around(method, slots(network, config), parameters, masters);
  }

  /**
   * Opens a model folder to tune it with a head, which begins anew where the folder has none like
   * it.
   *
   * @param seed of the head and of what the method adds
   * @throws dev.slipway.base.SlipwayException as {@link EncoderFolder#open}; {@code
   *     tune.no-target}, {@code tune.no-module} or {@code tune.freeze} where the method does not
   *     fit the model
   */
  public static TunedEncoder open(Path folder, Head head, TuningMethod method, long seed) {
    return EncoderFolder.read(
        folder,
        head,
        (config, checkpoint, begun) -> new TunedEncoder(config, method, checkpoint, begun, seed));
  }

  /** The model's own parameters that learn, in its order. */
  public static List<ParameterSpec> own(TuningMethod method, TextEncoderConfig config) {
    List<ParameterSpec> all = config.parameters();
    refuseOthers(method);
    Set<ParameterSpec> chosen = new HashSet<>(Adapters.own(method, all));
    boolean adapted = !(method instanceof TuningMethod.Full);
    return all.stream()
        .filter(spec -> chosen.contains(spec) || adapted && config.isOfHead(spec.name()))
        .toList();
  }

  /** The parameters that a method adds to a model. */
  public static List<ParameterSpec> added(TuningMethod method, TextEncoderConfig config) {
    try (Scope _ = Scope.open();
        ParameterSet none = ParameterSet.frozen(List.of())) {
      TextEncoder shapes = new TextEncoder(config, new ShapeWeights(config.parameters()), none);
      return Adapters.added(method, slots(shapes, config));
    }
  }

  /**
   * Whether what is learnt becomes part of the model's own weights; else it lies beside them, and
   * other tools refuse the folder.
   */
  public static boolean becomesWhole(TuningMethod method) {
    return !(method instanceof TuningMethod.Bottleneck);
  }

  /** The loop of tasks knows of parameters alone. */
  private static void refuseOthers(TuningMethod method) {
    String came =
        switch (method) {
          case TuningMethod.Full full when full.unfreezeEvery() > 0 -> "full with unfreeze-every";
          case TuningMethod.Full _,
              TuningMethod.Lora _,
              TuningMethod.Ia3 _,
              TuningMethod.Bottleneck _,
              TuningMethod.Bitfit _ ->
              "";
          case TuningMethod.Qlora _ -> "qlora";
          case TuningMethod.Adalora _ -> "adalora";
          case TuningMethod.Prompt _ -> "prompt";
          case TuningMethod.Prefix _ -> "prefix";
        };
    if (!came.isEmpty()) {
      throw new SlipwayException(
          Exit.USAGE,
          "tune.encoder-method",
          "tune is "
              + came
              + " for an encoder, expected full, lora, ia3, houlsby, pfeiffer or bitfit",
          "write one of these");
    }
  }

  /**
   * Opens a folder that {@link #write} wrote, or any other, to answer with.
   *
   * @throws SlipwayException as {@link EncoderFolder#open} and {@link PeftFolder#open}
   */
  public static Network answering(Path folder) {
    TextEncoder encoder = EncoderFolder.openBeside(folder);
    if (!EncoderFolder.isAdapted(folder)) {
      return encoder;
    }
    try {
      return new Answering(encoder, PeftFolder.open(folder, slots(encoder, encoder.config())));
    } catch (RuntimeException e) {
      encoder.close();
      throw e;
    }
  }

  /** An encoder with what lay beside it. */
  private record Answering(TextEncoder encoder, Adapter adapter) implements Network {
    @Override
    public ParameterSet parameters() {
      return encoder.parameters();
    }

    @Override
    public ParameterSet buffers() {
      return encoder.buffers();
    }

    @Override
    public boolean hasLargeProducts() {
      return encoder.hasLargeProducts();
    }

    @Override
    public SequencedMap<String, Tensor> forward(Inputs inputs, Pass pass) {
      return encoder.forward(inputs, pass);
    }

    @Override
    public void close() {
      adapter.close();
      encoder.close();
    }
  }

  /** The projections of the encoder; those of the head learn whole. */
  private static List<ProjectionSlot> slots(TextEncoder network, TextEncoderConfig config) {
    return network.projections().values().stream()
        .filter(slot -> !config.isOfHead(slot.name()))
        .toList();
  }

  /** With what the method adds; its slots have what stands there now. */
  public TextEncoder encoder() {
    return network;
  }

  /** What was put into the network from outside; null where its own parameters learn. */
  public @Nullable Adapter adapter() {
    return adapter;
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public ParameterSet buffers() {
    return network.buffers();
  }

  @Override
  public boolean hasLargeProducts() {
    return network.hasLargeProducts();
  }

  @Override
  public SequencedMap<String, Tensor> forward(Inputs inputs, Pass pass) {
    if (adapter != null) {
      adapter.training(pass.training());
    }
    return network.forward(inputs, pass);
  }

  /**
   * Writes {@code config.json} and {@code model.safetensors} into a folder that is there: one model
   * with what was added merged into it, or with {@code adapter_config.json} and {@code
   * adapter_model.safetensors} beside it where it can't be merged. Their type is one that PEFT
   * doesn't know, so that transformers refuses such a folder in place of opening half of it.
   */
  public void write(Path folder) throws IOException {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      Map<String, Tensor> merged = new LinkedHashMap<>();
      if (adapter != null && !adapter.mergeable()) {
        SequencedMap<String, Tensor> added = new LinkedHashMap<>();
        for (ParameterSpec spec : added(adapter.method(), config)) {
          added.put(spec.name(), parameters.value(spec.name()));
        }
        PeftFolder.writeInto(folder, adapter, added, ".", task());
      } else if (adapter != null) {
        adapter
            .merge()
            .forEach(
                (name, tensor) ->
                    merged.put(name.endsWith(".bias") ? name : name + ".weight", tensor));
      }
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (ParameterSpec spec : config.parameters()) {
        ParameterSet set = parameters.has(spec.name()) ? parameters : frozen;
        tensors.put(spec.name(), merged.getOrDefault(spec.name(), set.value(spec.name()).detach()));
      }
      EncoderFolder.write(folder, config, tensors);
    }
  }

  /** PEFT's {@code task_type}. */
  private String task() {
    return switch (config.head()) {
      case Head.SequenceClassification _ -> "SEQ_CLS";
      case Head.TokenClassification _ -> "TOKEN_CLS";
      case Head.SpanAnswering _ -> "QUESTION_ANS";
      case Head.Hidden _, Head.MaskedLanguageModel _ -> "FEATURE_EXTRACTION";
    };
  }

  @Override
  public void close() {
    if (adapter != null) {
      adapter.close();
    }
    network.close();
    frozen.close();
  }
}
