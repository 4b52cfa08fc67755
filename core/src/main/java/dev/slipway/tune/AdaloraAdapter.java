package dev.slipway.tune;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank matrices in the form of a singular value decomposition, whose ranks are shared out among
 * the projections while they learn: {@code y = W x + s B (E ⊙ A x)}, {@code s = α / r}. Zhang et
 * al. 2023: P is {@code lora_B}, Λ {@code lora_E}, Q {@code lora_A}. Step by step as PEFT does it.
 */
final class AdaloraAdapter implements Adapter {
  private static final double DEVIATION = 0.02;

  /** PEFT's, so that a rank of 0 divides nothing. */
  private static final double NEAR_ZERO = 1e-5;

  /** One module's parameters and its first triplet among all. */
  private record Module(String name, int rank, int first) {}

  private final TuningMethod.Adalora method;
  private final ParameterSet parameters;
  private final Dropout dropout;
  private final Wrapping wrapping;
  private final List<String> targets = new ArrayList<>();
  private final List<Module> modules = new ArrayList<>();
  private final SequencedMap<String, Tensor> state = new LinkedHashMap<>();
  private final long begin;
  private final long length;
  private final int triplets;
  private final Tensor sensitivity;
  private final Tensor uncertainty;
  private final Tensor kept;
  private @Nullable RankSchedule schedule;

  /**
   * @param parameters hold {@link #specs}, one after the other, beside others; a module of rank 0
   *     has none
   * @param weights of these in the type of the network's products
   */
  AdaloraAdapter(
      TuningMethod.Adalora method,
      Collection<ProjectionSlot> slots,
      ParameterSet parameters,
      Weights weights,
      Wrapping wrapping) {
    this.method = method;
    this.parameters = parameters;
    this.wrapping = wrapping;
    dropout = new Dropout(method.dropout());
    int first = 0;
    long from = Long.MAX_VALUE;
    long to = 0;
    for (ProjectionSlot slot : targets(slots, method)) {
      String name = slot.name();
      targets.add(name);
      if (!parameters.has(e(name))) {
        continue;
      }
      int rank = Math.toIntExact(parameters.value(e(name)).size(0));
      modules.add(new Module(name, rank, first));
      first += rank;
      from = Math.min(from, parameters.offset(a(name)));
      to = parameters.offset(b(name)) + rank * slot.out();
      Tensor a = weights.operand(a(name));
      Tensor e = weights.operand(e(name));
      Tensor b = weights.operand(b(name));
      wrapping.wrap(slot, base -> new Decomposed(base, a, e, b, scale(), dropout));
    }
    begin = Math.min(from, to);
    length = to - begin;
    triplets = first;
    try (Scope scope = Scope.open()) {
      sensitivity = scope.keep(Tensor.zeros(DType.FLOAT32, length));
      uncertainty = scope.keep(Tensor.zeros(DType.FLOAT32, length));
      kept = scope.keep(Tensor.full(1, DType.FLOAT32, triplets));
    }
    state.put("adalora.sensitivity", sensitivity);
    state.put("adalora.uncertainty", uncertainty);
    state.put("adalora.kept", kept);
  }

  private static List<ProjectionSlot> targets(
      Collection<ProjectionSlot> slots, TuningMethod.Adalora method) {
    return Slots.meant(
        slots,
        slot ->
            method.targets().matches(slot)
                && !ModulesToSave.isIn(method.modulesToSave(), slot.name()));
  }

  /** As all modules begin. */
  static List<ParameterSpec> specs(Collection<ProjectionSlot> slots, TuningMethod.Adalora method) {
    return specs(slots, method, Map.of());
  }

  /**
   * @param ranks of modules that have others than they begin with, which may be 0
   */
  static List<ParameterSpec> specs(
      Collection<ProjectionSlot> slots, TuningMethod.Adalora method, Map<String, Integer> ranks) {
    List<ParameterSpec> specs = new ArrayList<>();
    for (ProjectionSlot slot : targets(slots, method)) {
      long rank = ranks.getOrDefault(slot.name(), method.initialRank());
      if (rank > 0) {
        specs.add(ParameterSpec.matrix(a(slot.name()), rank, slot.in(), DEVIATION));
        specs.add(
            new ParameterSpec(
                e(slot.name()),
                List.of(rank, 1L),
                ParameterSpec.Role.VECTOR,
                new ParameterSpec.Init.Constant(0)));
        specs.add(ParameterSpec.matrix(b(slot.name()), slot.out(), rank, DEVIATION));
      }
    }
    return specs;
  }

