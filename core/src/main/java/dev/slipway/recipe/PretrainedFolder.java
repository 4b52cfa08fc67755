package dev.slipway.recipe;

import dev.slipway.hub.FetchListener;
import dev.slipway.hub.Hub;
import dev.slipway.hub.HubCache;
import dev.slipway.hub.HubSettings;
import dev.slipway.hub.RepoId;
import dev.slipway.model.pretrained.PretrainedPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the model lies that a recipe goes on from. */
public final class PretrainedFolder {
  private PretrainedFolder() {}

  /**
   * The folder with {@code config.json}: a folder, a run's model, or a model of the hub, which is
   * pulled where it has not been.
   *
   * @param path as the recipe has it
   * @throws dev.slipway.base.SlipwayException as {@link PretrainedPath#folder}, and {@code hub.…}
   *     where it can't be pulled
   */
  public static Path of(String path, FetchListener listener) {
    Path given = Path.of(path);
    String name = path.replace('\\', '/');
    if (!Files.exists(given) && RepoId.isOne(name)) {
      RepoId id = RepoId.parse(name);
      Optional<Path> pulled = new HubCache(HubSettings.usual().cache()).find(id);
      return pulled.orElseGet(() -> Hub.usual(listener).pull(id));
    }
    return PretrainedPath.folder(given);
  }
}
