package dev.slipway.cli.model;

import dev.slipway.model.pretrained.PretrainedPath;
import java.nio.file.Path;

/**
 * What a user calls a model: a Hugging Face folder, a run with one in it, a GGUF file, or a pulled
 * model's name.
 */
public final class ModelPath {
  private ModelPath() {}

  /** The folder with {@code config.json}, or the GGUF file; {@code ORG/NAME} was pulled. */
  public static Path folder(Path given) {
    return PretrainedPath.folder(given);
  }

  /** What requests call it: the name of the run or of the folder. */
  public static String name(Path modelOrRun) {
    Path absolute = modelOrRun.toAbsolutePath().normalize();
    Path name = absolute.getFileName();
    return name == null ? "model" : name.toString();
  }
}
