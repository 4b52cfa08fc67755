package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.batch.KernelNetwork;
import dev.slipway.model.CausalAutograd;
import dev.slipway.model.CausalNetwork;
import dev.slipway.model.RowExecution;
import dev.slipway.model.ScoreAutograd;
import dev.slipway.model.ScoreExecution;
import dev.slipway.model.decoder.Checkpoint;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.decoder.DecoderNetwork;
import dev.slipway.model.decoder.MappedWeights;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.nn.MasterWeights;
import dev.slipway.nn.OverlaidWeights;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.ShadowWeights;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.weights.Residence;
import dev.slipway.weights.WeightSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A published decoder that learns by a {@link TuningMethod}. What learns lies in one {@link
 * ParameterSet}: masters in float32, gradients, and a copy in the type of products where that is
 * another. All the rest is the mapped checkpoint, once, without gradients.
 */
public final class TunedDecoder implements AutoCloseable {
  /**
   * How it is carried out.
   *
   * @param computeType of matrix products, FLOAT32 or BFLOAT16
   * @param checkpointing whether a block's activations are made again in the backward pass
   */
  public record Way(DType computeType, boolean checkpointing) {}

  private final TuningMethod method;
  private final DecoderConfig config;
  private final Checkpoint checkpoint;
  private final WeightSource file;
  private final MappedWeights frozen;
  private final ParameterSet parameters;
  private final Depths depths;
  private final @Nullable ShadowWeights shadow;
  private final DecoderNetwork network;
  private final @Nullable Adapter adapter;
  private final CausalAutograd autograd;
  private final ScoreAutograd scores;
  private final @Nullable AdaptedKernels kernels;

  private TunedDecoder(
      TuningMethod method,
      Checkpoint checkpoint,
      WeightSource file,
      Way way,
      MappedWeights frozen,
      ParameterSet parameters,
      Depths depths,
      @Nullable ShadowWeights shadow,
      Supplier<Tokenizer> tokenizer,
      boolean changed,
      long seed) {
    this.method = method;
    this.file = file;
    this.checkpoint = checkpoint;
    this.frozen = frozen;
    this.parameters = parameters;
    this.depths = depths;
    this.shadow = shadow;
    config = checkpoint.config();
    Weights learning = shadow == null ? new MasterWeights(parameters) : shadow;
    Weights all = new OverlaidWeights(parameters, learning, frozen);
    network = config.network(all);
    CausalNetwork learnt = network;
    if (changed) {
      adapter = null;
    } else if (method instanceof TuningMethod.VirtualTokens tokens) {
      VirtualTokens first = VirtualTokens.before(network, tokens, parameters, learning);
      if (parameters.trainable()) {
        first.begin(tokenizer, seed);
        if (shadow != null) {
          shadow.refresh();
        }
      }
      adapter = first;
      learnt = first.learning();
    } else {
      adapter = Adapters.around(method, network.projections().values(), parameters, learning);
    }
    autograd = new CausalAutograd(learnt, way.computeType(), shadow, way.checkpointing());
    scores = new ScoreAutograd(learnt, way.computeType(), shadow, way.checkpointing());
    kernels =
        AdaptedKernels.of(config, all, network.projections(), parameters, way.checkpointing());
  }

