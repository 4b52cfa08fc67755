package dev.slipway.hub;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which of a model's files are needed: weights as safetensors, configuration, tokenizer, templates.
 */
final class HubFiles {
  private static final Pattern SAFE_NAME =
      Pattern.compile("[\\w][\\w. +=@-]*(/[\\w][\\w. +=@-]*)*");
  private static final Pattern WEIGHTS =
      Pattern.compile("(adapter_)?model(-\\d+-of-\\d+)?\\.safetensors");
  private static final Pattern MODULE_FOLDER = Pattern.compile("\\d+_\\w+");
  private static final Set<String> TOKENIZER_FILES =
      Set.of(
          "vocab.txt", "merges.txt", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model");

  private HubFiles() {}

  /** Of all files, those that are downloaded, in their order. */
  static List<String> needed(List<String> files) {
    boolean usualNames = files.stream().anyMatch(file -> WEIGHTS.matcher(file).matches());
    return files.stream()
        .filter(file -> SAFE_NAME.matcher(file).matches() && !file.contains(".."))
        .filter(file -> isNeeded(file, usualNames))
        .toList();
  }

  static boolean isWeights(String file) {
    return file.endsWith(".safetensors");
  }

  private static boolean isNeeded(String file, boolean usualNames) {
    int slash = file.lastIndexOf('/');
    String folder = slash < 0 ? "" : file.substring(0, slash);
    String name = file.substring(slash + 1);
    boolean inPlace =
        folder.isEmpty()
            || MODULE_FOLDER.matcher(folder).matches()
            || folder.equals("additional_chat_templates");
    if (!inPlace) {
      return false;
    }
    if (isWeights(name)) {
      return !folder.isEmpty() || !usualNames || WEIGHTS.matcher(name).matches();
    }
    return name.endsWith(".jinja")
        || TOKENIZER_FILES.contains(name)
        || (name.endsWith(".json") && !(name.endsWith(".bin.index.json")));
  }
}
