package dev.slipway.bench;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Engine;
import dev.slipway.tensor.Generator;
import dev.slipway.tensor.Matmul;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.infer.Operand;
import dev.slipway.tensor.kernel.infer.PackedLinear;
import dev.slipway.tensor.kernel.infer.WeightFormat;
import dev.slipway.tensor.kernel.infer.WeightMemory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What it costs that a row's bytes do not depend on the rows beside it: the products of a step of
 * the 110 M shape, in bfloat16, by the service's kernels, whose sums have one order, and by
 * libtorch, which lets oneDNN choose for each number of rows what is fastest. In turn in one
 * process.
 */
final class DeterminismMeasure {
  private static final int LAYERS = 12;
  private static final int WIDTH = 768;
  private static final int INNER = 2048;
  private static final int ROUNDS = 15;
  private static final int[] ROWS = {1, 4, 16, 64, 256};

  /** In a step of more rows most are of prompts, whose logits nobody wants. */
  private static final int HEAD_ROWS = 16;

  /**
   * One product both ways.
   *
   * @param weight (out, in)
   */
  private record Product(
      PackedLinear fixed, Operand x, Buffer y, Tensor weight, Tensor free, Tensor out, int most) {}

  private final Arena arena = Arena.ofShared();
  private final WeightMemory memory = new WeightMemory(arena);
  private final Generator generator = Generator.seeded(11);
  private final List<Product> products = new ArrayList<>();

  private DeterminismMeasure() {}

  static void print() {
    Engine.load();
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      DeterminismMeasure measure = new DeterminismMeasure();
      try {
        measure.measure();
      } finally {
        measure.arena.close();
      }
    }
  }

  private void measure() {
    for (int layer = 0; layer < LAYERS; layer++) {
      add(3 * WIDTH, WIDTH, Integer.MAX_VALUE);
      add(WIDTH, WIDTH, Integer.MAX_VALUE);
      add(2 * INNER, WIDTH, Integer.MAX_VALUE);
      add(WIDTH, INNER, Integer.MAX_VALUE);
    }
    add(ServeModel.VOCABULARY, WIDTH, HEAD_ROWS);
    double alone = 0;
    for (int rows : ROWS) {
      List<Double> fixed = new ArrayList<>();
      List<Double> free = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        fixed.add(seconds(() -> fixed(rows)));
        free.add(seconds(() -> free(rows)));
      }
      double ours = ServeBench.median(fixed);
      double theirs = ServeBench.median(free);
      alone = rows == 1 ? theirs : alone;
      System.out.printf(
          Locale.ROOT,
          "determinism  products of a step of %d rows: one order of sums %.2f ms, any order (oneDNN) %.2f ms: costs"
              + " %+.0f %%; any order, but each row by itself %.1f ms%n",
          rows,
          ours * 1e3,
          theirs * 1e3,
          (ours / theirs - 1) * 100,
          rows * alone * 1e3);
    }
  }

  /**
   * @param most rows whose outputs are wanted
   */
  private void add(int out, int in, int most) {
    int rows = Math.min(most, ROWS[ROWS.length - 1]);
    Tensor weight = normal(0.02, out, in).to(DType.BFLOAT16);
    Tensor x = normal(1, rows, in);
    Operand operand = new Operand(arena, WeightFormat.BFLOAT16, rows, in);
    operand.put(Buffer.of(x), in, rows);
    PackedLinear packed =
        new PackedLinear(memory, WeightFormat.BFLOAT16, List.of(weight), List.of());
    products.add(
        new Product(
            packed,
            operand,
            Buffer.allocate(arena, DType.FLOAT32, (long) rows * packed.stride()),
            weight,
            x.to(DType.BFLOAT16),
            Tensor.empty(DType.BFLOAT16, rows, out),
            rows));
  }

  private Tensor normal(double deviation, long... shape) {
    Tensor values = Tensor.empty(DType.FLOAT32, shape);
    values.normalInPlace(0, deviation, generator);
    return values;
  }

  private void fixed(int rows) {
    for (Product product : products) {
      product.fixed.apply(product.x, Math.min(rows, product.most), product.y);
    }
  }

  private void free(int rows) {
    try (Scope _ = Scope.open()) {
      for (Product product : products) {
        int count = Math.min(rows, product.most);
        Matmul.mm(
            product.out.narrow(0, 0, count),
            product.free.narrow(0, 0, count),
            product.weight.transpose(0, 1));
      }
    }
  }

  private static double seconds(Runnable work) {
    long begin = System.nanoTime();
    work.run();
    return (System.nanoTime() - begin) * 1e-9;
  }
}
