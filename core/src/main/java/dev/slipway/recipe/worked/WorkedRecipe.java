package dev.slipway.recipe.worked;

import dev.slipway.base.binding.Binder;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.InvalidSetting;
import dev.slipway.base.binding.Node;
import dev.slipway.base.binding.Overrides;
import dev.slipway.base.binding.Problem;
import dev.slipway.base.binding.Range;
import dev.slipway.base.binding.Shape;
import dev.slipway.base.binding.Shapes;
import dev.slipway.base.binding.Variables;
import dev.slipway.base.binding.YamlReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A document that asks for one step of a small perceptron on one example. Its weights are in it, so
 * that it needs no data.
 */
public record WorkedRecipe(
    @Doc("What it is called") @Default("worked-step") String name,
    @Doc("The step") WorkedStep workedStep) {
  private static final String KEY = "worked-step";

  private static final Shape.Group SHAPE = new Shapes(List.of()).document(WorkedRecipe.class);

  /** The step: {@code ŷ} of an input, the loss {@code ½ Σ (y − ŷ)²}, and gradient descent. */
  public record WorkedStep(
      @Doc("x") List<Double> input,
      @Doc("The layers") List<Layer> layers,
      @Doc("y") List<Double> target,
      @Doc("η of gradient descent") @Range(min = 0, max = 1e6) double learningRate) {
    public WorkedStep {
      input = List.copyOf(input);
      layers = List.copyOf(layers);
      target = List.copyOf(target);
      if (input.isEmpty() || layers.isEmpty()) {
        throw new InvalidSetting(
            input.isEmpty() ? "input" : "layers", "an empty list", "at least one");
      }
      int width = input.size();
      for (int i = 0; i < layers.size(); i++) {
        Layer layer = layers.get(i);
        if (layer.weights().size() != width) {
          throw new InvalidSetting(
              "layers",
              "layer " + (i + 1) + " with " + layer.weights().size() + " rows of weights",
              width + " rows, one for each number that it is given");
        }
        width = layer.biases().size();
      }
      if (target.size() != width) {
        throw new InvalidSetting(
            "target", target.size() + " numbers", width + ", as many as the last layer gives");
      }
    }

    /** What a layer gives, and how many numbers of it are learnt. */
    public record Planned(int layer, int outputs, int parameters) {}

    /** The layers, before any number is calculated. */
    public List<Planned> plan() {
      List<Planned> plan = new ArrayList<>();
      for (Layer layer : layers) {
        int outputs = layer.biases().size();
        plan.add(new Planned(plan.size() + 1, outputs, (layer.weights().size() + 1) * outputs));
      }
      return plan;
    }

    /** {@link #plan} as a table for people. */
    public String planText() {
      StringBuilder text =
          new StringBuilder(
              String.format(Locale.ROOT, "%-6s %12s %12s%n", "LAYER", "OUTPUT", "PARAMETERS"));
      int parameters = 0;
      for (Planned one : plan()) {
        parameters += one.parameters;
        text.append(
            String.format(
                Locale.ROOT,
                "%-6d %12s %12d%n",
                one.layer,
                "(1, " + one.outputs + ")",
                one.parameters));
      }
      return text.append(
              String.format(
                  Locale.ROOT,
                  "%-6s %12s %12d%n%none step in double precision%n",
                  "all",
                  "",
                  parameters))
          .toString();
    }
  }

  /** {@code f(x W + b)}. */
  public record Layer(
      @Doc("W, a row for each number that comes in") List<List<Double>> weights,
      @Doc("b") List<Double> biases,
      @Doc("f") @Default("none") Optional<Function> activation) {
    public Layer {
      weights = weights.stream().map(List::copyOf).toList();
      biases = List.copyOf(biases);
      for (List<Double> row : weights) {
        if (row.size() != biases.size()) {
          throw new InvalidSetting(
              "weights",
              "a row of " + row.size() + " numbers for " + biases.size() + " biases",
              "as many in each row as there are biases");
        }
      }
    }
  }

  /** Functions of each number. */
  public enum Function {
    @Doc("max(z, 0)")
    RELU,
    @Doc("1 / (1 + exp(-z))")
    SIGMOID,
    @Doc("Hyperbolic tangent")
    TANH
  }

  /** Whether a file is such a document, told by its key {@code worked-step}. */
  public static boolean is(Path file) {
    return YamlReader.read(file).root() instanceof Node.Mapping mapping
        && mapping.entries().stream().anyMatch(entry -> entry.key().equals(KEY));
  }

  /**
   * Reads a file.
   *
   * @param settings of {@code --set}, each {@code path=value}
   * @throws dev.slipway.base.SlipwayException with every mistake that is in it
   */
  public static WorkedRecipe read(Path file, List<String> settings) {
    Binder.Bound<WorkedRecipe> bound =
        Binder.bind(
            Overrides.apply(YamlReader.read(file), settings),
            SHAPE,
            WorkedRecipe.class,
            Variables.ofSystem());
    WorkedRecipe recipe = bound.value();
    if (!bound.problems().isEmpty() || recipe == null) {
      throw Problem.exception("recipe.invalid", file.toString(), bound.problems());
    }
    return recipe;
  }
}
