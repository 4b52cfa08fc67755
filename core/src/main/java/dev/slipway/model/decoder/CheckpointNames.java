package dev.slipway.model.decoder;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How the names in a checkpoint may differ from those that transformers writes today.
 *
 * @param prefix of the network without its head, such as {@code model.}: checkpoints of that part
 *     alone, and old ones, lack it
 * @param buffers ends of names that are no parameters: masks and frequencies of old checkpoints
 * @param embedding the embedding's weight
 * @param tiedHead whether that is the head's weight too, which then is stored as either, or as both
 */
public record CheckpointNames(
    String prefix, List<String> buffers, String embedding, boolean tiedHead) {
  /** The head's weight, which stands outside of the prefix. */
  public static final String HEAD = "lm_head.weight";

  public CheckpointNames {
    buffers = List.copyOf(buffers);
  }

  /** As the families of Llama have them. */
  public static CheckpointNames llama(boolean tiedHead) {
    return new CheckpointNames(
        "model.", List.of(".rotary_emb.inv_freq"), "model.embed_tokens.weight", tiedHead);
  }

  /** What the stored tensors are called today, to their names in the checkpoint. */
  public Map<String, String> today(Set<String> stored) {
    boolean bare = stored.stream().noneMatch(name -> name.startsWith(prefix));
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : stored) {
      if (buffers.stream().noneMatch(name::endsWith)) {
        names.put(bare && !name.equals(HEAD) ? prefix + name : name, name);
      }
    }
    String head = names.get(HEAD);
    if (tiedHead && head != null) {
      names.putIfAbsent(embedding, head);
    }
    return names;
  }
}
