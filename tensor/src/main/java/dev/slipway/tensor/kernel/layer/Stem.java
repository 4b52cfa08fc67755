package dev.slipway.tensor.kernel.layer;

import dev.slipway.tensor.kernel.Buffer;
import dev.slipway.tensor.kernel.Lanes;
import dev.slipway.tensor.kernel.Partials;
import dev.slipway.tensor.kernel.Row;
import dev.slipway.tensor.kernel.Team;
import java.lang.foreign.Arena;

/**
 * How a network begins on pictures: a convolution of stride 1, ReLU and max-pooling by two, in one
 * pass. What the convolution gives never exists: four places are computed, and the best one stays.
 *
 * @param rows pictures
 * @param channels of them
 * @param height of them
 * @param width of them
 * @param filters of the convolution, whole vectors
 * @param size of its square window
 * @param padding zeros around a picture
 */
public record Stem(
    int rows, int channels, int height, int width, int filters, int size, int padding) {
  public Stem {
    if (!covers(filters)) {
      throw new IllegalArgumentException(
          filters + " filters, expected a multiple of " + Lanes.WIDTH);
    }
    if (height + 2 * padding <= size || width + 2 * padding <= size) {
      throw new IllegalArgumentException(
          "pictures of " + height + "x" + width + " are too small for windows of " + size);
    }
  }

  /** Whether filters come in whole vectors of this processor. */
  public static boolean covers(int filters) {
    return filters % Lanes.WIDTH == 0;
  }

  /** Lines of the output. */
  public int lines() {
    return (height + 2 * padding - size + 1) / 2;
  }

  /** Columns of the output. */
  public int columns() {
    return (width + 2 * padding - size + 1) / 2;
  }

  /** Values of the output, (B, lines, columns, filters). */
  public long outputs() {
    return (long) rows * lines() * columns() * filters;
  }

  private int taps() {
    return channels * size * size;
  }

  private interface Line {
    void run(long x, long plane, long line, long offset);
  }

  /** Calls {@code work} for each line of a slice's outputs; offset is that of the line's first. */
  private void lines(int slice, Team.Worker worker, long x, Line work) {
    int tall = height + 2 * padding;
    int wide = width + 2 * padding;
    long plane = 4L * tall * wide;
    long room = padding == 0 ? 0 : worker.scratch((long) channels * tall * wide);
    if (padding > 0) {
      Row.zero(room, channels * plane);
    }
    int to = Team.from(slice + 1, Team.SLICES, rows);
    for (int row = Team.from(slice, Team.SLICES, rows); row < to; row++) {
      long picture = x + 4L * row * channels * height * width;
      if (padding > 0) {
        for (int channel = 0; channel < channels; channel++) {
          for (int line = 0; line < height; line++) {
            Row.copyExact(
                picture + 4L * width * (channel * height + line),
                room + channel * plane + 4L * (wide * (line + padding) + padding),
                width);
          }
        }
        picture = room;
      }
      for (int line = 0; line < lines(); line++) {
        long offset = 4L * filters * columns() * ((long) row * lines() + line);
        work.run(picture + 8L * wide * line, plane, 4L * wide, offset);
      }
    }
  }

  /**
   * @param x (B, channels, height, width)
   * @param weights (channels, size, size, filters)
   * @param bias (filters)
   * @param y out, (B, lines, columns, filters)
   * @param choice out, as y, for the backward
   */
  public void forward(Buffer x, Buffer weights, Buffer bias, Buffer y, Buffer choice) {
    long in = x.floats((long) rows * channels * height * width);
    long w = weights.floats((long) taps() * filters);
    long b = bias.floats(filters);
    long out = y.floats(outputs());
    long chosen = choice.floats(outputs());
    Team.common()
        .run(
            Team.SLICES,
            (slice, worker) ->
                lines(
                    slice,
                    worker,
                    in,
                    (from, plane, line, offset) -> {
                      for (int filter = 0; filter < filters; filter += Lanes.WIDTH) {
                        long place = 4L * filter;
                        RowStem.forward(
                            from,
                            plane,
                            line,
                            channels,
                            size,
                            w + place,
                            b + place,
                            out + offset + place,
                            chosen + offset + place,
                            filters,
                            columns());
                      }
                    }));
  }

  /**
   * @param dy gradient of y
   * @param dWeights (channels, size, size, filters), added to
   * @param dBias (filters), added to
   */
  public void backward(Buffer x, Buffer choice, Buffer dy, Buffer dWeights, Buffer dBias) {
    long in = x.floats((long) rows * channels * height * width);
    long chosen = choice.floats(outputs());
    long gradient = dy.floats(outputs());
    int count = taps() * filters;
    try (Arena arena = Arena.ofShared()) {
      Partials sums = new Partials(arena, count + filters);
      Team.common()
          .run(
              Team.SLICES,
              (slice, worker) -> {
                long room = sums.begin(slice);
                lines(
                    slice,
                    worker,
                    in,
                    (from, plane, line, offset) -> {
                      for (int filter = 0; filter < filters; filter += Lanes.WIDTH) {
                        long place = 4L * filter;
                        RowStem.backward(
                            from,
                            plane,
                            line,
                            channels,
                            size,
                            room + place,
                            room + 4L * count + place,
                            gradient + offset + place,
                            chosen + offset + place,
                            filters,
                            columns());
                      }
                    });
              });
      sums.addTo(dWeights, 0, count);
      sums.addTo(dBias, count, filters);
    }
  }
}
