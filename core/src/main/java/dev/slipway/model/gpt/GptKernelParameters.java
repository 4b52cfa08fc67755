package dev.slipway.model.gpt;

import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Flat;
import dev.slipway.tensor.kernel.train.Projection;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The flat parameters as kernels take them: buffers by name, and the copy in bfloat16. */
final class GptKernelParameters implements AutoCloseable {
  private final ParameterSet parameters;
  private final Buffer values;
  private final Buffer gradients;
  private final Buffer products;
  private final Buffer room;
  private final List<Projection> projections = new ArrayList<>();

  /**
   * @param room values of the largest projection
   */
  GptKernelParameters(Arena arena, ParameterSet parameters, DType dtype, long room) {
    this.parameters = parameters;
    values = Buffer.of(parameters.flat());
    gradients = Buffer.of(parameters.flatGradients());
    boolean half = dtype == DType.BFLOAT16;
    products = half ? Buffer.allocate(arena, dtype, parameters.numel()) : values;
    this.room = half ? Buffer.allocate(arena, dtype, room) : values;
    changed();
  }

  /** Makes the copy in bfloat16 anew. */
  void changed() {
    if (products != values) {
      Flat.toBfloat16(values, products, parameters.numel());
    }
  }

  /** {@code count} values from the first of a parameter on: it and its neighbours. */
  Buffer values(String name, long count) {
    return values.slice(parameters.offset(name), count);
  }

  Buffer gradients(String name, long count) {
    return gradients.slice(parameters.offset(name), count);
  }

  /** The parameter, or null where the layout has none of this name. */
  @Nullable Buffer valuesIfAny(String name, long count) {
    return parameters.has(name) ? values(name, count) : null;
  }

  @Nullable Buffer gradientsIfAny(String name, long count) {
    return parameters.has(name) ? gradients(name, count) : null;
  }

  /** A linear map by the matrix (out, in) that begins at a parameter. */
  Projection projection(String name, int out, int in) {
    long count = (long) out * in;
    Projection projection =
        new Projection(
            products.slice(parameters.offset(name), count), gradients(name, count), room, out, in);
    projections.add(projection);
    return projection;
  }

  @Override
  public void close() {
    projections.forEach(Projection::close);
  }
}
