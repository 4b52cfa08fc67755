package dev.slipway.tensor.kernel.infer;

import dev.slipway.tensor.kernel.Rows;
import org.jspecify.annotations.Nullable;

/**
 * A gated unit's first half, {@code silu(x G^T) (x U^T)} (Shazeer 2020), panel by panel, so that
 * what is gated never leaves the caches.
 */
public final class PackedGate {
  private final PackedLinear gate;
  private final PackedLinear up;
  private final RowTiles loops = RowTiles.common();

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
    apply(x, rows, y, null, null);
  }

  /**
   * As above, with what adapters add to some of the rows.
   *
   * @param added packed beside the gate and what it gates; null for nothing
   * @param also takes the rows, too, in another format; null for none
   */
  public void apply(
      Operand x, int rows, Operand y, LowRank.@Nullable Added added, @Nullable Operand also) {
    gate.check(x);
    Rows.each(
        gate.panels(),
        (panel, worker) -> {
          long gates = worker.scratch(3L * rows * PackedLinear.PANEL);
          long ups = gates + 4L * rows * PackedLinear.PANEL;
          long stride = 4L * PackedLinear.PANEL;
          gate.panel(x, rows, panel, gates, stride, up.address(panel), worker);
          long next = gate.address(panel + PackedLinear.ahead());
          up.panel(x, rows, panel, ups, stride, next, worker);
          if (added != null) {
            long scratch = ups + 4L * rows * PackedLinear.PANEL;
            added.add(0, panel, gates, stride, scratch);
            added.add(1, panel, ups, stride, scratch);
          }
          loops.swiGlu(gates, ups, gates, rows * PackedLinear.PANEL);
          for (int row = 0; row < rows; row++) {
            long at = gates + row * stride;
            y.put(row, panel, at);
            if (also != null) {
              also.put(row, panel, at);
            }
          }
        });
  }
}
