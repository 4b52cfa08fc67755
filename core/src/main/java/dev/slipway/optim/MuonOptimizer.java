package dev.slipway.optim;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Muon on each matrix by itself (query, key and value are three, though neighbours in memory);
 * matrices of one shape go through the iteration together, as a batch.
 *
 * <pre>
 * B ← μ B + (1 - μ) G      U = μ B + (1 - μ) G (Nesterov), else B
 * X₀ = U / ‖U‖      A = X Xᵀ      X ← a X + (b A + c A²) X, five times
 * θ ← θ (1 - η λ) - η scale(out, in) X      (a, b, c) = (3.4445, -4.7750, 2.0315)
 * </pre>
 */
final class MuonOptimizer implements Optimizer {
  private static final double A = 3.4445;
  private static final double B = -4.7750;
  private static final double C = 2.0315;
  private static final double EPSILON = 1e-7;

  private final OptimizerConfig.Muon config;
  private final ParameterSet parameters;
  private final AdamWOptimizer rest;
  private final List<Batch> batches;
  private final Tensor momentum;

  /** Matrices of one shape. */
  private record Batch(long out, long in, List<Place> places) {}

  /** Where a matrix lies in the flat parameters, and in the momentum. */
  private record Place(long offset, long stateOffset) {}

  private record Shape(long out, long in) {}

  MuonOptimizer(OptimizerConfig.Muon config, ParameterSet parameters) {
    this.config = config;
    Rates.refuse(parameters);
    this.parameters = parameters;
    List<ParameterSpec> others = new ArrayList<>();
    Map<Shape, List<Place>> byShape = new LinkedHashMap<>();
    long stateOffset = 0;
    for (ParameterSpec spec : parameters.specs()) {
      if (spec.role() == ParameterSpec.Role.MATRIX && spec.shape().size() == 2) {
        byShape
            .computeIfAbsent(
                new Shape(spec.shape().get(0), spec.shape().get(1)), _ -> new ArrayList<>())
            .add(new Place(parameters.offset(spec.name()), stateOffset));
        stateOffset += spec.numel();
      } else {
        others.add(spec);
      }
    }
    batches = new ArrayList<>();
    byShape.forEach(
        (shape, places) -> batches.add(new Batch(shape.out(), shape.in(), List.copyOf(places))));
    rest = new AdamWOptimizer(config.rest(), parameters, others);
    try (Scope scope = Scope.open()) {
      momentum = scope.keep(Tensor.zeros(DType.FLOAT32, stateOffset));
    }
  }

  @Override
  public void step(long step, double factor, double gradientScale) {
    for (Batch batch : batches) {
      try (Scope _ = Scope.open()) {
        update(batch, config.learningRate() * factor, gradientScale);
      }
    }
    rest.step(step, factor, gradientScale);
  }

  private void update(Batch batch, double learningRate, double gradientScale) {
    double mu = config.momentum();
    int count = batch.places().size();
    long size = batch.out() * batch.in();
    Tensor updates = Tensor.empty(DType.FLOAT32, count, size);
    for (int i = 0; i < count; i++) {
      Place place = batch.places().get(i);
      Tensor gradient = parameters.flatGradients().narrow(0, place.offset(), size);
      Tensor buffer = momentum.narrow(0, place.stateOffset(), size);
      buffer.mulInPlace(mu).addInPlace(gradient, (1 - mu) * gradientScale);
      Tensor update = updates.narrow(0, i, 1).view(size).copyInPlace(buffer);
      if (config.nesterov()) {
        update.mulInPlace(mu).addInPlace(gradient, (1 - mu) * gradientScale);
      }
    }
    Tensor orthogonal =
        orthogonalise(updates.view(count, batch.out(), batch.in())).to(DType.FLOAT32).contiguous();
    double scale = config.scale().of(batch.out(), batch.in());
    for (int i = 0; i < count; i++) {
      Tensor value = parameters.flat().narrow(0, batch.places().get(i).offset(), size);
      value.mulInPlace(1 - learningRate * config.weightDecay());
      value.addInPlace(orthogonal.narrow(0, i, 1).view(size), -learningRate * scale);
    }
  }

  /** The nearest semi-orthogonal matrices, roughly: singular values end between 0.7 and 1.2. */
  private Tensor orthogonalise(Tensor updates) { // (N, out, in)
    boolean tall = updates.size(1) > updates.size(2);
    Tensor x = tall ? updates.transpose(1, 2).contiguous() : updates;
    long n = x.size(0);
    Tensor norms = x.mul(x).reshape(n, -1).sum(1, false).sqrt().add(EPSILON).view(n, 1, 1);
    x = x.div(norms);
    if (config.bfloat16()) {
      x = x.to(DType.BFLOAT16);
    }
    for (int i = 0; i < config.iterations(); i++) {
      Tensor gram = x.matmul(x.transpose(1, 2)); // (N, r, r)
      Tensor polynomial = gram.baddbmm(gram, gram, B, C); // (N, r, r)
      x = x.baddbmm(polynomial, x, A, 1); // (N, r, c)
    }
    return tall ? x.transpose(1, 2) : x;
  }

  @Override
  public SequencedMap<String, Tensor> state() {
    SequencedMap<String, Tensor> state = new LinkedHashMap<>();
    state.put("muon.momentum", momentum);
    state.putAll(rest.state());
    return state;
  }

  @Override
  public void close() {
    momentum.close();
    rest.close();
  }
}
