package dev.slipway.recipe.tuning;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.hub.FetchListener;
import dev.slipway.model.decoder.DecoderConfig;
import dev.slipway.model.gpt.SpecialIds;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.model.pretrained.PretrainedPath;
import dev.slipway.recipe.ModelSettings;
import dev.slipway.recipe.PretrainedFolder;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tune.TunedDecoder;
import dev.slipway.tune.TuningMethod;
import java.nio.file.Path;

/**
 * A published model that a recipe goes on from, without its weights.
 *
 * @param name as the recipe calls it
 * @param folder with {@code config.json}
 * @param tokenizer its own
 * @param context the longest sequence that it is trained on now
 * @param startId begins each document
 * @param endId is predicted at each document's end
 */
public record BaseModel(
    String name,
    Path folder,
    DecoderConfig config,
    SpecialIds ids,
    Tokenizer tokenizer,
    int context,
    int startId,
    int endId) {
  /** Enough for most texts, and what a small machine computes in seconds. */
  private static final int USUAL_CONTEXT = 512;

  /**
   * Opens what a recipe names.
   *
   * @param tune what may take some of its positions
   * @param listener of what has to be pulled first
   * @throws SlipwayException as {@link PretrainedFolder#of} and {@link PretrainedDecoder#config};
   *     {@code model.adapter}, {@code model.context} or {@code model.no-end}
   */
  public static BaseModel open(
      ModelSettings.Pretrained settings, TuningMethod tune, FetchListener listener) {
    Path folder = PretrainedPath.whole(PretrainedFolder.of(settings.path(), listener));
    DecoderConfig config = PretrainedDecoder.config(folder);
    SpecialIds ids = PretrainedDecoder.specialIds(folder);
    Tokenizer tokenizer = ModelFolder.tokenizer(folder);
    int longest = TunedDecoder.longestText(tune, config);
    int context = settings.context().orElse(Math.min(USUAL_CONTEXT, longest));
    if (context > longest) {
      throw new SlipwayException(
          Exit.USAGE,
          "model.context",
          "a context of "
              + context
              + " tokens, expected at most the "
              + longest
              + " that the model has room for",
          "set model.pretrained.context to " + longest);
    }
    int end = end(folder, tokenizer, ids);
    return new BaseModel(
        settings.path(), folder, config, ids, tokenizer, context, start(tokenizer, ids, end), end);
  }

  private static int end(Path folder, Tokenizer tokenizer, SpecialIds ids) {
    int plain = tokenizer.id(BpeConfig.END_OF_TEXT);
    if (plain >= 0) {
      return plain;
    }
    if (ids.eos().isEmpty()) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.no-end",
          folder + " names no token that ends a text, expected eos_token_id in config.json",
          "add eos_token_id to generation_config.json");
    }
    return ids.eos().getFirst();
  }

  /** What the tokenizer itself puts before a text; the end of the text before where it does not. */
  private static int start(Tokenizer tokenizer, SpecialIds ids, int end) {
    int[] framed = tokenizer.encodeWithSpecialTokens("");
    return framed.length > 0 && ids.bos() != null && framed[0] == ids.bos() ? framed[0] : end;
  }
}
