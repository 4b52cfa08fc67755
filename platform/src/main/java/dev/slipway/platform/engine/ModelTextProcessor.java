package dev.slipway.platform.engine;

import dev.slipway.infer.grammar.AnswerFormat;
import dev.slipway.infer.grammar.Constraint;
import dev.slipway.infer.grammar.Constraints;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.platform.toolcall.ToolConvention;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.chat.ChatTemplates;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import dev.slipway.tokenizer.chat.Conversation;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a model make of texts.
 *
 * @param templates of conversations; throws where the model has none
 * @param hasTemplates whether it has
 * @param constraints compiled ones are shared with the adapters of the model
 */
record ModelTextProcessor(
    Tokenizer tokenizer,
    ModelFacts facts,
    Supplier<ChatTemplates> templates,
    boolean hasTemplates,
    Constraints constraints,
    int leadingSpecialTokens)
    implements TextProcessor {
  /**
   * @param text the folder or GGUF file with the chat template
   */
  static ModelTextProcessor of(Tokenizer tokenizer, ModelFacts facts, Path text) {
    int leading = tokenizer.encodeWithSpecialTokens("").length;
    return new ModelTextProcessor(
        tokenizer, facts, templates(text), has(text), new Constraints(tokenizer), leading);
  }

  /** The same model by the chat template of another folder. */
  ModelTextProcessor with(ModelFacts others, Path text) {
    return new ModelTextProcessor(
        tokenizer, others, templates(text), has(text), constraints, leadingSpecialTokens);
  }

  private static boolean has(Path text) {
    return ModelFolder.at(text).hasChatTemplates();
  }

  /** A malformed template is told when the service starts; none, when it is asked for. */
  private static Supplier<ChatTemplates> templates(Path text) {
    ModelFiles files = ModelFolder.at(text);
    if (files.hasChatTemplates()) {
      ChatTemplates templates = files.chatTemplates();
      return () -> templates;
    }
    return files::chatTemplates;
  }

  @Override
  public Tokens tokens() {
    return Tokens.of(tokenizer, facts.contextLength());
  }

  @Override
  public int[] encode(String text) {
    return tokenizer.encodeWithSpecialTokens(text);
  }

  @Override
  public int[] encode(Conversation conversation) {
    return new ChatTokenizer(tokenizer, templates.get()).encode(conversation).ids();
  }

  @Override
  public boolean hasChatTemplate() {
    return hasTemplates;
  }

  @Override
  public @Nullable ToolConvention toolConvention() {
    return hasTemplates ? ToolConvention.of(templates.get().forTools().source()) : null;
  }

  @Override
  public @Nullable Constraint constraint(AnswerFormat format, String client) {
    return constraints.of(format, client);
  }

  @Override
  public String text(int[] ids) {
    return tokenizer.decode(ids, true);
  }
}