  /**
   * Makes what it stands on; where that fails, all but the file is closed again.
   *
   * @param changing an adapter whose changed weights take the place of the model's; null for one
   *     that is put around them
   */
  private static TunedDecoder of(
      TuningMethod method,
      Checkpoint checkpoint,
      WeightSource file,
      Way way,
      Map<String, Integer> ranks,
      Function<List<ParameterSpec>, ParameterSet> allocate,
      Supplier<Tokenizer> tokenizer,
      @Nullable Path changing,
      long seed) {
    DType type = way.computeType();
    List<ParameterSpec> specs = new ArrayList<>();
    if (changing != null) {
      specs.addAll(LoraWeights.specs(checkpoint.config().parameters(), changing));
    } else {
      specs.addAll(own(method, checkpoint.config()));
      specs.addAll(added(method, checkpoint.config(), ranks));
    }
    List<Runnable> made = new ArrayList<>();
    try {
      MappedWeights frozen =
          new MappedWeights(checkpoint, type, method instanceof TuningMethod.Qlora);
      made.add(frozen::close);
      ParameterSet parameters = allocate.apply(specs);
      made.add(parameters::close);
      parameters.initialise(seed);
      checkpoint.load(parameters);
      Depths depths = Depths.of(checkpoint.config().parameters());
      learnAtStep(method, depths, parameters, 0);
      ShadowWeights shadow = type == DType.FLOAT32 ? null : new ShadowWeights(parameters, type);
      if (shadow != null) {
        made.add(shadow::close);
      }
      return new TunedDecoder(
          method,
          checkpoint,
          file,
          way,
          frozen,
          parameters,
          depths,
          shadow,
          tokenizer,
          changing != null,
          seed);
    } catch (RuntimeException e) {
      made.reversed().forEach(Runnable::run);
      throw e;
    }
  }

  /**
   * Opens a model folder to tune it.
   *
   * @param seed of what the method adds
   * @throws dev.slipway.base.SlipwayException as {@link PretrainedDecoder#open}; {@code
   *     tune.no-target}, {@code tune.no-module} or {@code tune.freeze} where the method does not
   *     fit the model
   */
  public static TunedDecoder open(Path folder, TuningMethod method, Way way, long seed) {
    return open(folder, Residence.MAPPED, method, way, Map.of(), ParameterSet::allocate, seed);
  }

  /**
   * As {@link #open}, with a score in the place of the head, which learns whatever the method: it
   * is new, but where the folder has one.
   */
  public static TunedDecoder scoring(Path folder, TuningMethod method, Way way, long seed) {
    return scoring(folder, method, way, Map.of(), ParameterSet::allocate, seed);
  }

