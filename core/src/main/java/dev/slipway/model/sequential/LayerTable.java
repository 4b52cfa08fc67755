package dev.slipway.model.sequential;

import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSpec;
import java.util.List;

/** What each layer of a network gives and costs. */
public record LayerTable(List<Row> rows) {
  /**
   * One layer.
   *
   * @param path what its parameters' names begin with
   * @param kind what a recipe calls it
   * @param output its shape, for people
   * @param bytes of what it gives for one example, float32
   * @param flops of the forward pass of one example
   */
  public record Row(
      String path, String kind, String output, long parameters, long bytes, double flops) {}

  static Row row(
      String path, String kind, InputShape output, List<ParameterSpec> parameters, double flops) {
    return new Row(
        path,
        kind,
        Shapes.text(output),
        parameters.stream().mapToLong(ParameterSpec::numel).sum(),
        Float.BYTES * Shapes.values(output),
        flops);
  }

  public LayerTable {
    rows = List.copyOf(rows);
  }

  public long parameters() {
    return rows.stream().mapToLong(Row::parameters).sum();
  }

  /** Of all activations of one example. */
  public long bytes() {
    return rows.stream().mapToLong(Row::bytes).sum();
  }

  /** Of the forward pass of one example. */
  public double flops() {
    return rows.stream().mapToDouble(Row::flops).sum();
  }
}
