package dev.slipway.model.pretrained;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.hub.HubCache;
import dev.slipway.hub.HubSettings;
import dev.slipway.hub.RepoId;
import dev.slipway.model.gguf.GgufModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What people call a model: a folder, a run with one in it, or the name of a pulled one. */
public final class PretrainedPath {
  private PretrainedPath() {}

  /**
   * The folder with {@code config.json}, or with {@code adapter_config.json} where it is an
   * adapter.
   *
   * @param given a folder, a run, or {@code ORG/NAME[@REVISION]} that was pulled
   * @throws SlipwayException {@code model.missing}, {@code model.unfinished} or {@code
   *     model.not-a-model}
   */
  public static Path folder(Path given) {
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

  /**
   * {@link #folder} of a whole model.
   *
   * @throws SlipwayException also {@code model.adapter}
   */
  public static Path whole(Path given) {
    Path folder = folder(given);
    if (isAdapter(folder)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.adapter",
          folder + " is an adapter, expected a whole model",
          "write the merged model first with `slipway merge " + folder + " --out DIR`");
    }
    return folder;
  }

  /** Whether a folder holds an adapter, which belongs to another model. */
  public static boolean isAdapter(Path folder) {
    return Files.exists(folder.resolve("adapter_config.json"))
        && !Files.exists(folder.resolve("config.json"));
  }

  private static boolean isModel(Path folder) {
    return GgufModel.is(folder)
        || Files.exists(folder.resolve("config.json"))
        || Files.exists(folder.resolve("modules.json"))
        || isAdapter(folder);
  }

  private static Path inside(Path modelOrRun) {
    if (isModel(modelOrRun)) {
      return modelOrRun;
    }
    Path inRun = modelOrRun.resolve("model");
    if (isModel(inRun)) {
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
            + " has neither config.json nor model/config.json, expected a Hugging Face folder, an adapter in PEFT's format, a GGUF file or a run",
        "check the path");
  }
}
