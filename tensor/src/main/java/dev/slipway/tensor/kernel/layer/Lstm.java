package dev.slipway.tensor.kernel.layer;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Partials;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * The recurrent part of a long short-term memory, forward and backward by hand, over all time steps
 * of some rows at once: rows know nothing of each other, so that no thread waits for another
 * between two steps. The products with the inputs, which no step waits for, are done outside.
 * Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000; gates in PyTorch's
 * order.
 *
 * <pre>
 * i, f, o = σ(x Wx + h Wh + b)      g = tanh(…)      c ← f c + i g      h ← o tanh(c)
 * </pre>
 *
 * <p>Beyond a row's length nothing changes, and gradients are 0. In reverse, a row begins at its
 * true end.
 */
public final class Lstm {
  private final int rows;
  private final int steps;
  private final int hidden;
  private final boolean reverse;
  private final int @Nullable [] lengths;

  /**
   * @param lengths of the rows, or null where all have {@code steps}
   * @param reverse whether time runs backwards
   */
  public Lstm(int rows, int steps, int hidden, int @Nullable [] lengths, boolean reverse) {
    if (!covers(hidden)) {
      throw new IllegalArgumentException(hidden + " units, expected a multiple of " + Lanes.WIDTH);
    }
    this.rows = rows;
    this.steps = steps;
    this.hidden = hidden;
    this.lengths = lengths;
    this.reverse = reverse;
  }

  /** Whether units come in whole vectors of this processor. */
  public static boolean covers(int hidden) {
    return hidden % Lanes.WIDTH == 0;
  }

  /** Slices of rows, four at a time; the same on every machine, so that sums are too. */
  private int slices() {
    return Math.min(Team.SLICES, (rows + 3) / 4);
  }

  private int from(int slice) {
    return Math.min(rows, 4 * Team.from(slice, slices(), (rows + 3) / 4));
  }

  /** The place in time of a step of the computation. */
  private int time(int step) {
    return reverse ? steps - 1 - step : step;
  }

  private boolean live(int row, int time) {
    return lengths == null || time < lengths[row];
  }

  /**
   * @param gates (B T, 4H): in, the inputs' products; out, the gates, for the backward
   * @param weight (H, 4H), transposed
   * @param bias (4H)
   * @param states (B T, H): out, the state before each step, for the backward
   * @param cells (B T, H): out, the cell after each step, for the backward
   * @param sequence (B T, H): out, the state after each step, 0 beyond a row's length; or null
   * @param last (B, H): out, the state after the last step
   */
  public void forward(
      Buffer gates,
      Buffer weight,
      Buffer bias,
      Buffer states,
      Buffer cells,
      @Nullable Buffer sequence,
      Buffer last) {
    long g = gates.floats(4L * rows * steps * hidden);
    long w = weight.floats(4L * hidden * hidden);
    long b = bias.floats(4L * hidden);
    long s = states.floats((long) rows * steps * hidden);
    long c = cells.floats((long) rows * steps * hidden);
    long out = sequence == null ? 0 : sequence.floats((long) rows * steps * hidden);
    long end = last.floats((long) rows * hidden);
    Team.common()
        .run(
            slices(),
            (slice, worker) -> {
              long zeros = worker.scratch(hidden);
              Row.zero(zeros, 4L * hidden);
              for (int row = from(slice); row < from(slice + 1); row += 4) {
                forward(row, Math.min(4, rows - row), g, w, b, s, c, out, end, zeros);
              }
            });
  }

  private void forward(
      int row, int count, long g, long w, long b, long s, long c, long out, long end, long zeros) {
    long bytes = 4L * hidden;
    for (int r = 0; r < count; r++) {
      Row.zero(s + bytes * ((long) (row + r) * steps + time(0)), bytes);
    }
    for (int step = 0; step < steps; step++) {
      int time = time(step);
      long at = (long) row * steps + time;
      if (step > 0) { // before it, the state is 0
        if (count == 4) {
          long h0 = s + bytes * at;
          long g0 = g + 4 * bytes * at;
          long next = bytes * steps;
          for (int pair = 0; pair < 2 * hidden; pair += Lanes.WIDTH) {
            int unit = pair % hidden; // input and forget gate, then cell and output gate
            long place = 4L * unit + (pair < hidden ? 0 : 2 * bytes);
            RowLstm.products(
                w + place,
                hidden,
                h0,
                h0 + next,
                h0 + 2 * next,
                h0 + 3 * next,
                g0 + place,
                g0 + place + 4 * next,
                g0 + place + 8 * next,
                g0 + place + 12 * next);
          }
        } else {
          for (int r = 0; r < count; r++) {
            long place = at + (long) r * steps;
            RowLstm.product(w, hidden, s + bytes * place, g + 4 * bytes * place);
          }
        }
      }
      for (int r = 0; r < count; r++) {
        long place = at + (long) r * steps;
        long before = step == 0 ? zeros : c + bytes * (place + (reverse ? 1 : -1));
        long cell = c + bytes * place;
        boolean ends = step == steps - 1;
        long after = ends ? end + bytes * (row + r) : s + bytes * (place + (reverse ? -1 : 1));
        if (live(row + r, time)) {
          long gates = g + 4 * bytes * place;
          RowLstm.activate(gates, b, hidden);
          RowLstm.advance(gates, before, cell, hidden);
          RowLstm.emit(gates + 3 * bytes, cell, after, hidden);
          if (out != 0) {
            Row.copyExact(after, out + bytes * place, hidden);
          }
        } else {
          Row.copyExact(before, cell, hidden);
          Row.copyExact(s + bytes * place, after, hidden);
          if (out != 0) {
            Row.zero(out + bytes * place, bytes);
          }
        }
      }
    }
  }

