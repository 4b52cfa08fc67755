package dev.slipway.model.factorisation;

import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;
import dev.slipway.model.LayerTable;
import dev.slipway.model.ModelConfig;
import dev.slipway.nn.ParameterSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A matrix factorisation with biases (Koren, Bell, Volinsky 2009, equation 4).
 *
 * @param users how many ids of users there are
 * @param items how many ids of items there are
 * @param size what a person chooses of it
 */
public record FactorisationConfig(int users, int items, Size size) implements ModelConfig {
  /** What a person chooses. */
  public record Size(
      @Doc("Numbers by which a user and an item are described; 0 for biases alone")
          @Default("64")
          @Range(min = 0, max = 4096)
          int factors,
      @Doc("Standard deviation of the first factors") @Default("0.1") @Range(min = 1e-6, max = 10)
          double deviation) {}

  static final String MEAN = "mean";
  static final String USER_BIAS = "user.bias";
  static final String ITEM_BIAS = "item.bias";
  static final String USER_FACTORS = "user.factors";
  static final String ITEM_FACTORS = "item.factors";

  public FactorisationConfig {
    if (users < 1 || items < 1) {
      throw new IllegalArgumentException(
          users + " users and " + items + " items, expected 1 or more of each");
    }
  }

  /** Biases begin at 0 and are vectors to an optimizer, whose penalties leave them alone. */
  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> specs = new ArrayList<>();
    specs.add(ParameterSpec.vector(MEAN, 1, 0));
    specs.add(bias(USER_BIAS, users));
    specs.add(bias(ITEM_BIAS, items));
    if (size.factors() > 0) {
      ParameterSpec.Init drawn = new ParameterSpec.Init.Normal(size.deviation());
      specs.add(table(USER_FACTORS, users, size.factors(), drawn));
      specs.add(table(ITEM_FACTORS, items, size.factors(), drawn));
    }
    return List.copyOf(specs);
  }

  /**
   * What each part gives and costs.
   *
   * @param items told for each user at a time: 1 for pairs, more where one is to be told among
   *     several
   */
  public LayerTable table(int items) {
    Map<String, ParameterSpec> specs = new LinkedHashMap<>();
    parameters().forEach(spec -> specs.put(spec.name(), spec));
    List<LayerTable.Row> rows = new ArrayList<>();
    specs.forEach(
        (name, spec) -> {
          long width = name.equals(MEAN) ? 1 : spec.shape().getLast();
          long places = name.startsWith("item") ? items : 1;
          rows.add(
              LayerTable.row(
                  name,
                  name.equals(MEAN) ? "bias" : "embedding",
                  LayerTable.text(places > 1 ? List.of(places, width) : List.of(width)),
                  List.of(spec),
                  places * width,
                  0));
        });
    // A product and a sum for each factor, three sums of the biases and the mean.
    rows.add(
        LayerTable.row(
            "score",
            "dot-product",
            LayerTable.text(List.of((long) items)),
            List.of(),
            items,
            items * (2.0 * size.factors() + 3)));
    return new LayerTable(rows);
  }

  private static ParameterSpec bias(String name, long rows) {
    return new ParameterSpec(
        name, List.of(rows, 1L), ParameterSpec.Role.VECTOR, new ParameterSpec.Init.Constant(0));
  }

  private static ParameterSpec table(String name, long rows, long width, ParameterSpec.Init init) {
    return new ParameterSpec(name, List.of(rows, width), ParameterSpec.Role.EMBEDDING, init);
  }
}
