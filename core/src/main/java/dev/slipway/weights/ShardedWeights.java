package dev.slipway.weights;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * The weights of a model folder: {@code model.safetensors}, or the files that {@code
 * model.safetensors.index.json} lists.
 */
public final class ShardedWeights implements WeightSource {
  private static final String ONE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  private final Map<String, SafeTensors> files = new TreeMap<>();
  private final Map<String, SafeTensors> homes = new LinkedHashMap<>();

  private final Residence residence;

  private ShardedWeights(Residence residence) {
    this.residence = residence;
  }

  /** To read once, and close. */
  public static ShardedWeights open(Path folder) {
    return open(folder, Residence.MAPPED_ONCE);
  }

  /** As above, with their bytes where they are wanted. */
  public static ShardedWeights open(Path folder, Residence residence) {
    ShardedWeights weights = new ShardedWeights(residence);
    try {
      if (Files.isRegularFile(folder.resolve(ONE)) || !Files.exists(folder.resolve(INDEX))) {
        weights.add(folder, ONE);
      } else {
        weights.addAll(folder);
      }
      return weights;
    } catch (RuntimeException e) {
      weights.close();
      throw e;
    }
  }

  private void add(Path folder, String file) {
    SafeTensors opened = SafeTensors.open(folder.resolve(file), residence);
    files.put(file, opened);
    for (String name : opened.names()) {
      if (homes.put(name, opened) != null) {
        throw new SlipwayException(
            Exit.INPUT,
            "weights.duplicate-name",
            "two files of " + folder + " hold a tensor " + name,
            "write the model again with each name once");
      }
    }
  }

  private void addAll(Path folder) {
    Path index = folder.resolve(INDEX);
    JsonNode map = Json.read(index).path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw bad(index, "has no weight_map from names to files");
    }
    TreeMap<String, String> wanted = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : map.properties()) {
      String file = entry.getValue().asString("");
      if (!file.endsWith(".safetensors") || file.contains("/") || file.contains("\\")) {
        throw bad(index, "names the file '" + file + "', expected a safetensors file beside it");
      }
      wanted.put(entry.getKey(), file);
    }
    wanted.values().stream().distinct().sorted().forEach(file -> add(folder, file));
    wanted.forEach(
        (name, file) -> {
          if (homes.get(name) == null || homes.get(name) != files.get(file)) {
            throw bad(index, "says that " + name + " is in " + file + ", which it is not");
          }
        });
  }

  private static SlipwayException bad(Path index, String what) {
    return new SlipwayException(
        Exit.INPUT, "weights.bad-index", index + " " + what, "copy or download the folder again");
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(homes.keySet());
  }

  @Override
  public List<Long> shape(String tensor) {
    return home(tensor).shape(tensor);
  }

  @Override
  public Tensor tensor(String tensor) {
    return home(tensor).tensor(tensor);
  }

  private SafeTensors home(String tensor) {
    SafeTensors home = homes.get(tensor);
    if (home == null) {
      throw new IllegalArgumentException("no tensor " + tensor + " in " + files.keySet());
    }
    return home;
  }

  @Override
  public void close() {
    SlipwayException cut = null;
    for (SafeTensors file : files.values()) {
      try {
        file.close();
      } catch (SlipwayException e) {
        cut = e; // the others are closed, too
      }
    }
    if (cut != null) {
      throw cut;
    }
  }
}
