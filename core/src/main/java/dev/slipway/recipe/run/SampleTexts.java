package dev.slipway.recipe.run;

import dev.slipway.data.Documents;
import dev.slipway.data.SplitName;
import dev.slipway.recipe.DataSettings.ConversationSource;
import dev.slipway.recipe.DataSettings.ExampleSource;
import dev.slipway.recipe.DataSettings.Source;
import java.util.ArrayList;
import java.util.List;

/** Beginnings for the model to continue. */
public final class SampleTexts {
  /** Characters of a held-out document that make a prompt: enough to show what it is about. */
  private static final int PROMPT = 240;

  private SampleTexts() {}

  /** The beginnings of the first held-out documents of the test split, cut at a line's end. */
  static List<String> prompts(Documents documents, int count) {
    List<String> prompts = new ArrayList<>();
    for (String text : documents.texts(SplitName.TEST)) {
      if (prompts.size() == count) {
        break;
      }
      // From the middle: the beginning of source files is all imports.
      int from = text.indexOf('\n', Math.max(0, text.length() / 2)) + 1;
      int to = text.lastIndexOf('\n', Math.min(text.length() - 1, from + PROMPT)) + 1;
      if (to - from > PROMPT / 4) {
        prompts.add(text.substring(from, to));
      }
    }
    return prompts;
  }

  /** A text that a model of this source continues well. */
  public static String example(Source source) {
    return switch (source) {
      case Source.Zip zip when zip.include().stream().anyMatch(glob -> glob.endsWith(".java")) ->
          "public static int max(int a, int b) {";
      case Source.Zip _, Source.Folder _, Source.Jsonl _, Source.Text _, Source.Parquet _ -> "The";
      case ConversationSource _ -> "Hello";
      case ExampleSource _ -> throw new IllegalStateException("a source of examples");
    };
  }
}
