package dev.slipway.platform.server;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.engine.TextEngine;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * The language models that a service is to have, each by the name that requests call it.
 *
 * @param models one at least
 * @param adapters LoRA adapters, each beside one of the models
 * @param splits names that stand for several of these
 * @param adapterRoot the folder below which adapters may be loaded while it serves; null loads none
 * @param byDefault the name of what answers requests that name none
 */
public record TextModels(
    List<Model> models,
    List<Adapter> adapters,
    List<Split> splits,
    @Nullable Path adapterRoot,
    String byDefault)
    implements Servable {
  /**
   * @param opening opens the model, also a new version of it; runs, like all that the model does,
   *     on one thread of its own
   */
  public record Model(String name, Opening opening) {}

  /** Opens a model. */
  public interface Opening {
    /**
     * @param again whether a version of it answers meanwhile: nothing that befalls the files may
     *     then take the process with it
     */
    TextEngine open(boolean again) throws Exception;
  }

  /**
   * @param model the name of the model that it is an adapter of
   * @param folder in PEFT's format
   */
  public record Adapter(String name, String model, Path folder) {}

  /**
   * Requests shared out among models and adapters.
   *
   * @param shares of each, above 0, whatever they come to together
   */
  public record Split(String name, SequencedMap<String, Double> shares) {
    public Split {
      shares = new LinkedHashMap<>(shares);
      for (Map.Entry<String, Double> share : shares.entrySet()) {
        if (!(share.getValue() > 0 && share.getValue() < Double.POSITIVE_INFINITY)) {
          throw usage(
              "the split '" + name + "' gives " + share.getKey() + " " + share.getValue(),
              "a share above 0");
        }
      }
      if (shares.isEmpty()) {
        throw usage("the split '" + name + "' names no model", "such as NAME=a:0.9,b:0.1");
      }
    }
  }

  public TextModels {
    models = List.copyOf(models);
    adapters = List.copyOf(adapters);
    splits = List.copyOf(splits);
    if (models.isEmpty()) {
      throw usage("there is no model", "one at least");
    }
    Set<String> names = new LinkedHashSet<>();
    models.forEach(model -> add(names, model.name));
    Set<String> bases = Set.copyOf(names);
    for (Adapter adapter : adapters) {
      if (!bases.contains(adapter.model)) {
        throw usage(
            "the adapter '" + adapter.name + "' is beside '" + adapter.model + "'",
            "one of " + bases);
      }
      add(names, adapter.name);
    }
    Set<String> whole = Set.copyOf(names);
    for (Split split : splits) {
      for (String variant : split.shares.keySet()) {
        if (!whole.contains(variant)) {
          throw usage(
              "the split '" + split.name + "' names '" + variant + "'",
              "one of " + String.join(", ", names));
        }
      }
      add(names, split.name);
    }
    if (!names.contains(byDefault)) {
      throw usage("'" + byDefault + "' is to answer by default", "one of " + names);
    }
  }

  /** The first model answers by default. */
  public TextModels(
      List<Model> models, List<Adapter> adapters, List<Split> splits, @Nullable Path adapterRoot) {
    this(models, adapters, splits, adapterRoot, models.isEmpty() ? "" : models.getFirst().name());
  }

  /** One model, and nothing else. */
  public static TextModels one(String name, Callable<? extends TextEngine> opening) {
    return new TextModels(
        List.of(new Model(name, _ -> opening.call())), List.of(), List.of(), null);
  }

  private static void add(Set<String> names, String name) {
    if (!names.add(name)) {
      throw usage("two of what is served are called '" + name + "'", "a name for each");
    }
  }

  private static SlipwayException usage(String came, String expected) {
    return new SlipwayException(
        Exit.USAGE, "serve.models", came + ", expected " + expected, "change the names or shares");
  }
}
