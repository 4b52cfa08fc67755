package dev.slipway.tune;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.ParameterSpec;
import dev.slipway.nn.Projection;
import dev.slipway.nn.ProjectionSlot;
import dev.slipway.nn.Weights;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Small networks after the parts of each block, before what they gave is added to the stream:
 * {@code y = h + U f(D h + d) + u} of the part's output h. Houlsby et al. 2019, §2.1, after
 * attention and after the feed-forward part; Pfeiffer et al. 2021, §2.2, after the latter alone.
 */
final class BottleneckAdapter implements Adapter {
  private static final String MODULE = ".adapter.";
  private static final double DEVIATION = 0.02;

  private final TuningMethod.Bottleneck method;
  private final ParameterSet parameters;
  private final Wrapping wrapping;

  /**
   * @param parameters hold {@link #specs}, beside others
   * @param weights of these in the type of the network's products
   */
  BottleneckAdapter(
      TuningMethod.Bottleneck method,
      Collection<ProjectionSlot> slots,
      ParameterSet parameters,
      Weights weights,
      Wrapping wrapping) {
    this.method = method;
    this.parameters = parameters;
    this.wrapping = wrapping;
    for (ProjectionSlot slot : Slots.meant(slots, method::isTarget)) {
      String name = slot.name() + MODULE;
      Tensor down = weights.operand(name + "down.weight");
      Tensor downBias = weights.operand(name + "down.bias");
      Tensor up = weights.operand(name + "up.weight");
      Tensor upBias = weights.operand(name + "up.bias");
      wrapping.wrap(
          slot, base -> new Followed(base, down, downBias, up, upBias, method.activation()));
    }
  }

  @Override
  public TuningMethod.Bottleneck method() {
    return method;
  }

  /** U begins as zeros, with which the network answers as before. */
  static List<ParameterSpec> specs(
      Collection<ProjectionSlot> slots, TuningMethod.Bottleneck method) {
    List<ParameterSpec> specs = new ArrayList<>();
    for (ProjectionSlot slot : Slots.meant(slots, method::isTarget)) {
      String name = slot.name() + MODULE;
      specs.add(ParameterSpec.matrix(name + "down.weight", method.size(), slot.out(), DEVIATION));
      specs.add(ParameterSpec.vector(name + "down.bias", method.size(), 0));
      specs.add(
          new ParameterSpec(
              name + "up.weight",
              List.of(slot.out(), (long) method.size()),
              ParameterSpec.Role.MATRIX,
              new ParameterSpec.Init.Constant(0)));
      specs.add(ParameterSpec.vector(name + "up.bias", slot.out(), 0));
    }
    return specs;
  }

  /**
   * @param down (m, out)
   * @param up (out, m)
   */
  private record Followed(
      Projection base,
      Tensor down,
      Tensor downBias,
      Tensor up,
      Tensor upBias,
      TuningMethod.Activation activation)
      implements Projection {
    @Override
    public Tensor apply(Tensor x) {
      Tensor h = base.apply(x); // (…, out)
      Tensor inner = activation.apply(Functional.linear(h, down, downBias)); // (…, m)
      return h.add(Functional.linear(inner, up, upBias)); // (…, out)
    }
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
  public boolean mergeable() {
    return false;
  }

  @Override
  public void close() {
    wrapping.close();
  }
}
