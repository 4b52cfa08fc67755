package dev.slipway.cli.service;

import dev.slipway.base.Json;
import dev.slipway.cli.model.AdaptedModel;
import dev.slipway.cli.model.RewardModels;
import dev.slipway.infer.RewardModel;
import dev.slipway.platform.engine.RewardEngine;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.SpecialTokens;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import dev.slipway.tokenizer.chat.Conversation;
import dev.slipway.tokenizer.chat.TextFingerprint;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** A reward model as the service's engine. */
final class RewardModelEngine implements RewardEngine {
  private final RewardModel model;
  private final TextFingerprint text;

  private RewardModelEngine(RewardModel model, TextFingerprint text) {
    this.model = model;
    this.text = text;
  }

  /** Opens a reward model, whole or as an adapter around its language model. */
  static RewardModelEngine open(AdaptedModel model, DType type) {
    RewardModel opened = RewardModels.open(model, type);
    try {
      ChatTokenizer chat = opened.chat();
      return new RewardModelEngine(
          opened,
          TextFingerprint.of(chat.tokenizer(), SpecialTokens.of(model.base()), chat.templates()));
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public ObjectNode card() {
    return Json.object()
        .put("max_model_len", model.context())
        .put("tokenizer_fingerprint", model.chat().tokenizer().fingerprint())
        .put("text_fingerprint", text.value());
  }

  @Override
  public Rewards rewards(List<Conversation> conversations) {
    List<RewardModel.Reward> rewards = conversations.stream().map(model::reward).toList();
    return new Rewards(
        rewards.stream().map(RewardModel.Reward::reward).toList(),
        rewards.stream().mapToInt(RewardModel.Reward::tokens).sum());
  }

  @Override
  public void close() {
    model.close();
  }
}
