package dev.slipway.model.pretrained;

import dev.slipway.model.ModelFiles;
import dev.slipway.model.decoder.Checkpoint;
import dev.slipway.model.gguf.GgufExport;
import dev.slipway.model.gguf.GgufFileType;
import dev.slipway.weights.WeightSource;
import java.nio.file.Path;

/** Writes published models in other formats than their own. */
public final class Export {
  /** Is told of progress. */
  @FunctionalInterface
  public interface Listener {
    /** So many tensors of all are written. */
    void written(int tensors, int all);
  }

  private Export() {}

  /**
   * Writes a decoder as a GGUF file that llama.cpp loads, whole or not at all.
   *
   * @param path a folder or a GGUF file
   * @param name what the file calls the model
   */
  public static void gguf(Path path, GgufFileType type, String name, Path file, Listener listener) {
    ModelFiles files = ModelFolder.at(path);
    try (WeightSource source = files.openWeights()) {
      Checkpoint checkpoint =
          Checkpoint.check(source, PretrainedDecoder.config(files), files.name());
      GgufExport export =
          new GgufExport(files, checkpoint, PretrainedDecoder.specialIds(files), type, name);
      export.write(file, written -> listener.written(written, export.tensors()));
    }
  }
}