  private static String a(String module) {
    return module + ".lora_A";
  }

  private static String b(String module) {
    return module + ".lora_B";
  }

  private static String e(String module) {
    return module + ".lora_E";
  }

  /** PEFT keeps the scale of the rank that modules began with. */
  private double scale() {
    double alpha = method.alpha() > 0 ? method.alpha() : method.initialRank();
    return alpha / (method.initialRank() + NEAR_ZERO);
  }

  /**
   * @param a (r, in)
   * @param e (r, 1)
   * @param b (out, r)
   */
  private record Decomposed(
      Projection base, Tensor a, Tensor e, Tensor b, double scale, Dropout dropout)
      implements Projection {
    @Override
    public Tensor apply(Tensor x) {
      Tensor low = Functional.linear(dropout.apply(x), a.mul(e), null); // (…, r)
      return base.apply(x).add(Functional.linear(low, b, null).mul(scale)); // (…, out)
    }
  }

  @Override
  public TuningMethod.Adalora method() {
    return method;
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public boolean storedByInput() {
    return wrapping.storedByInput();
  }

  @Override
  public void training(boolean training) {
    if (training && schedule == null) {
      throw new SlipwayException(
          Exit.USAGE,
          "tune.rank-schedule",
          "adalora shares out ranks over the steps, of which this training tells none",
          "tune by lora");
    }
    dropout.training(training);
  }

  @Override
  public SequencedMap<String, Tensor> state() {
    return state;
  }

  @Override
  public void begin(long steps) {
    schedule = method.schedule(triplets, modules.size(), steps);
  }

  /** How many steps it learns; what PEFT wants where nothing was told. */
  long steps() {
    return schedule == null ? 1 + method.initialSteps(0) + method.finalSteps(0) : schedule.total();
  }

  /** {@code λ (Σ ‖Pᵀ P - I‖ + ‖Q Qᵀ - I‖) / n}, over the n matrices. The paper's equation 4. */
  @Override
  public double regularise() {
    if (method.orthogonality() == 0) {
      return 0;
    }
    try (Scope _ = Scope.open()) {
      Tensor sum = Tensor.zeros(DType.FLOAT32, 1);
      for (Module module : modules) {
        Tensor a = parameters.value(a(module.name)); // (r, in)
        Tensor b = parameters.value(b(module.name)); // (out, r)
        Tensor one = identity(module.rank); // (r, r)
        sum = sum.add(a.matmul(a.transpose(0, 1)).sub(one).norm());
        sum = sum.add(b.transpose(0, 1).matmul(b).sub(one).norm());
      }
      Tensor loss = sum.mul(method.orthogonality() / (2.0 * modules.size())).sum(); // ()
      loss.backward();
      return loss.item();
    }
  }

  private static Tensor identity(int size) {
    float[] values = new float[size * size];
    for (int i = 0; i < size; i++) {
      values[i * size + i] = 1;
    }
    return Tensor.of(values, size, size);
  }

  @Override
  public void stepped(long step, double gradientScale) {
    if (schedule == null) {
      throw new IllegalStateException("ranks are shared out over steps, of which none was told");
    }
    RankSchedule.Due due = schedule.after(step);
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      if (due.measured()) {
        measure(gradientScale);
      }
      if (due.allocated()) {
        allocate(due.budget());
      }
      if (due.settled()) {
        maskValues();
      }
    }
  }

  /** Sensitivity |w ∇w| and its uncertainty, both smoothed: the paper's equations 8 to 10. */
  private void measure(double gradientScale) {
    Tensor value = parameters.flat().narrow(0, begin, length);
    Tensor gradient = parameters.flatGradients().narrow(0, begin, length);
    Tensor product = value.mul(gradientScale == 1 ? gradient : gradient.mul(gradientScale)).abs();
    double beta1 = method.beta1();
    double beta2 = method.beta2();
    sensitivity.copyInPlace(sensitivity.mul(beta1).add(product.mul(1 - beta1)));
    Tensor apart = product.sub(sensitivity).abs();
    uncertainty.copyInPlace(uncertainty.mul(beta2).add(apart.mul(1 - beta2)));
  }

