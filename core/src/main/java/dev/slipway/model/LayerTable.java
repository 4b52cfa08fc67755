package dev.slipway.model;

import dev.slipway.nn.InputShape;
import dev.slipway.nn.ParameterSpec;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What each layer of a network gives and costs. */
public record LayerTable(List<Row> rows) {
  /**
   * One layer.
   *
   * @param path what its parameters' names begin with
   * @param kind what a recipe calls it
   * @param output its shape, for people
   * @param bytes that training keeps of it for one example until the backward pass, float32: what
   *     it gives, and what its gradient needs besides
   * @param flops of the forward pass of one example
   * @param backwardFlops of the backward pass: as many again for the gradient of what comes in, and
   *     as many for the gradient of the weights, where they are needed
   */
  public record Row(
      String path,
      String kind,
      String output,
      long parameters,
      long bytes,
      double flops,
      double backwardFlops) {
    /** The same cost beside another shape. */
    Row shown(String shape) {
      return new Row(path, kind, shape, parameters, bytes, flops, backwardFlops);
    }

    /** The same layer with another backward pass than that of one that learns whole. */
    public Row backward(double flops) {
      return new Row(path, kind, output, parameters, bytes, this.flops, flops);
    }
  }

  /**
   * The row of a layer that learns whole.
   *
   * @param kept values that training keeps for one example
   */
  public static Row row(
      String path,
      String kind,
      String output,
      Collection<ParameterSpec> parameters,
      long kept,
      double flops) {
    return new Row(
        path,
        kind,
        output,
        parameters.stream().mapToLong(ParameterSpec::numel).sum(),
        Float.BYTES * kept,
        flops,
        2 * flops);
  }

  public LayerTable {
    rows = List.copyOf(rows);
  }

  public long parameters() {
    return rows.stream().mapToLong(Row::parameters).sum();
  }

  /** That training keeps of one example. */
  public long bytes() {
    return rows.stream().mapToLong(Row::bytes).sum();
  }

  /** Of the layer that keeps most of one example. */
  public long largest() {
    return rows.stream().mapToLong(Row::bytes).max().orElse(0);
  }

  /** Of the forward pass of one example. */
  public double flops() {
    return rows.stream().mapToDouble(Row::flops).sum();
  }

  /** Of the forward and the backward pass of one example. */
  public double trainingFlops() {
    return rows.stream().mapToDouble(row -> row.flops() + row.backwardFlops()).sum();
  }

  /** These costs beside the shapes of a table with the same rows. */
  public LayerTable shown(LayerTable shapes) {
    return new LayerTable(
        IntStream.range(0, rows.size())
            .mapToObj(i -> rows.get(i).shown(shapes.rows.get(i).output()))
            .toList());
  }

  /** {@code (B, 32, 13, 13)}, a size that differs from example to example as {@code T}. */
  public static String text(List<Long> sizes) {
    return sizes.stream()
        .map(size -> ", " + (size == InputShape.VARIABLE ? "T" : Long.toString(size)))
        .collect(Collectors.joining("", "(B", ")"));
  }
}
