package dev.slipway.model.pretrained;

import dev.slipway.Fixtures;
import dev.slipway.base.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;

/**
 * Tiny models of the published architectures with what transformers gives for them: fixtures by
 * {@code reference/open_models.py}.
 */
public final class OpenModels {
  private static final Map<String, byte[]> ENTRIES = entries();
  private static final List<Case> CASES = readCases();

  private OpenModels() {}

  /**
   * One model.
   *
   * @param files the folder's, by name to their place in the archive
   * @param logits (T, V) of {@code ids}
   * @param greedy what follows {@code prompt}
   */
  public record Case(
      String name,
      Map<String, String> files,
      int[] ids,
      float[] logits,
      int[] prompt,
      int[] greedy) {
    /** Writes the folder, and gives it. */
    public Path folder(Path parent) {
      try {
        Path folder = Files.createDirectories(parent.resolve(name));
        for (Map.Entry<String, String> file : files.entrySet()) {
          Files.write(folder.resolve(file.getKey()), content("files/" + file.getValue()));
        }
        return folder;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  public static List<Case> all() {
    return CASES;
  }

  public static Case named(String name) {
    return CASES.stream().filter(c -> c.name.equals(name)).findFirst().orElseThrow();
  }

  private static Map<String, byte[]> entries() {
    return Fixtures.files(OpenModels.class, "/dev/slipway/model/open-models.zip");
  }

  private static byte[] content(String name) {
    return Objects.requireNonNull(ENTRIES.get(name), name);
  }

  private static List<Case> readCases() {
    String text = new String(content("cases.json"), StandardCharsets.UTF_8);
    List<Case> cases = new ArrayList<>();
    for (JsonNode node : Json.parse(text, "cases.json")) {
      String name = node.path("name").asString();
      Map<String, String> files = new LinkedHashMap<>();
      node.path("files").properties().forEach(f -> files.put(f.getKey(), f.getValue().asString()));
      byte[] bytes = content("logits/" + name + ".bin");
      float[] logits = new float[bytes.length / Float.BYTES];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(logits);
      cases.add(
          new Case(
              name,
              files,
              ints(node.path("ids")),
              logits,
              ints(node.path("prompt")),
              ints(node.path("greedy"))));
    }
    return cases;
  }

  private static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.path(i).asInt();
    }
    return values;
  }
}
