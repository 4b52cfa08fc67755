package dev.slipway.cli.model;

import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.batch.BatchedModel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Opens a model with an adapter around it; a run or folder that is an adapter brings its model. */
public final class AdapterOption {
  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "An adapter in PEFT's format, or a run that made one, to put around the model.")
  private @Nullable Path adapter;

  /**
   * The model as the service answers with it.
   *
   * @param longest sequence that is needed
   */
  public LanguageModel open(Path model, BatchedModel.Options options, long longest) {
    return named(model).open(options, longest);
  }

  /** The model with its adapter, not yet opened. */
  public AdaptedModel named(Path model) {
    return AdaptedModel.of(model, adapter);
  }
}
