package dev.slipway.model;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/** The {@code config.json} of a folder in Hugging Face's layout. */
public final class ConfigFile {
  public static final String NAME = "config.json";

  private ConfigFile() {}

  /**
   * @throws SlipwayException {@code model.missing}, {@code model.missing-file}, {@code json.…}
   */
  public static JsonNode read(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.missing",
          "there is no folder " + folder + ", expected a model in Hugging Face layout",
          "check the path");
    }
    if (!Files.isRegularFile(folder.resolve(NAME))) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.missing-file",
          folder + " has no config.json, expected a model in Hugging Face layout",
          "check the path, or copy the folder again");
    }
    return Json.read(folder.resolve(NAME));
  }
}
