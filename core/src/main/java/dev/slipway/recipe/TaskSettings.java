package dev.slipway.recipe;

import dev.slipway.base.binding.Auto;
import dev.slipway.base.binding.Default;
import dev.slipway.base.binding.Doc;
import dev.slipway.base.binding.Range;
import dev.slipway.base.binding.Unwrapped;
import dev.slipway.data.conversation.OverLong;
import dev.slipway.task.TaskConfig;
import dev.slipway.task.preference.PreferenceLoss;

/** What is learnt. */
public sealed interface TaskSettings {
  @Doc("To continue text: the next token from those before it")
  record LanguageModelling() implements TaskSettings {}

  @Doc("To answer as the assistant of conversations does")
  record InstructionTuning(
      @Doc(
              "How conversations become text; auto is the model's own template, or plain where it has none")
          @Default("auto")
          Auto<TemplateSettings> template,
      @Doc("What happens to conversations of more tokens than model.pretrained.context")
          @Default("drop")
          OverLong overLong,
      @Doc("Which tokens are learnt") @Default("assistant") Learn learn,
      @Doc("Whether several conversations share a row, none of which sees another") @Default("true")
          boolean pack)
      implements TaskSettings {
    public InstructionTuning withTemplate(TemplateSettings settled) {
      return new InstructionTuning(Auto.of(settled), overLong, learn, pack);
    }
  }

  @Doc("Which of two answers people like better, or whether they like one")
  record PreferenceTuning(
      @Doc("How it is learnt: dpo, ipo and orpo of pairs, kto of rated answers or pairs")
          @Default("dpo")
          PreferenceLoss loss,
      @Doc(
              "How conversations become text; auto is the model's own template, or plain where it has none")
          @Default("auto")
          Auto<TemplateSettings> template,
      @Doc("What happens to answers of more tokens, with their prompt, than the context")
          @Default("drop")
          OverLong overLong)
      implements TaskSettings {
    public PreferenceTuning withTemplate(TemplateSettings settled) {
      return new PreferenceTuning(loss, Auto.of(settled), overLong);
    }
  }

  @Doc("To give answers rewards, the higher the better people like them, from pairs")
  record RewardModelling(
      @Doc(
              "Weight of the squared sum of a pair's rewards, which keeps them around zero, such as 0.01 (Eisenstein et al. 2023)")
          @Default("0")
          @Range(min = 0, max = 1000)
          double centerRewards,
      @Doc(
              "How conversations become text; auto is the model's own template, or plain where it has none")
          @Default("auto")
          Auto<TemplateSettings> template,
      @Doc("What happens to answers of more tokens, with their prompt, than the context")
          @Default("drop")
          OverLong overLong)
      implements TaskSettings {
    public RewardModelling withTemplate(TemplateSettings settled) {
      return new RewardModelling(centerRewards, Auto.of(settled), overLong);
    }
  }

  /** Which tokens of a conversation are learnt. */
  enum Learn {
    @Doc("What the assistant says, and the token that ends its turn")
    ASSISTANT,
    @Doc("All of them")
    ALL
  }

  /** A task that is learnt of examples. */
  @Unwrapped
  record Examples(TaskConfig task) implements TaskSettings {}
}