  /** Keeps the singular values of the triplets that matter most. */
  private void allocate(int budget) {
    float[] scores = scores();
    int masked = scores.length - budget;
    if (masked < 1) {
      return;
    }
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    float threshold = sorted[masked - 1];
    float[] mask = new float[scores.length];
    for (int i = 0; i < scores.length; i++) {
      mask[i] = scores[i] <= threshold ? 0 : 1;
    }
    kept.copyInPlace(Tensor.of(mask, mask.length));
    maskValues();
  }

  private void maskValues() {
    for (Module module : modules) {
      Tensor value = parameters.value(e(module.name)); // (r, 1)
      value.copyInPlace(value.mul(kept.narrow(0, module.first, module.rank).view(module.rank, 1)));
    }
  }

  /** Of each triplet its value's score, and the means of its vectors' scores. Equation 7. */
  private float[] scores() {
    Tensor scores = sensitivity.mul(uncertainty);
    List<Tensor> parts = new ArrayList<>();
    for (Module module : modules) {
      Tensor e = of(scores, e(module.name)).view(module.rank);
      Tensor a = of(scores, a(module.name)).mean(1, false); // (r)
      Tensor b = of(scores, b(module.name)).mean(0, false); // (r)
      parts.add(e.add(a.add(b)));
    }
    return Tensor.cat(parts, 0).toFloats();
  }

  private Tensor of(Tensor scores, String parameter) {
    Tensor value = parameters.value(parameter);
    return scores
        .narrow(0, parameters.offset(parameter) - begin, value.numel())
        .view(value.shape());
  }

  /**
   * Takes away again what the last steps gave to triplets that are not kept, as PEFT saves them.
   */
  @Override
  public void finish() {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      maskValues();
    }
  }

  /**
   * Which of the triplets that a module began with are kept; empty where all keep all. Those of an
   * adapter that was saved with fewer are the first ones.
   */
  SequencedMap<String, boolean[]> ranks() {
    SequencedMap<String, boolean[]> ranks = new LinkedHashMap<>();
    boolean any = false;
    for (String name : targets) {
      ranks.put(name, new boolean[method.initialRank()]);
    }
    float[] all = kept.toFloats();
    for (Module module : modules) {
      boolean[] own = ranks.get(module.name);
      for (int i = 0; own != null && i < module.rank; i++) {
        own[i] = all[module.first + i] != 0;
      }
    }
    for (boolean[] own : ranks.values()) {
      for (boolean one : own) {
        any |= !one;
      }
    }
    if (!any) {
      ranks.clear();
    }
    return ranks;
  }

  private long[] keptOf(Module module) {
    float[] own = kept.narrow(0, module.first, module.rank).toFloats();
    return IntStream.range(0, own.length).filter(i -> own[i] != 0).asLongStream().toArray();
  }

  /** Without the triplets that are not kept, as PEFT saves them. */
  @Override
  public SequencedMap<String, Tensor> tensors() {
    SequencedMap<String, Tensor> tensors = Adapter.super.tensors();
    try (NoGrad _ = NoGrad.open()) {
      for (Module module : modules) {
        String name = module.name;
        long[] indices = keptOf(module);
        if (indices.length == 0) {
          List.of(a(name), e(name), b(name)).forEach(tensors::remove);
        } else if (indices.length < module.rank) {
          Tensor chosen = Tensor.of(indices, indices.length);
          for (String row : List.of(a(name), e(name))) {
            tensors.put(row, parameters.value(row).indexSelect(0, chosen));
          }
          tensors.put(b(name), parameters.value(b(name)).indexSelect(1, chosen));
        }
      }
    }
    return tensors;
  }

  @Override
  public SequencedMap<String, Tensor> merge() {
    finish();
    return wrapping.merge(
        (slot, base) -> {
          String name = slot.name();
          Tensor product =
              parameters
                  .value(b(name))
                  .matmul(parameters.value(a(name)).mul(parameters.value(e(name))))
                  .mul(scale()); // (out, in)
          return new Wrapping.Merged(Slots.weight(base).add(product), Slots.bias(base));
        });
  }

  @Override
  public void close() {
    wrapping.close();
    state.values().forEach(Tensor::close);
  }
}
