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

/**
 * A language model as a command names it, with an adapter around it or without.
 *
 * @param base the folder of the whole model
 * @param adapter in PEFT's format; null for none
 */
record AdaptedModel(Path base, @Nullable Path adapter) {
  /**
   * @param model a folder, run or pulled name; where that is an adapter, it brings its model
   * @param adapter one to put around it; null for none but that
   */
  static AdaptedModel of(Path model, @Nullable Path adapter) {
    Path folder = PretrainedPath.folder(model);
    Path around = adapter == null ? null : PretrainedPath.folder(adapter);
    if (!PretrainedPath.isAdapter(folder)) {
      return new AdaptedModel(folder, around);
    }
    Path base = PretrainedPath.whole(Path.of(PeftFolder.base(folder)));
    return new AdaptedModel(base, around == null ? folder : around);
  }

  LanguageModel open(DType computeType) {
    if (adapter == null) {
      return LanguageModel.open(base, computeType);
    }
    Path around = adapter;
    return LanguageModel.of(
        ModelFolder.tokenizer(base),
        PretrainedDecoder.specialIds(base),
        () -> {
          TunedDecoder tuned = TunedDecoder.answering(base, around, computeType);
          return new NetworkDecoder(tuned.network(), tuned::close);
        });
  }
}
