package dev.slipway.cli.model;

import dev.slipway.infer.RewardModel;
import dev.slipway.model.ScoreAutograd;
import dev.slipway.model.decoder.ScoringConfig;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.model.pretrained.PretrainedPath;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import dev.slipway.tune.PeftFolder;
import dev.slipway.tune.TunedDecoder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens reward models, whole ones and adapters around their language models. */
public final class RewardModels {
  private RewardModels() {}

  /** Whether a folder is a reward model, or an adapter that makes its model one. */
  public static boolean is(Path folder) {
    if (PretrainedPath.isAdapter(folder)) {
      return PeftFolder.isScoring(folder);
    }
    return Files.exists(folder.resolve("config.json"))
        && PretrainedDecoder.config(folder) instanceof ScoringConfig;
  }

  /** Opens one, to be closed by whoever asked. */
  public static RewardModel open(AdaptedModel model, DType type) {
    Path adapter = model.adapter();
    if (adapter == null) {
      PretrainedDecoder whole = PretrainedDecoder.openScoring(model.base(), type);
      return new RewardModel(
          chat(model.base(), model.base()),
          (ScoringConfig) whole.config(),
          new ScoreAutograd(whole.network(), type, null, false),
          whole::close);
    }
    TunedDecoder tuned = TunedDecoder.scoring(model.base(), adapter, type);
    return new RewardModel(
        chat(model.base(), adapter), (ScoringConfig) tuned.config(), tuned.scores(), tuned::close);
  }

  /** The template that the adapter was learnt with, which may be another than the model's. */
  private static ChatTokenizer chat(Path base, Path adapter) {
    return new ChatTokenizer(
        ModelFolder.tokenizer(base),
        ModelFolder.chatTemplates(ChatTemplates.in(adapter) ? adapter : base));
  }
}
