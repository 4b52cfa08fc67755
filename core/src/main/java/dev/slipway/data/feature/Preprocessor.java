package dev.slipway.data.feature;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.example.Field;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * The features of a model, as they lie in its folder: {@code preprocessor.json}, and the tokenizers
 * beside it.
 */
public record Preprocessor(List<Feature> features) {
  /** The file's name in a model folder. */
  public static final String FILE = "preprocessor.json";

  public Preprocessor {
    features = List.copyOf(features);
  }

  /** The files that make it up, by name. */
  public Map<String, String> files() {
    Map<String, String> files = new TreeMap<>();
    Map<String, String> fileOf = new HashMap<>();
    List<Feature> named = new ArrayList<>();
    for (Feature feature : features) {
      if (feature instanceof TokenizerFeature one) {
        String file =
            fileOf.computeIfAbsent(
                one.tokenizer(),
                _ -> files.isEmpty() ? "tokenizer.json" : "tokenizer-" + one.name() + ".json");
        files.put(file, one.tokenizer());
        named.add(one.withTokenizer(file));
      } else {
        named.add(feature);
      }
    }
    files.put(FILE, Json.write(new Preprocessor(named)));
    return files;
  }

  /**
   * Reads what {@link #files} gave.
   *
   * @throws SlipwayException {@code json.missing}, {@code json.malformed}, {@code
   *     model.missing-file}
   */
  public static Preprocessor read(Path folder) {
    Preprocessor named = Json.read(folder.resolve(FILE), Preprocessor.class);
    List<Feature> features = new ArrayList<>();
    for (Feature feature : named.features) {
      features.add(
          feature instanceof TokenizerFeature one
              ? one.withTokenizer(text(folder, one.tokenizer()))
              : feature);
    }
    return new Preprocessor(features);
  }

  private static String text(Path folder, String name) {
    Path file = folder.resolve(name);
    // A name, never a way out of the folder.
    if (!name.matches("tokenizer[\\w-]*\\.json") || !Files.isRegularFile(file)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.missing-file",
          folder + " has no " + name + ", which " + FILE + " names",
          "copy the folder again");
    }
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "json.unreadable",
          file + " can't be read (" + e + "), expected a JSON document",
          "check that it is a file and that you may read it",
          e);
    }
  }

  /** The fields that a request gives, each once, in the order of the features. */
  public List<Field> requested() {
    SequencedMap<String, Field> fields = new LinkedHashMap<>();
    for (Feature feature : features) {
      feature.requested().forEach(field -> fields.putIfAbsent(field.name(), field));
    }
    return List.copyOf(fields.values());
  }
}
