package dev.slipway.recipe.run;

import java.nio.file.Path;

/**
 * Where things are in a run's folder.
 *
 * @param root the folder
 */
public record RunPaths(Path root) {
  /** The resolved recipe, which reproduces the run. */
  public Path recipe() {
    return root.resolve("recipe.yaml");
  }

  /** What was forecast before the run. */
  public Path forecast() {
    return root.resolve("forecast.json");
  }

  /** The machine that it was forecast for. */
  public Path machine() {
    return root.resolve("machine.json");
  }

  /** What the run really took and reached. */
  public Path actual() {
    return root.resolve("actual.json");
  }

  /** Seconds of each finished phase, over all processes that worked on the run. */
  public Path phases() {
    return root.resolve("phases.json");
  }

  /** What the training told, a line an event. */
  public Path events() {
    return root.resolve("events.jsonl");
  }

  /** What became of each input record. */
  public Path ledger() {
    return root.resolve("ledger.parquet");
  }

  /** Cleaned documents, by split. */
  public Path documents() {
    return root.resolve("prepared/documents");
  }

  /** The folder of {@code tokenizer.json}. */
  public Path tokenizer() {
    return root.resolve("prepared/tokenizer");
  }

  /** Token shards, by split. */
  public Path tokens() {
    return root.resolve("prepared/tokens");
  }

  public Path checkpoints() {
    return root.resolve("checkpoints");
  }

  /** The finished model as a Hugging Face folder. */
  public Path model() {
    return root.resolve("model");
  }

  public Path evaluation() {
    return root.resolve("evaluation.json");
  }

  public Path report() {
    return root.resolve("report.html");
  }

  /** The report's charts as PNG files. */
  public Path pictures() {
    return root.resolve("pictures");
  }

  public Path tensorBoard() {
    return root.resolve("tensorboard");
  }
}
