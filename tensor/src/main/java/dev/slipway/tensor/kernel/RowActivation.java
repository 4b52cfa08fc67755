package dev.slipway.tensor.kernel;

import static dev.slipway.tensor.kernel.Lanes.WIDTH;
import static dev.slipway.tensor.kernel.Lanes.broadcast;
import static dev.slipway.tensor.kernel.Lanes.load;
import static dev.slipway.tensor.kernel.Lanes.sigmoid;
import static dev.slipway.tensor.kernel.Lanes.store;

import jdk.incubator.vector.FloatVector;

/** Loops of GELU and SwiGLU, in whole vectors. */
public final class RowActivation {
  /** 2 √(2/π): tanh(u) = 2 sigmoid(2u) - 1. */
  private static final float DOUBLED = 1.5957691216057308f;

  private static final float CUBIC = 0.044715f;

  private RowActivation() {}

  /** {@code out = gelu(u + bias)}. */
  public static void gelu(long u, long bias, long out, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      FloatVector x = load(u + 4L * i).add(load(bias + 4L * i));
      FloatVector inner = x.mul(x).fma(broadcast(CUBIC * DOUBLED), broadcast(DOUBLED)).mul(x);
      store(x.mul(sigmoid(inner)), out + 4L * i);
    }
  }

  /**
   * {@code out = sigmoid(2 √(2/π) (x + 0.044715 x³))} with {@code x = u + bias}. A loop of its own:
   * with the rest in it, the compiler's limit on nodes leaves loads uninlined, and vectors go
   * through the heap.
   */
  public static void geluGate(long u, long bias, long out, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      FloatVector x = load(u + 4L * i).add(load(bias + 4L * i));
      FloatVector inner = x.mul(x).fma(broadcast(CUBIC * DOUBLED), broadcast(DOUBLED)).mul(x);
      store(sigmoid(inner), out + 4L * i);
    }
  }

  /** {@code du = dy gelu'(u + bias)} by what {@link #geluGate} gave; adds du to {@code dbias}. */
  public static void geluBackward(
      long dy, long u, long bias, long gate, long du, long dbias, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      FloatVector x = load(u + 4L * i).add(load(bias + 4L * i));
      FloatVector s = load(gate + 4L * i);
      FloatVector slope = x.mul(x).fma(broadcast(3 * CUBIC * DOUBLED), broadcast(DOUBLED));
      FloatVector rest = s.mul(broadcast(1f).sub(s)).mul(x);
      FloatVector gradient = rest.fma(slope, s).mul(load(dy + 4L * i));
      store(gradient, du + 4L * i);
      store(load(dbias + 4L * i).add(gradient), dbias + 4L * i);
    }
  }

  /** {@code out = silu(gate) up}. */
  public static void swiGlu(long gate, long up, long out, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      FloatVector g = load(gate + 4L * i);
      store(g.mul(sigmoid(g)).mul(load(up + 4L * i)), out + 4L * i);
    }
  }

  /** Gradients in place of gate and up. */
  public static void swiGluBackward(long dy, long gate, long up, long dgate, long dup, int padded) {
    for (int i = 0; i < padded; i += WIDTH) {
      FloatVector g = load(gate + 4L * i);
      FloatVector s = sigmoid(g);
      FloatVector gradient = load(dy + 4L * i);
      FloatVector silu = g.mul(s);
      FloatVector slope = silu.mul(broadcast(1f).sub(s)).add(s);
      FloatVector dGate = gradient.mul(load(up + 4L * i)).mul(slope);
      store(gradient.mul(silu), dup + 4L * i);
      store(dGate, dgate + 4L * i);
    }
  }
}
