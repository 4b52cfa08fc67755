package dev.slipway.tensor.kernel.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Generator;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Lanes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Beside the same formulas in autograd's operations, step by step. */
class LstmTest {
  private static final int INPUTS = 7;

  static Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (boolean sequence : new boolean[] {false, true}) {
      for (boolean reverse : new boolean[] {false, true}) {
        for (int[] lengths : new int[][] {null, {9, 1, 4, 9, 2, 7}}) {
          cases.add(Arguments.of(6, 2 * Lanes.WIDTH, sequence, reverse, lengths));
          cases.add(Arguments.of(6, 3 * Lanes.WIDTH, sequence, reverse, lengths));
        }
      }
    }
    cases.add(Arguments.of(1, Lanes.WIDTH, true, false, null));
    cases.add(Arguments.of(75, Lanes.WIDTH, false, false, null));
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isAutograds(
      int rows, int hidden, boolean sequence, boolean reverse, int @Nullable [] lengths) {
    int steps = 9;
    try (Scope _ = Scope.open()) {
      Tensor data = random(1, 1, rows, steps, INPUTS);
      Tensor weigh =
          random(2, 1, sequence ? new long[] {rows, steps, hidden} : new long[] {rows, hidden});
      List<Tensor> kernel = weights(hidden);
      List<Tensor> autograd = weights(hidden);
      Tensor x = data.copy().setRequiresGrad(true);
      Tensor y = data.copy().setRequiresGrad(true);
      Tensor fast =
          new LstmLayer(kernel.get(0), kernel.get(1), kernel.get(2), kernel.get(3))
              .forward(x.mul(1), lengths, reverse, sequence);
      Tensor slow = byAutograd(autograd, y, lengths, reverse, sequence);
      assertClose(fast, slow);
      fast.mul(weigh).sum().backward();
      slow.mul(weigh).sum().backward();
      assertClose(Objects.requireNonNull(x.grad()), Objects.requireNonNull(y.grad()));
      for (int i = 0; i < kernel.size(); i++) {
        assertClose(
            Objects.requireNonNull(kernel.get(i).grad()),
            Objects.requireNonNull(autograd.get(i).grad()));
      }
    }
  }

  @Test
  void answersWithoutAGraph() {
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      List<Tensor> weights = weights(Lanes.WIDTH);
      Tensor x = random(1, 1, 3, 4, INPUTS);
      Tensor fast =
          new LstmLayer(weights.get(0), weights.get(1), weights.get(2), null)
              .forward(x, null, false, true);
      assertThat(fast.requiresGrad()).isFalse();
      weights.get(3).zeroInPlace();
      assertClose(fast, byAutograd(weights, x, null, false, true));
    }
  }

  private static List<Tensor> weights(int hidden) {
    return List.of(
        random(3, 0.3, 4L * hidden, INPUTS).setRequiresGrad(true),
        random(4, 0.3, 4L * hidden, hidden).setRequiresGrad(true),
        random(5, 0.3, 4L * hidden).setRequiresGrad(true),
        random(6, 0.3, 4L * hidden).setRequiresGrad(true));
  }

  private static Tensor random(long seed, double deviation, long... shape) {
    return Tensor.empty(DType.FLOAT32, shape).normalInPlace(0, deviation, Generator.seeded(seed));
  }

  private static Tensor byAutograd(
      List<Tensor> weights, Tensor x, int @Nullable [] lengths, boolean reverse, boolean sequence) {
    int steps = (int) x.size(1);
    long hidden = weights.get(1).size(1);
    Tensor h = Tensor.zeros(DType.FLOAT32, x.size(0), hidden);
    Tensor c = Tensor.zeros(DType.FLOAT32, x.size(0), hidden);
    Tensor[] outputs = new Tensor[steps];
    for (int step = 0; step < steps; step++) {
      int time = reverse ? steps - 1 - step : step;
      float[] alive = new float[(int) x.size(0)];
      for (int row = 0; row < alive.length; row++) {
        alive[row] = lengths == null || time < lengths[row] ? 1 : 0;
      }
      Tensor live = Tensor.of(alive, alive.length, 1);
      Tensor dead = live.neg().add(1);
      Tensor gates =
          Functional.linear(x.narrow(1, time, 1).squeeze(1), weights.get(0), weights.get(2))
              .add(Functional.linear(h, weights.get(1), weights.get(3)));
      Tensor in = gates.narrow(1, 0, hidden).sigmoid();
      Tensor forget = gates.narrow(1, hidden, hidden).sigmoid();
      Tensor cell = gates.narrow(1, 2 * hidden, hidden).tanh();
      Tensor out = gates.narrow(1, 3 * hidden, hidden).sigmoid();
      Tensor next = forget.mul(c).add(in.mul(cell));
      Tensor state = out.mul(next.tanh());
      c = next.mul(live).add(c.mul(dead));
      h = state.mul(live).add(h.mul(dead));
      outputs[time] = state.mul(live);
    }
    return sequence ? Tensor.stack(List.of(outputs), 1) : h;
  }

  private static void assertClose(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    float[] a = actual.toFloats();
    float[] b = expected.toFloats();
    for (int i = 0; i < a.length; i++) {
      assertThat(a[i])
          .as("value %d", i)
          .isCloseTo(b[i], within(2e-5f * Math.max(1, Math.abs(b[i]))));
    }
  }
}
