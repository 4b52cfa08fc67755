package dev.slipway.cli.model;

import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.NetworkDecoder;
import dev.slipway.infer.batch.BatchDecoder;
import dev.slipway.infer.batch.BatchNetwork;
import dev.slipway.infer.batch.BatchedModel;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.model.pretrained.PretrainedPath;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tune.LowRankAdapter;
import dev.slipway.tune.PeftFolder;
import dev.slipway.tune.TunedDecoder;
import dev.slipway.weights.Residence;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A language model as a command names it, with an adapter around it or without.
 *
 * @param base the folder of the whole model
 * @param adapter in PEFT's format; null for none
 */
public record AdaptedModel(Path base, @Nullable Path adapter) {
  private static final String BESIDE = "adapter";

  /**
   * @param model a folder, run or pulled name; where that is an adapter, it brings its model
   * @param adapter one to put around it; null for none but that
   */
  public static AdaptedModel of(Path model, @Nullable Path adapter) {
    Path folder = PretrainedPath.folder(model);
    Path around = adapter == null ? null : PretrainedPath.folder(adapter);
    if (!PretrainedPath.isAdapter(folder)) {
      return new AdaptedModel(folder, around);
    }
    Path base = PretrainedPath.whole(Path.of(PeftFolder.base(folder)));
    return new AdaptedModel(base, around == null ? folder : around);
  }

  /**
   * Whose chat template is the model's: an adapter that was tuned on conversations brings the one
   * that it was tuned with.
   */
  public Path text() {
    return adapter != null && ChatTemplates.in(adapter) ? adapter : base;
  }

  /**
   * The model as the service answers with it, for one sequence at a time: the same bytes.
   *
   * @param longest sequence that is needed
   */
  public LanguageModel open(BatchedModel.Options options, long longest) {
    ModelFiles files = ModelFolder.at(base);
    files.checkFingerprint();
    Tokenizer tokenizer = files.tokenizer();
    LanguageModel.requireFitting(tokenizer, files, base);
    int context = PretrainedDecoder.config(files).shape().context();
    BatchedModel.Options one = options.withCacheTokens(Math.clamp(longest, 1, context));
    return LanguageModel.of(
        tokenizer, PretrainedDecoder.specialIds(files), () -> decoder(files, one));
  }

  private BatchDecoder decoder(ModelFiles files, BatchedModel.Options options) {
    if (adapter == null) {
      return new BatchDecoder(plain(files, options));
    }
    if (!LowRankAdapter.batches(base, adapter)) {
      TunedDecoder tuned = TunedDecoder.answering(base, adapter, options.computeType());
      return new BatchDecoder(BatchedModel.network(tuned.network(), options, tuned::close));
    }
    BatchNetwork network = plain(files, options);
    try (LowRankAdapter beside = LowRankAdapter.open(base, adapter)) {
      network.addAdapter(BESIDE, beside.matrices());
      return new BatchDecoder(network, BESIDE);
    } catch (RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private BatchNetwork plain(ModelFiles files, BatchedModel.Options options) {
    ModelFiles mapped = LowRankAdapter.hasKernels(base) ? files.in(Residence.MAPPED_ONCE) : files;
    PretrainedDecoder opened = PretrainedDecoder.open(mapped, options.computeType());
    return BatchedModel.network(opened.network(), options, opened::close);
  }

  /** The model by libtorch, for one sequence at a time. */
  public LanguageModel open(DType computeType) {
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
