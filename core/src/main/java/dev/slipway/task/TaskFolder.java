package dev.slipway.task;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.feature.Preprocessor;
import dev.slipway.model.Network;
import dev.slipway.model.encoder.Head;
import dev.slipway.model.pretrained.EncoderFolder;
import dev.slipway.model.sequential.Sequential;
import dev.slipway.model.sequential.SequentialFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * A model that answers a task, as a folder: {@code config.json} and {@code model.safetensors} (the
 * network), {@code preprocessor.json} and {@code task.json}. Nothing in it can run.
 */
public record TaskFolder(Path folder, Preprocessor preprocessor, Task task) {
  private static final String CONFIG = "config.json";
  private static final String TASK = "task.json";
  private static final String WEIGHTS = "model.safetensors";

  /** Writes a network's configuration and weights into a folder that is there. */
  @FunctionalInterface
  public interface NetworkWriter {
    void write(Path folder) throws IOException;
  }

  /** Opens what a {@link NetworkWriter} wrote, to answer with. */
  @FunctionalInterface
  public interface NetworkOpener {
    Network open(Path folder);
  }

  /** Whether a folder is one of these, rather than a language model's. */
  public static boolean is(Path folder) {
    return Files.isRegularFile(folder.resolve(TASK));
  }

  /**
   * Writes a folder, whole or not at all, in place of one that was.
   *
   * @param texts further files by name, such as {@code README.md}
   */
  public static void save(
      Path folder,
      NetworkWriter network,
      Preprocessor preprocessor,
      Task task,
      Map<String, String> texts) {
    AtomicFiles.writeFolder(
        folder,
        partial -> {
          network.write(partial);
          Map<String, String> files = new TreeMap<>(texts);
          files.putAll(preprocessor.files());
          // A folder of vectors is sentence-transformers' own, which needs no task to answer.
          if (!(task instanceof Contrastive)) {
            files.put(TASK, Json.write(task));
          }
          for (Map.Entry<String, String> file : files.entrySet()) {
            Files.write(
                partial.resolve(file.getKey()), file.getValue().getBytes(StandardCharsets.UTF_8));
          }
        });
  }

  /** {@link #save(Path, NetworkWriter, Preprocessor, Task, Map)} of a network of layers. */
  public static void save(
      Path folder,
      Sequential network,
      Preprocessor preprocessor,
      Task task,
      Map<String, String> texts) {
    save(folder, partial -> SequentialFolder.write(partial, network), preprocessor, task, texts);
  }

  /**
   * Whether a folder holds a published encoder with a classification, tagging or span-answering
   * head, which answers its task though it was not trained here.
   */
  public static boolean isPublished(Path folder) {
    return !is(folder) && PublishedTask.isIn(folder);
  }

  /**
   * Reads all but the network.
   *
   * @throws SlipwayException {@code model.missing}, {@code model.missing-file}, {@code json.…}
   */
  public static TaskFolder open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.missing",
          "there is no folder " + folder + ", expected a trained model",
          "check the path");
    }
    Head published = is(folder) ? null : EncoderFolder.taskHead(folder);
    if (published != null) {
      return PublishedTask.open(folder, published);
    }
    for (String file : List.of(CONFIG, TASK, WEIGHTS, Preprocessor.FILE)) {
      if (!Files.isRegularFile(folder.resolve(file))) {
        throw new SlipwayException(
            Exit.INPUT,
            "model.missing-file",
            folder + " has no " + file + ", expected a trained model",
            "check the path, or copy the folder again");
      }
    }
    return new TaskFolder(
        folder, Preprocessor.read(folder), Json.read(folder.resolve(TASK), Task.class));
  }

  /** An input as a request has it, with values that stand for real ones. */
  public ObjectNode example() {
    return example(preprocessor, task);
  }

  /** As {@link #example()}, of a model that is not in a folder yet. */
  public static ObjectNode example(Preprocessor preprocessor, Task task) {
    return new RawInputs(preprocessor.requested(), task.fields()).example();
  }
}
