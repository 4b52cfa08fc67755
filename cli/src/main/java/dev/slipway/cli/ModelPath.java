package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.hub.HubCache;
import dev.slipway.hub.HubSettings;
import dev.slipway.hub.RepoId;
import dev.slipway.model.gguf.GgufModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a user calls a model: a Hugging Face folder, a run with one in it, a GGUF file, or a pulled
 * model's name.
 */
final class ModelPath {
  private ModelPath() {}

  /** The folder with {@code config.json}, or the GGUF file; {@code ORG/NAME} was pulled. */
  static Path folder(Path given) {
    Path modelOrRun = given;
    String name = given.toString().replace('\\', '/');
    if (!Files.exists(given) && RepoId.isOne(name)) {
      Optional<Path> pulled = new HubCache(HubSettings.usual().cache()).find(RepoId.parse(name));
      modelOrRun =
          pulled.orElseThrow(
              () ->
                  new SlipwayException(
                      Exit.INPUT,
                      "model.missing",
                      name + " is neither a folder nor a model that was pulled",
                      "check the path, or fetch the model with `slipway pull " + name + "`"));
    }
    return inside(modelOrRun);
  }

  private static Path inside(Path modelOrRun) {
    if (GgufModel.is(modelOrRun)) {
      return modelOrRun;
    }
    if (Files.exists(modelOrRun.resolve("config.json"))
        || Files.exists(modelOrRun.resolve("modules.json"))) {
      return modelOrRun;
    }
    Path inRun = modelOrRun.resolve("model");
    if (Files.exists(inRun.resolve("config.json"))) {
      return inRun;
    }
    if (!Files.exists(modelOrRun)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.missing",
          modelOrRun + " is not there, expected a model folder or a run",
          "see `slipway runs` for the runs there are");
    }
    if (Files.exists(modelOrRun.resolve("recipe.yaml"))) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.unfinished",
          "the run " + modelOrRun + " has no model yet",
          "finish it with `slipway resume " + modelOrRun + "`");
    }
    throw new SlipwayException(
        Exit.INPUT,
        "model.not-a-model",
        modelOrRun
            + " has neither config.json nor model/config.json, expected a Hugging Face folder, a GGUF file or a run",
        "check the path");
  }

  /** What requests call it: the name of the run or of the folder. */
  static String name(Path modelOrRun) {
    Path absolute = modelOrRun.toAbsolutePath().normalize();
    Path name = absolute.getFileName();
    return name == null ? "model" : name.toString();
  }
}
