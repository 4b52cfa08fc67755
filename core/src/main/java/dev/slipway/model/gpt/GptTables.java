package dev.slipway.model.gpt;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.tokenizer.TokenBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rotary angles, position indices and causal masks, made once per length and reused by every pass.
 */
public final class GptTables implements AutoCloseable {
  private static final double HIDDEN = Double.NEGATIVE_INFINITY;

  private final GptConfig config;
  private final DType computeType;
  private final List<Tensor> kept = new ArrayList<>();
  private final TreeMap<Integer, GptPass> causal = new TreeMap<>();
  private final TreeMap<Integer, Tensor> triangles = new TreeMap<>();
  private final Tensor indices;
  private final @Nullable Tensor cos;
  private final @Nullable Tensor sin;

  public GptTables(GptConfig config, DType computeType) {
    this.config = config;
    this.computeType = computeType;
    try (Scope _ = Scope.open()) {
      indices = keep(Tensor.arange(config.context(), DType.INT64));
      if (config.rotary()) {
        float[] cosines = new float[config.context() * config.headDim()];
        float[] sines = new float[cosines.length];
        fillAngles(cosines, sines);
        cos = keep(Tensor.of(cosines, config.context(), 1, config.headDim()).to(computeType));
        sin = keep(Tensor.of(sines, config.context(), 1, config.headDim()).to(computeType));
      } else {
        cos = null;
        sin = null;
      }
    }
  }

  /** Angle of position t and pair i: {@code t θ^(-2i/D)}, rounded to float32 as PyTorch does. */
  private void fillAngles(float[] cosines, float[] sines) {
    int width = config.headDim();
    int half = width / 2;
    for (int i = 0; i < half; i++) {
      float frequency = (float) (1.0 / Math.pow(config.ropeTheta(), 2.0 * i / width));
      for (int t = 0; t < config.context(); t++) {
        float angle = t * frequency;
        int at = t * width + i;
        cosines[at] = cosines[at + half] = (float) Math.cos(angle);
        sines[at + half] = (float) Math.sin(angle);
        sines[at] = -sines[at + half];
      }
    }
  }

  /** A pass over whole rows of {@code columns} positions, each one document. */
  public GptPass causal(int columns) {
    return causal.computeIfAbsent(columns, this::makeCausal);
  }

  private GptPass makeCausal(int columns) {
    try (Scope _ = Scope.open()) {
      Tensor mask =
          computeType == DType.FLOAT32
              ? null
              : keep(
                  Tensor.zeros(computeType, columns, columns)
                      .maskedFill(triangle(columns).logicalNot(), HIDDEN));
      return new GptPass(
          config.rotary() ? null : first(indices, columns),
          cos == null ? null : first(cos, columns),
          sin == null ? null : first(sin, columns),
          mask,
          mask == null);
    }
  }

  private Tensor first(Tensor table, int columns) {
    return keep(table.narrow(0, 0, columns));
  }

  /** A pass over a batch whose rows may hold several documents. The caller's scope owns it. */
  public GptPass of(TokenBatch batch) {
    boolean whole = true;
    for (int start : batch.starts()) {
      whole &= start == 0;
    }
    GptPass plain = causal(batch.columns());
    if (whole) {
      return plain;
    }
    int rows = batch.rows();
    int columns = batch.columns();
    Tensor starts = Tensor.of(batch.starts(), rows, columns).to(DType.INT64); // (B, T)
    Tensor column = indices.narrow(0, 0, columns); // (T)
    Tensor seen = starts.view(rows, 1, columns, 1).le(column); // (B, 1, T, S)
    Tensor mask =
        Tensor.zeros(computeType, 1)
            .expand(rows, 1, columns, columns)
            .maskedFill(seen.logicalAnd(triangle(columns)).logicalNot(), HIDDEN); // (B, 1, T, S)
    return new GptPass(
        config.rotary() ? null : column.sub(starts), plain.cos(), plain.sin(), mask, false);
  }

  /** Where the column is at most the row, (T, T). */
  private Tensor triangle(int columns) {
    return triangles.computeIfAbsent(
        columns,
        _ -> {
          Tensor column = indices.narrow(0, 0, columns);
          return keep(column.le(column.view(columns, 1)));
        });
  }

  private Tensor keep(Tensor tensor) {
    tensor.retain();
    kept.add(tensor);
    return tensor;
  }

  @Override
  public void close() {
    kept.forEach(Tensor::close);
    kept.clear();
  }
}
