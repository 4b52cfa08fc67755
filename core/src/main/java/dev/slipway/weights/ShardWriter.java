package dev.slipway.weights;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Json;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes {@code model.safetensors}, or {@code model-00001-of-0000N.safetensors} and the index that
 * says which tensor is where, as transformers does.
 */
public final class ShardWriter {
  private static final String ONE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  /** A tensor, and the type that it is written in. */
  public record Stored(Tensor tensor, DType type) {
    long bytes() {
      return tensor.numel() * type.bytes();
    }
  }

  private ShardWriter() {}

  /**
   * @param most bytes of a file, unless one tensor is larger
   */
  public static void write(Path folder, SequencedMap<String, Stored> tensors, long most) {
    List<SequencedMap<String, Stored>> shards = shards(tensors, most);
    if (shards.size() == 1) {
      SafeTensors.write(folder.resolve(ONE), shards.getFirst());
      return;
    }
    ObjectNode index = Json.object();
    index
        .putObject("metadata")
        .put("total_size", tensors.values().stream().mapToLong(Stored::bytes).sum());
    Map<String, String> places = new LinkedHashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String file =
          String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
      SafeTensors.write(folder.resolve(file), shards.get(i));
      shards.get(i).keySet().forEach(name -> places.put(name, file));
    }
    ObjectNode map = index.putObject("weight_map");
    places.forEach(map::put);
    AtomicFiles.write(folder.resolve(INDEX), Json.write(index));
  }

  private static List<SequencedMap<String, Stored>> shards(
      SequencedMap<String, Stored> tensors, long most) {
    List<SequencedMap<String, Stored>> shards = new ArrayList<>();
    SequencedMap<String, Stored> shard = new LinkedHashMap<>();
    long bytes = 0;
    for (Map.Entry<String, Stored> named : tensors.entrySet()) {
      long more = named.getValue().bytes();
      if (!shard.isEmpty() && bytes + more > most) {
        shards.add(shard);
        shard = new LinkedHashMap<>();
        bytes = 0;
      }
      shard.put(named.getKey(), named.getValue());
      bytes += more;
    }
    shards.add(shard);
    return shards;
  }
}
