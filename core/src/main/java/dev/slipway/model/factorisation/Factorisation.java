package dev.slipway.model.factorisation;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.Network;
import dev.slipway.model.Pass;
import dev.slipway.nn.InputShape;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * {@code μ + b_u + b_i + p_u · q_i} (Koren, Bell, Volinsky 2009, equation 4): one number for each
 * pair of a user's and an item's id.
 *
 * <p>Takes the two ids from one input (B, 2) or from two inputs (B) or (B, 1), the user's first;
 * the output is (B, 1). Where the second is {@link #CANDIDATES} (B, W), it is a score of each: (B,
 * W). Not for several threads.
 */
public final class Factorisation implements Network {
  /** The input with several items for each user, among which one is to be told. */
  public static final String CANDIDATES = "candidates";

  private final FactorisationConfig config;
  private final List<InputShape> inputs;
  private final ParameterSet parameters;
  private final ParameterSet buffers = ParameterSet.frozen(List.of());

  /**
   * @param inputs those of {@link #config(FactorisationConfig.Size, List)}
   * @param parameters of {@code config}; closed with this
   */
  public Factorisation(
      FactorisationConfig config, List<InputShape> inputs, ParameterSet parameters) {
    this.config = config;
    this.inputs = List.copyOf(inputs);
    this.parameters = parameters;
  }

  /**
   * The configuration for these inputs.
   *
   * @throws SlipwayException {@code model.factorisation-inputs} unless they are two ids an example
   */
  public static FactorisationConfig config(FactorisationConfig.Size size, List<InputShape> inputs) {
    List<Integer> cardinalities = new ArrayList<>();
    if (hasCandidates(inputs) && inputs.getFirst().cardinalities().size() == 1) {
      return new FactorisationConfig(
          inputs.getFirst().cardinalities().getFirst(),
          inputs.getLast().cardinalities().getFirst(),
          size);
    }
    for (InputShape input : inputs) {
      long ids = input.sizes().stream().reduce(1L, (a, b) -> a * b);
      boolean oneEach = !input.isVariable() && input.kind() == InputShape.Kind.IDS;
      for (int i = 0; oneEach && i < ids && i <= 2; i++) {
        List<Integer> all = input.cardinalities();
        cardinalities.add(all.get(Math.min(i, all.size() - 1)));
      }
      if (!oneEach) {
        cardinalities.clear();
        break;
      }
    }
    if (cardinalities.size() != 2) {
      throw new SlipwayException(
          Exit.USAGE,
          "model.factorisation-inputs",
          "factorisation takes two ids, a user's and an item's; the inputs are "
              + inputs.stream()
                  .map(input -> input.name() + " " + input.sizes())
                  .collect(Collectors.joining(", ")),
          "write inputs: [ { categories: { columns: [ user, item ] } } ]");
    }
    return new FactorisationConfig(cardinalities.get(0), cardinalities.get(1), size);
  }

  private static boolean hasCandidates(List<InputShape> inputs) {
    return inputs.size() == 2
        && inputs.getLast().name().equals(CANDIDATES)
        && inputs.getFirst().kind() == InputShape.Kind.IDS
        && !inputs.getFirst().isVariable();
  }

  public FactorisationConfig config() {
    return config;
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public ParameterSet buffers() {
    return buffers;
  }

  @Override
  public SequencedMap<String, Tensor> forward(Inputs batch, Pass pass) {
    Tensor user;
    Tensor item;
    if (hasCandidates(inputs)) {
      return output(candidates(users(batch), batch.get(CANDIDATES).values()), pass);
    }
    if (inputs.size() == 1) {
      Tensor pairs = batch.get(inputs.getFirst().name()).values(); // (B, 2)
      user = pairs.narrow(1, 0, 1).reshape(-1); // (B)
      item = pairs.narrow(1, 1, 1).reshape(-1); // (B)
    } else {
      user = batch.get(inputs.getFirst().name()).values().reshape(-1); // (B)
      item = batch.get(inputs.getLast().name()).values().reshape(-1); // (B)
    }
    return output(scores(user, item), pass); // (B, 1)
  }

  private static SequencedMap<String, Tensor> output(Tensor scores, Pass pass) {
    SequencedMap<String, Tensor> outputs = new LinkedHashMap<>();
    pass.watch().output("factorisation", scores);
    outputs.put(OUTPUT, scores);
    return outputs;
  }

  /** The users' ids (B) in a batch whose first input holds nothing else. */
  public Tensor users(Inputs batch) {
    return batch.get(inputs.getFirst().name()).values().reshape(-1);
  }

  /** Scores (B, W) of users (B) and as many items for each, (B, W). */
  public Tensor candidates(Tensor users, Tensor items) {
    long rows = items.size(0);
    long width = items.size(1);
    Tensor flat = items.reshape(-1); // (B W)
    Tensor scores =
        value(FactorisationConfig.MEAN)
            .add(Functional.embedding(users, value(FactorisationConfig.USER_BIAS))) // (B, 1)
            .add(
                Functional.embedding(flat, value(FactorisationConfig.ITEM_BIAS))
                    .reshape(rows, width)); // (B, W)
    if (config.size().factors() == 0) {
      return scores;
    }
    Tensor p = Functional.embedding(users, value(FactorisationConfig.USER_FACTORS)); // (B, F)
    Tensor q =
        Functional.embedding(flat, value(FactorisationConfig.ITEM_FACTORS))
            .reshape(rows, width, config.size().factors()); // (B, W, F)
    return scores.add(q.matmul(p.unsqueeze(2)).squeeze(2));
  }

  /** Scores (N, 1) of pairs of ids (N) and (N). */
  public Tensor scores(Tensor user, Tensor item) {
    Tensor scores =
        value(FactorisationConfig.MEAN)
            .add(Functional.embedding(user, value(FactorisationConfig.USER_BIAS)))
            .add(Functional.embedding(item, value(FactorisationConfig.ITEM_BIAS))); // (N, 1)
    if (config.size().factors() == 0) {
      return scores;
    }
    Tensor p = Functional.embedding(user, value(FactorisationConfig.USER_FACTORS)); // (N, F)
    Tensor q = Functional.embedding(item, value(FactorisationConfig.ITEM_FACTORS)); // (N, F)
    return scores.add(p.mul(q).sum(1, true)); // (N, 1)
  }

  /** Scores of all items for users: (N) to (N, I). */
  public Tensor allItems(Tensor users) {
    Tensor scores =
        value(FactorisationConfig.MEAN)
            .add(Functional.embedding(users, value(FactorisationConfig.USER_BIAS)))
            .add(value(FactorisationConfig.ITEM_BIAS).transpose(0, 1)); // (N, I)
    if (config.size().factors() == 0) {
      return scores;
    }
    Tensor p = Functional.embedding(users, value(FactorisationConfig.USER_FACTORS)); // (N, F)
    return scores.add(p.matmul(value(FactorisationConfig.ITEM_FACTORS).transpose(0, 1)));
  }

  private Tensor value(String name) {
    return parameters.value(name);
  }

  @Override
  public void close() {
    parameters.close();
    buffers.close();
  }
}
