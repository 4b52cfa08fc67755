package dev.slipway.tensor.kernel;

/**
 * A gated unit's first half, {@code silu(x G^T) (x U^T)} (Shazeer 2020), panel by panel, so that
 * what is gated never leaves the caches.
 */
public final class PackedGate {
  private final PackedLinear gate;
  private final PackedLinear up;

  public PackedGate(PackedLinear gate, PackedLinear up) {
    if (gate.stride() != up.stride() || gate.in() != up.in()) {
      throw new IllegalArgumentException("a gate and what it gates have other shapes");
    }
    this.gate = gate;
    this.up = up;
  }

  /** Memory that the weights take. */
  public long bytes() {
    return gate.bytes() + up.bytes();
  }

  /**
   * @param y takes the rows that {@code down} reads
   */
  public void apply(Operand x, int rows, Operand y) {
    gate.check(x);
    Rows.pieces(
        gate.panels(),
        (panel, worker) -> {
          long gates = worker.scratch(2L * rows * PackedLinear.PANEL);
          long ups = gates + 4L * rows * PackedLinear.PANEL;
          long stride = 4L * PackedLinear.PANEL;
          gate.panel(x, rows, panel, gates, stride);
          up.panel(x, rows, panel, ups, stride);
          for (int row = 0; row < rows; row++) {
            long at = gates + row * stride;
            RowActivation.swiGlu(at, ups + row * stride, at, PackedLinear.PANEL);
            y.put(row, panel, at);
          }
        });
  }
}