  private static TunedDecoder scoring(
      Path folder,
      TuningMethod method,
      Way way,
      Map<String, Integer> ranks,
      Function<List<ParameterSpec>, ParameterSet> allocate,
      long seed) {
    WeightSource file = ModelFolder.at(folder).openWeights();
    try {
      Checkpoint checkpoint =
          Checkpoint.check(file, PretrainedDecoder.config(folder), folder.toString())
              .scoring(PretrainedDecoder.scoring(folder));
      return of(
          ScoreHead.learning(method),
          checkpoint,
          file,
          way,
          ranks,
          allocate,
          () -> ModelFolder.tokenizer(folder),
          null,
          seed);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  static TunedDecoder open(
      Path folder,
      Residence residence,
      TuningMethod method,
      Way way,
      Map<String, Integer> ranks,
      Function<List<ParameterSpec>, ParameterSet> allocate,
      long seed) {
    DecoderConfig described = PretrainedDecoder.config(folder);
    PretrainedDecoder.requireLanguageModel(described, folder.toString());
    WeightSource file = ModelFolder.at(folder).in(residence).openWeights();
    try {
      Checkpoint checkpoint = Checkpoint.check(file, described, folder.toString());
      if (ModulesToSave.isIn(Adapters.modulesToSave(method), "lm_head")
          && checkpoint.config().names().tiedHead()) {
        checkpoint = checkpoint.untied();
      }
      return of(
          method,
          checkpoint,
          file,
          way,
          ranks,
          allocate,
          () -> ModelFolder.tokenizer(folder),
          null,
          seed);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Opens a model with an adapter to answer with: nothing of it learns.
   *
   * @param base the folder of the model
   * @param adapter in PEFT's format
   * @param computeType of matrix products, FLOAT32 or BFLOAT16
   * @throws SlipwayException {@code tokenizer.fingerprint-mismatch} where it was learnt with
   *     another tokenizer or chat template
   */
  public static TunedDecoder answering(Path base, Path adapter, DType computeType) {
    return answering(base, Residence.MAPPED, adapter, computeType);
  }

  /** As above, with the model's weights where they are wanted. */
  public static TunedDecoder answering(
      Path base, Residence residence, Path adapter, DType computeType) {
    if (ScoreHead.isIn(adapter)) {
      throw ScoreHead.noLanguageModel(adapter);
    }
    TunedFolder.checkFingerprint(base, adapter);
    if (PeftFolder.isWhole(adapter)) {
      return changed(base, residence, adapter, computeType);
    }
    return loaded(
        open(
            base,
            residence,
            PeftFolder.method(adapter),
            new Way(computeType, false),
            PeftFolder.ranks(adapter),
            ParameterSet::frozen,
            0),
        adapter);
  }

  /**
   * As {@link #answering}, of an adapter that makes a model one that scores.
   *
   * @throws SlipwayException {@code model.no-score} where the adapter has no score
   */
  public static TunedDecoder scoring(Path base, Path adapter, DType computeType) {
    if (!ScoreHead.isIn(adapter)) {
      throw ScoreHead.missing(adapter, "an adapter of a language model");
    }
    PeftFolder.requirePlain(adapter);
    TunedFolder.checkFingerprint(base, adapter);
    return loaded(
        scoring(
            base,
            PeftFolder.method(adapter),
            new Way(computeType, false),
            PeftFolder.ranks(adapter),
            ParameterSet::frozen,
            0),
        adapter);
  }

  /** With the weights that an adapter makes of the model's, and nothing around them. */
  private static TunedDecoder changed(
      Path base, Residence residence, Path adapter, DType computeType) {
    DecoderConfig described = PretrainedDecoder.config(base);
    PretrainedDecoder.requireLanguageModel(described, base.toString());
    WeightSource file = ModelFolder.at(base).in(residence).openWeights();
    TunedDecoder model;
    try {
      model =
          of(
              PeftFolder.method(adapter),
              LoraWeights.base(Checkpoint.check(file, described, base.toString()), adapter),
              file,
              new Way(computeType, false),
              Map.of(),
              ParameterSet::frozen,
              () -> ModelFolder.tokenizer(base),
              adapter,
              0);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
    try {
      LoraWeights.load(adapter, model.parameters, model.network.projections());
      model.parametersChanged();
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static TunedDecoder loaded(TunedDecoder model, Path adapter) {
    try {
      PeftFolder.load(adapter, model.parameters);
      model.parametersChanged();
      return model;
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /** The model's own parameters that learn, in its order. */
  public static List<ParameterSpec> own(TuningMethod method, DecoderConfig config) {
    return config instanceof ScoringConfig scoring
        ? ScoreHead.own(method, scoring)
        : Adapters.own(method, config.parameters());
  }

  /**
   * The longest text that a model has positions for beside what a method puts before it.
   *
   * @throws SlipwayException {@code tune.virtual-tokens} where that leaves none
   */
  public static int longestText(TuningMethod method, DecoderConfig config) {
    int context = config.shape().context();
    if (method instanceof TuningMethod.VirtualTokens tokens) {
      VirtualTokens.requireRoom(tokens, context);
      return context - tokens.virtualTokens();
    }
    return context;
  }

  /** The parameters that a method adds to a model. */
  public static List<ParameterSpec> added(TuningMethod method, DecoderConfig config) {
    return added(method, config, Map.of());
  }

  private static List<ParameterSpec> added(
      TuningMethod method, DecoderConfig config, Map<String, Integer> ranks) {
    if (method instanceof TuningMethod.VirtualTokens tokens) {
      return VirtualTokens.specs(tokens, config.shape());
    }
    try (Scope _ = Scope.open()) {
      DecoderNetwork shapes = config.network(new ShapeWeights(config.parameters()));
      return method instanceof TuningMethod.Adalora adalora
          ? AdaloraAdapter.specs(shapes.projections().values(), adalora, ranks)
          : Adapters.added(method, shapes.projections().values());
    }
  }

  /** Whether a method learns by kernels in a model, or by autograd. */
  public static boolean byKernels(TuningMethod method, DecoderConfig config) {
    TuningMethod.@Nullable Lora lora =
        switch (method) {
          case TuningMethod.Lora plain -> plain;
          case TuningMethod.Qlora qlora -> qlora.lora();
          default -> null;
        };
    return lora != null
        && !lora.decomposed()
        && lora.dropout() == 0
        && (lora.modulesToSave().isEmpty() || ScoreHead.isAlone(lora.modulesToSave(), config))
        && AdaptedKernels.covers(config)
        && added(method, config).stream().noneMatch(spec -> spec.name().startsWith("lm_head."));
  }

  /** Whether {@link KernelNetwork} covers a model without an adapter around it. */
  static boolean hasKernelsToAnswer(DecoderConfig config) {
    try (Scope _ = Scope.open()) {
      return KernelNetwork.covers(config.network(new ShapeWeights(config.parameters())));
    }
  }

  /** The model's tensors as they are stored, before anything was learnt. */
  Checkpoint checkpoint() {
    return checkpoint;
  }

  public TuningMethod method() {
    return method;
  }

  public DecoderConfig config() {
    return config;
  }

  /** What learns, and nothing else. */
  public ParameterSet parameters() {
    return parameters;
  }

  /** The whole network, with what the method added; its slots tell which projections it has. */
  public DecoderNetwork network() {
    return network;
  }

  /** What was put into the network from outside; null where its own parameters learn. */
  public @Nullable Adapter adapter() {
    return adapter;
  }

  /**
   * {@link Adapter#merge}; nothing where nothing was added.
   *
   * @throws SlipwayException {@code adapter.not-mergeable}
   */
  SequencedMap<String, Tensor> merge() {
    if (adapter == null) {
      return new LinkedHashMap<>();
    }
    if (!adapter.mergeable()) {
      throw new SlipwayException(
          Exit.INPUT,
          "adapter.not-mergeable",
          "the adapter puts something behind projections or before texts, expected a change of weights",
          "answer with the model and --adapter");
    }
    return adapter.merge();
  }

  /** Whether what only learning does, such as dropout, is done from now on. */
  public void training(boolean training) {
    if (adapter != null) {
      adapter.training(training);
    }
  }

  /**
   * Next-token prediction and losses of rows, by kernels where they cover the model. Closing it
   * closes nothing.
   */
  public RowExecution execution() {
    return kernels == null ? byAutograd() : new TunedExecutions.ByKernels(kernels, byAutograd());
  }

  /** The same by autograd, the reference. */
  TunedExecutions.ByAutograd byAutograd() {
    return new TunedExecutions.ByAutograd(this, autograd);
  }

  /**
   * Scores and losses of them, where the model scores; by kernels where they cover it. Closing it
   * closes nothing.
   */
  public ScoreExecution scores() {
    return kernels == null
        ? scoresByAutograd()
        : new TunedExecutions.ScoringByKernels(kernels, scoresByAutograd());
  }

  /** The same by autograd, the reference. */
  TunedExecutions.Scoring scoresByAutograd() {
    return new TunedExecutions.Scoring(this, scores);
  }

  /**
   * Sets which parameters learn at a step, and at which share of the learning rate.
   *
   * @param step counted from 0
   */
  void learnAtStep(long step) {
    learnAtStep(method, depths, parameters, step);
  }

  private static void learnAtStep(
      TuningMethod method, Depths depths, ParameterSet parameters, long step) {
    if (method instanceof TuningMethod.Full full && parameters.trainable()) {
      List<String> names = parameters.specs().stream().map(ParameterSpec::name).toList();
      Map<String, Double> rates = depths.rates(full, names, step);
      if (!rates.equals(parameters.rates())) {
        parameters.learnAt(rates);
      }
    }
  }

  /** Adds the gradients of the copy in the type of products to those of the masters. */
  public void collectGradients() {
    if (shadow != null) {
      shadow.collectGradients();
    }
  }

  /** To be called after the parameters changed. */
  public void parametersChanged() {
    autograd.parametersChanged();
    if (adapter != null) {
      adapter.parametersChanged();
    }
  }

  @Override
  public void close() {
    if (kernels != null) {
      kernels.close();
    }
    if (adapter != null) {
      adapter.close();
    }
    autograd.close();
    parameters.close();
    frozen.close();
    file.close();
  }
}
