package dev.slipway.model.sequential;

import dev.slipway.model.LayerTable;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.InputShape.Kind;
import dev.slipway.nn.ParameterSpec;
import java.util.ArrayList;
import java.util.List;

/** What layers ask of shapes, and how shapes are told. */
final class Shapes {
  private Shapes() {}

  static InputShape floats(List<Long> sizes) {
    return new InputShape("", Kind.FLOATS, sizes, List.of());
  }

  /** The same sizes but for the last. */
  static InputShape withLast(InputShape shape, long last) {
    List<Long> sizes = new ArrayList<>(shape.sizes());
    sizes.set(sizes.size() - 1, last);
    return floats(sizes);
  }

  static long last(InputShape shape) {
    return shape.sizes().getLast();
  }

  /** Values of an example; a length that differs counts as one. */
  static long values(InputShape shape) {
    return shape.sizes().stream()
        .mapToLong(size -> Math.max(1, size))
        .reduce(1, Math::multiplyExact);
  }

  /** (B, T, C). */
  static InputShape sequence(InputShape shape) {
    return floats(shape, 2, "(B, time, features)", "put an embedding before it, or reshape");
  }

  /** (B, C, H, W). */
  static InputShape picture(InputShape shape) {
    return floats(shape, 3, "(B, channels, height, width)", "reshape before it");
  }

  /** (B, …, features), with a known number of features. */
  static InputShape features(InputShape shape) {
    if (shape.kind() != Kind.FLOATS || shape.sizes().isEmpty() || last(shape) < 1) {
      throw new Mismatch("(B, …, features)", "put an embedding before it");
    }
    return shape;
  }

  private static InputShape floats(
      InputShape shape, int dimensions, String expected, String remedy) {
    if (shape.kind() != Kind.FLOATS || shape.sizes().size() != dimensions) {
      throw new Mismatch(expected, remedy);
    }
    return shape;
  }

  /**
   * Length of a window's output: {@code ⌊(n + 2 p - d (k - 1) - 1) / s⌋ + 1}.
   *
   * @throws Mismatch if the window is larger than the padded input
   */
  static long window(long size, long kernel, long stride, long padding, long dilation) {
    if (size == InputShape.VARIABLE) {
      return size;
    }
    long covered = dilation * (kernel - 1) + 1;
    if (size + 2 * padding < covered) {
      throw new Mismatch(
          "at least " + (covered - 2 * padding) + " in each direction of the window",
          "use a smaller window, less pooling before it, or larger inputs");
    }
    return (size + 2 * padding - covered) / stride + 1;
  }

  /** {@code (B, 32, 13, 13)}, ids as {@code ids (B, T)}. */
  static String text(InputShape shape) {
    return (shape.kind() == Kind.IDS ? "ids " : "") + LayerTable.text(shape.sizes());
  }

  /** The row of a layer that keeps nothing but what it gives. */
  static LayerTable.Row row(
      String path, String kind, InputShape output, List<ParameterSpec> parameters, double flops) {
    return LayerTable.row(path, kind, text(output), parameters, values(output), flops);
  }
}
