package dev.slipway.infer.evaluate;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.Continuation;
import dev.slipway.infer.LanguageModel;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Texts to ids as lm-evaluation-harness 0.4.13 has it for models of transformers ({@code
 * TemplateLM._encode_pair}).
 */
final class Encoding {
  private final Tokenizer tokenizer;
  private final int first;
  private final String firstText;

  /**
   * @param folder of the model
   */
  Encoding(LanguageModel model, Path folder) {
    tokenizer = model.tokenizer();
    String token = ModelFolder.at(folder).specialTokens().first();
    int id = token == null ? -1 : tokenizer.id(token);
    if (id < 0) {
      Integer bos = model.specialIds().bos();
      id =
          bos != null
              ? bos
              : model.specialIds().eos().isEmpty() ? -1 : model.specialIds().eos().getFirst();
    }
    if (id < 0) {
      throw new SlipwayException(
          Exit.INPUT,
          "task.no-first-token",
          folder + " names no token that begins or ends a text",
          "give bos_token or eos_token in its tokenizer_config.json");
    }
    first = id;
    firstText = tokenizer.decode(new int[] {id}, false);
  }

  /** With the tokenizer's special tokens, but where the text begins with the first one itself. */
  int[] ids(String text) {
    return !firstText.isEmpty() && text.startsWith(firstText)
        ? tokenizer.encode(text)
        : tokenizer.encodeWithSpecialTokens(text);
  }

  /** The token before a text that nothing precedes. */
  int first() {
    return first;
  }

  /**
   * Space at the end of the context belongs to the continuation; the continuation's ids are what
   * both together have behind those of the context.
   */
  Continuation pair(String context, String continuation) {
    if (context.isEmpty()) {
      int[] ids = tokenizer.encode(continuation);
      return ids.length > 0 && ids[0] == first
          ? new Continuation(Arrays.copyOf(ids, 1), Arrays.copyOfRange(ids, 1, ids.length))
          : new Continuation(new int[] {first}, ids);
    }
    int end = Spaces.withoutTrailing(context);
    int[] whole = ids(context + continuation);
    int[] before = ids(context.substring(0, end));
    int[] behind =
        before.length < whole.length
            ? Arrays.copyOfRange(whole, before.length, whole.length)
            : new int[0];
    return new Continuation(before, behind);
  }
}
