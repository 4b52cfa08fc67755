package dev.slipway.cli;

import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.NetworkDecoder;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.model.pretrained.PretrainedPath;
import dev.slipway.tensor.DType;
import dev.slipway.tune.PeftFolder;
import dev.slipway.tune.TunedDecoder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Opens a model with an adapter around it; a run or folder that is an adapter brings its model. */
final class AdapterOption {
  @Option(
      names = "--adapter",
      paramLabel = "DIR",
      description = "An adapter in PEFT's format, or a run that made one, to put around the model.")
  private @Nullable Path adapter;

  LanguageModel open(Path model, DType computeType) {
    Path folder = PretrainedPath.folder(model);
    if (adapter == null && !PretrainedPath.isAdapter(folder)) {
      return LanguageModel.open(folder, computeType);
    }
    Path around = adapter == null ? folder : PretrainedPath.folder(adapter);
    Path base =
        PretrainedPath.isAdapter(folder)
            ? PretrainedPath.folder(Path.of(PeftFolder.base(folder)))
            : folder;
    return LanguageModel.of(
        ModelFolder.tokenizer(base),
        PretrainedDecoder.specialIds(base),
        () -> {
          TunedDecoder tuned = TunedDecoder.answering(base, around, computeType);
          return new NetworkDecoder(tuned.network(), tuned::close);
        });
  }
}