  /**
   * @param gates (B T, 4H): in, as the forward left them; out, the gradients of their sums, 0
   *     beyond a row's length
   * @param weight (4H, H), as PyTorch has it
   * @param dBias (4H), added to
   * @param cells as the forward left them
   * @param dSequence (B T, H), or null
   * @param dLast (B, H), or null
   */
  public void backward(
      Buffer gates,
      Buffer weight,
      Buffer dBias,
      Buffer cells,
      @Nullable Buffer dSequence,
      @Nullable Buffer dLast) {
    long g = gates.floats(4L * rows * steps * hidden);
    long w = weight.floats(4L * hidden * hidden);
    long c = cells.floats((long) rows * steps * hidden);
    long every = dSequence == null ? 0 : dSequence.floats((long) rows * steps * hidden);
    long end = dLast == null ? 0 : dLast.floats((long) rows * hidden);
    try (Arena arena = Arena.ofShared()) {
      Partials sums = new Partials(arena, 4 * hidden);
      for (int slice = slices(); slice < Team.SLICES; slice++) {
        sums.begin(slice);
      }
      Team.common()
          .run(
              slices(),
              (slice, worker) -> {
                long room = worker.scratch(10L * hidden);
                long total = sums.begin(slice);
                Row.zero(room, 4L * hidden);
                for (int row = from(slice); row < from(slice + 1); row += 4) {
                  backward(row, Math.min(4, rows - row), g, w, c, every, end, total, room);
                }
              });
      sums.addTo(dBias, 0, 4 * hidden);
    }
  }

  /**
   * @param room of a row of zeros, then four rows of state gradients, four of cell gradients and
   *     one of tanh values
   */
  private void backward(
      int row, int count, long g, long w, long c, long every, long end, long total, long room) {
    long bytes = 4L * hidden;
    long dh = room + bytes;
    long dc = room + 5 * bytes;
    long squashed = room + 9 * bytes;
    Row.zero(dh, 8 * bytes);
    if (end != 0) {
      Row.copyExact(end + bytes * row, dh, count * hidden);
    }
    for (int step = steps - 1; step >= 0; step--) {
      int time = time(step);
      long at = (long) row * steps + time;
      int alive = 0;
      for (int r = 0; r < count; r++) {
        long place = at + (long) r * steps;
        if (!live(row + r, time)) {
          Row.zero(g + 4 * bytes * place, 4 * bytes);
          continue;
        }
        alive++;
        if (every != 0) {
          Row.accumulate(every + bytes * place, dh + bytes * r, hidden);
        }
        long gates = g + 4 * bytes * place;
        long before = step == 0 ? room : c + bytes * (place + (reverse ? 1 : -1));
        RowLstm.squash(c + bytes * place, squashed, hidden);
        RowLstm.deriveState(gates, squashed, dh + bytes * r, dc + bytes * r, total, hidden);
        RowLstm.deriveFresh(gates, dc + bytes * r, total, hidden);
        RowLstm.deriveForget(gates, before, dc + bytes * r, total, hidden);
      }
      if (step > 0) {
        if (alive == 4) {
          long g0 = g + 4 * bytes * at;
          long next = 4 * bytes * steps;
          RowLstm.back(
              w,
              hidden,
              g0,
              g0 + next,
              g0 + 2 * next,
              g0 + 3 * next,
              dh,
              dh + bytes,
              dh + 2 * bytes,
              dh + 3 * bytes);
        } else {
          for (int r = 0; r < count; r++) {
            if (live(row + r, time)) { // elsewhere the gradient passes by
              for (int unit = 0; unit < hidden; unit += Lanes.WIDTH) {
                RowLstm.backOne(
                    w, hidden, unit, g + 4 * bytes * (at + (long) r * steps), dh + bytes * r);
              }
            }
          }
        }
      }
    }
  }
}
