package dev.slipway.tensor.kernel.train;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.Team;
import org.jspecify.annotations.Nullable;

/** Rows of a table by token, with learned positions added where there are any. */
public final class Embedding {
  /** Columns that one slice of the backward adds up: tokens repeat, columns don't. */
  private static final int COLUMNS = 64;

  private final int width;
  private final Buffer tokens;
  private final Buffer dTokens;
  private final @Nullable Buffer positions;
  private final @Nullable Buffer dPositions;
  private final Team team = Team.common();

  /**
   * @param tokens (vocabulary, width) float32
   * @param dTokens its gradient, added to
   * @param positions (context, width) float32, or null
   * @param dPositions its gradient, added to
   */
  public Embedding(
      int width,
      Buffer tokens,
      Buffer dTokens,
      @Nullable Buffer positions,
      @Nullable Buffer dPositions) {
    this.width = width;
    this.tokens = tokens;
    this.dTokens = dTokens;
    this.positions = positions;
    this.dPositions = dPositions;
  }

  /** {@code x[i] = tokens[ids[i]] + positions[places[i]]}: x (N, width) float32. */
  public void forward(int[] ids, int[] places, Buffer x) {
    long out = x.floats((long) ids.length * width);
    long table = tokens.floats(tokens.size());
    long places0 = positions == null ? 0 : positions.floats(positions.size());
    check(ids, tokens);
    if (positions != null) {
      check(places, positions);
    }
    team.run(
        Team.SLICES,
        (slice, worker) -> {
          int to = Team.from(slice + 1, Team.SLICES, ids.length);
          for (int i = Team.from(slice, Team.SLICES, ids.length); i < to; i++) {
            long row = out + 4L * i * width;
            Row.copyExact(table + 4L * ids[i] * width, row, width);
            if (places0 != 0) {
              Row.accumulateExact(places0 + 4L * places[i] * width, row, width);
            }
          }
        });
  }

  /** Adds dx (N, width) float32 to the gradients of the rows that were taken. */
  public void backward(int[] ids, int[] places, Buffer dx) {
    long in = dx.floats((long) ids.length * width);
    long table = dTokens.floats(dTokens.size());
    long places0 = dPositions == null ? 0 : dPositions.floats(dPositions.size());
    team.run(
        (width + COLUMNS - 1) / COLUMNS,
        (slice, worker) -> {
          int column = slice * COLUMNS;
          int count = Math.min(COLUMNS, width - column);
          for (int i = 0; i < ids.length; i++) {
            long row = in + 4L * (i * (long) width + column);
            Row.accumulateExact(row, table + 4L * (ids[i] * (long) width + column), count);
            if (places0 != 0) {
              Row.accumulateExact(row, places0 + 4L * (places[i] * (long) width + column), count);
            }
          }
        });
  }

  private void check(int[] indices, Buffer table) {
    long rows = table.size() / width;
    for (int index : indices) {
      if (index < 0 || index >= rows) {
        throw new IllegalArgumentException(
            "index " + index + " of a table that has " + rows + " rows");
      }
    }
  }
}
