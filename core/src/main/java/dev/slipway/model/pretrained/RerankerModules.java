package dev.slipway.model.pretrained;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.gguf.GgufModel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What sentence-transformers' {@code CrossEncoder} does before and after a causal decoder, read
 * from {@code modules.json} and the files that it names.
 *
 * @param decoder the folder of the decoder, its tokenizer and its chat template
 * @param judgement what is read of the next token; null for a head of one label
 * @param activation of the number
 * @param longest how many tokens of a pair are taken; null where nothing says so
 * @param prompt the instruction, which goes before each pair as the system's message; may be empty
 * @param addGenerationPrompt whether the template is asked for the beginning of an answer
 * @param structured whether a message's content is a list of parts
 */
public record RerankerModules(
    Path decoder,
    @Nullable Judgement judgement,
    CrossEncoderModules.Activation activation,
    @Nullable Integer longest,
    String prompt,
    boolean addGenerationPrompt,
    boolean structured) {
  /**
   * The tokens whose logits are the score.
   *
   * @param trueToken such as yes
   * @param falseToken whose logit is taken off, such as no; null where none is
   */
  public record Judgement(int trueToken, @Nullable Integer falseToken) {}

  /**
   * Whether a folder says that its decoder is a cross-encoder: a {@code LogitScore} stands behind
   * it, or it has a head for sequence classification and takes messages.
   */
  public static boolean is(Path folder) {
    if (GgufModel.is(folder)) {
      return false;
    }
    Path modules = folder.resolve("modules.json");
    if (!Files.isRegularFile(modules)) {
      return false;
    }
    JsonNode list = Json.read(modules);
    if (list.size() == 2) {
      return kind(list.path(1)).equals("LogitScore");
    }
    Path decoder = SentenceModules.inside(folder, list.path(0).path("path").asString(""), modules);
    JsonNode settings = SentenceModules.optional(decoder.resolve("sentence_bert_config.json"));
    return list.size() == 1
        && settings.path("transformer_task").asString("").equals("sequence-classification")
        && settings.path("modality_config").has("message")
        && !EncoderFolder.isEncoder(decoder);
  }

  /**
   * Reads a folder that {@link #is} one.
   *
   * @throws SlipwayException {@code model.unsupported-setting} for what Slipway does not have
   */
  public static RerankerModules of(Path folder) {
    Path modules = folder.resolve("modules.json");
    JsonNode list = Json.read(modules);
    Path decoder = SentenceModules.inside(folder, list.path(0).path("path").asString(""), modules);
    JsonNode settings = SentenceModules.optional(decoder.resolve("sentence_bert_config.json"));
    JsonNode own = SentenceModules.optional(folder.resolve("config_sentence_transformers.json"));
    JsonNode limit = settings.path("max_seq_length");
    return new RerankerModules(
        decoder,
        list.size() == 1
            ? null
            : judgement(
                SentenceModules.inside(folder, list.path(1).path("path").asString(""), modules)
                    .resolve("config.json"),
                PretrainedDecoder.config(decoder).shape().vocabularySize()),
        CrossEncoderModules.activation(own, ModelFolder.at(decoder).config(), folder),
        limit.isIntegralNumber() && limit.asInt() > 0
            ? Integer.valueOf(limit.asInt())
            : SentenceModules.tokenizerLimit(decoder),
        SentenceModules.prompt(own),
        settings
            .path("processing_kwargs")
            .path("chat_template")
            .path("add_generation_prompt")
            .asBoolean(false),
        settings
            .path("modality_config")
            .path("message")
            .path("format")
            .asString("flat")
            .equals("structured"));
  }

  private static String kind(JsonNode module) {
    String type = module.path("type").asString("");
    return type.substring(type.lastIndexOf('.') + 1);
  }

  private static Judgement judgement(Path source, int vocabulary) {
    JsonNode config = Json.read(source);
    JsonNode no = config.path("false_token_id");
    return new Judgement(
        token(source, "true_token_id", config.path("true_token_id"), vocabulary),
        no.isMissingNode() || no.isNull()
            ? null
            : Integer.valueOf(token(source, "false_token_id", no, vocabulary)));
  }

  private static int token(Path source, String key, JsonNode id, int vocabulary) {
    if (!id.isIntegralNumber()
        || !id.canConvertToInt()
        || id.asInt() < 0
        || id.asInt() >= vocabulary) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.unsupported-setting",
          source + " has the " + key + " " + id + ", expected a token below " + vocabulary,
          "put back the file that belongs to the model");
    }
    return id.asInt();
  }
}
