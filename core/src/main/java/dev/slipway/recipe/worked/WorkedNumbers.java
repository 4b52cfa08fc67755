package dev.slipway.recipe.worked;

import dev.slipway.recipe.worked.WorkedRecipe.Layer;
import dev.slipway.recipe.worked.WorkedRecipe.WorkedStep;
import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Every number of a step, in double precision: the forward pass, all gradients by autograd, and the
 * weights after {@code w ← w − η ∂L/∂w}.
 *
 * @param rows in the order in which one calculates
 */
public record WorkedNumbers(List<Row> rows) {
  /**
   * One number.
   *
   * @param name such as {@code w1[2,1]}: layer, row and column from 1
   * @param value in the forward pass
   * @param gradient of the loss by it; null for the input, the target and the loss
   * @param updated after the step; null for what isn't learnt
   */
  public record Row(
      String name, double value, @Nullable Double gradient, @Nullable Double updated) {}

  public WorkedNumbers {
    rows = List.copyOf(rows);
  }

  /** Calculates a step. */
  public static WorkedNumbers of(WorkedStep step) {
    try (Scope _ = Scope.open()) {
      List<Row> rows = new ArrayList<>();
      Tensor x = row(step.input());
      add(rows, "x", x, null, null);
      List<Tensor> weights = new ArrayList<>();
      List<Tensor> biases = new ArrayList<>();
      List<Tensor> sums = new ArrayList<>();
      List<Tensor> given = new ArrayList<>();
      Tensor h = x;
      for (Layer layer : step.layers()) {
        Tensor w = matrix(layer.weights()).setRequiresGrad(true);
        Tensor b = row(layer.biases()).setRequiresGrad(true);
        Tensor z = h.matmul(w).add(b);
        weights.add(w);
        biases.add(b);
        sums.add(z);
        Tensor sum = z;
        h =
            layer
                .activation()
                .map(
                    f ->
                        switch (f) {
                          case RELU -> Layers.relu(sum);
                          case SIGMOID -> sum.sigmoid();
                          case TANH -> sum.tanh();
                        })
                .orElse(sum);
        given.add(h);
      }
      Tensor loss = row(step.target()).sub(h).pow(2).sum().mul(0.5);
      loss.backward();
      double rate = step.learningRate();
      int last = weights.size() - 1;
      for (int i = 0; i <= last; i++) {
        // z = h W + b: the gradient by z is the one by b, and through W it is the one by h.
        add(rows, "z" + (i + 1), sums.get(i), gradient("b", biases.get(i)), null);
        if (i < last && step.layers().get(i).activation().isPresent()) {
          Tensor byOutput =
              gradient("b", biases.get(i + 1)).matmul(weights.get(i + 1).detach().transpose(0, 1));
          add(rows, "h" + (i + 1), given.get(i), byOutput, null);
        }
      }
      add(rows, "ŷ", h, h.detach().sub(row(step.target())), null);
      add(rows, "y", row(step.target()), null, null);
      rows.add(new Row("L", loss.item(), null, null));
      for (int i = weights.size() - 1; i >= 0; i--) {
        learnt(rows, "w" + (i + 1), weights.get(i), rate);
        learnt(rows, "b" + (i + 1), biases.get(i), rate);
      }
      return new WorkedNumbers(rows);
    }
  }

  private static void learnt(List<Row> rows, String name, Tensor leaf, double rate) {
    Tensor gradient = gradient(name, leaf);
    add(rows, name, leaf, gradient, leaf.detach().sub(gradient.mul(rate)));
  }

  private static Tensor gradient(String name, Tensor leaf) {
    Tensor gradient = leaf.grad();
    if (gradient == null) {
      throw new IllegalStateException(name + " has no gradient");
    }
    return gradient;
  }

  private static void add(
      List<Row> rows,
      String name,
      Tensor values,
      @Nullable Tensor gradients,
      @Nullable Tensor updated) {
    double[] value = values.toDoubles();
    double[] gradient = gradients == null ? new double[0] : gradients.toDoubles();
    double[] after = updated == null ? new double[0] : updated.toDoubles();
    int columns = (int) values.size(1);
    boolean matrix = values.size(0) > 1 || name.startsWith("w");
    for (int i = 0; i < value.length; i++) {
      String place = (matrix ? (i / columns + 1) + "," : "") + (i % columns + 1);
      rows.add(
          new Row(
              name + "[" + place + "]",
              value[i],
              gradient.length == 0 ? null : gradient[i],
              after.length == 0 ? null : after[i]));
    }
  }

  private static Tensor row(List<Double> values) {
    return Tensor.of(values.stream().mapToDouble(Double::doubleValue).toArray(), 1, values.size());
  }

  private static Tensor matrix(List<List<Double>> rows) {
    return Tensor.of(
        rows.stream().flatMap(List::stream).mapToDouble(Double::doubleValue).toArray(),
        rows.size(),
        rows.getFirst().size());
  }

  /** A table for people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(Locale.ROOT, "%-10s %20s %20s %20s%n", "", "VALUE", "GRADIENT", "UPDATED"));
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-10s %20s %20s %20s%n",
              row.name,
              number(row.value),
              row.gradient == null ? "" : number(row.gradient),
              row.updated == null ? "" : number(row.updated)));
    }
    return text.toString();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.12f", value);
  }
}
