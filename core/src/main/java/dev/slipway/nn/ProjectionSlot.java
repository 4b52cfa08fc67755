package dev.slipway.nn;

import dev.slipway.tensor.Tensor;
import java.util.function.UnaryOperator;

/**
 * A place in a network where a projection stands, under the name that its module has in the
 * checkpoint, such as {@code model.layers.0.self_attn.q_proj}. What tunes, quantizes or shards a
 * model replaces the projection in the slot; the layer around it calls the slot and knows nothing.
 */
public final class ProjectionSlot implements Projection {
  private final String name;
  private final long in;
  private final long out;
  private Projection projection;

  /**
   * @param name the module's name in the checkpoint, without {@code .weight}
   * @param in width of its input
   * @param out width of its output
   * @param projection what stands there at first
   */
  public ProjectionSlot(String name, long in, long out, Projection projection) {
    this.name = name;
    this.in = in;
    this.out = out;
    this.projection = projection;
  }

  public String name() {
    return name;
  }

  /** Width of the input. */
  public long in() {
    return in;
  }

  /** Width of the output. */
  public long out() {
    return out;
  }

  /** What stands there now. */
  public Projection projection() {
    return projection;
  }

  /** Puts another projection, usually one around it, in the place of what stands there. */
  public void replace(UnaryOperator<Projection> change) {
    projection = change.apply(projection);
  }

  @Override
  public Tensor apply(Tensor x) {
    return projection.apply(x);
  }
}
