package dev.slipway.tensor.kernel;

/** Work on rows, each by itself. */
public final class Rows {
  /** Rows that one thread does faster than two share. */
  private static final int FEW = 2;

  private static final int MOST_SLICES = 128;

  private Rows() {}

  /** Work on one row, or on one piece. */
  @FunctionalInterface
  public interface Work {
    void run(int row, Team.Worker worker);
  }

  /** Hands rows out in runs of neighbours. */
  public static void run(int rows, Work work) {
    int slices = rows <= FEW ? 1 : Math.min(rows, MOST_SLICES);
    Team.common()
        .run(
            slices,
            (slice, worker) -> {
              int last = Team.from(slice + 1, slices, rows);
              for (int row = Team.from(slice, slices, rows); row < last; row++) {
                work.run(row, worker);
              }
            });
  }

  /** Hands out as many pieces as there are, in runs of neighbours. */
  public static void pieces(int pieces, Work work) {
    int slices = Math.min(pieces, MOST_SLICES);
    Team.common()
        .run(
            slices,
            (slice, worker) -> {
              int last = Team.from(slice + 1, slices, pieces);
              for (int piece = Team.from(slice, slices, pieces); piece < last; piece++) {
                work.run(piece, worker);
              }
            });
  }

  /** Hands out pieces one by one: a worker's next one is likely as many further as there are. */
  public static void each(int pieces, Work work) {
    Team.common().run(pieces, work::run);
  }
}
