package dev.slipway.infer;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.model.ModelFiles;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.model.pretrained.PretrainedDecoder;
import dev.slipway.model.pretrained.RerankerModules;
import dev.slipway.tensor.DType;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import dev.slipway.tokenizer.chat.Conversation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * A cross-encoder whose network is a causal decoder: the chat template asks whether the document
 * answers the query, and what the model would say next is the score (Zhang et al. 2025).
 */
final class DecoderPairs implements CrossEncoder {
  private final ChatTokenizer chat;
  private final RerankerModules modules;
  private final Decoder decoder;
  private final int longest;

  /** What the template ends every pair with, which is read last and stays where texts are cut. */
  private final int[] ending;

  private DecoderPairs(ChatTokenizer chat, RerankerModules modules, Decoder decoder) {
    this.chat = chat;
    this.modules = modules;
    this.decoder = decoder;
    Integer limit = modules.longest();
    longest = limit == null ? decoder.context() : Math.min(limit, decoder.context());
    int[] filled = ids("0", "0");
    if (Arrays.equals(filled, ids("1 2 3 4", "0")) || Arrays.equals(filled, ids("0", "1 2 3 4"))) {
      throw new SlipwayException(
          Exit.INPUT,
          "model.unsupported-setting",
          "the chat template of "
              + modules.decoder()
              + " leaves out the query or the document, expected one that writes messages of the roles query and document",
          "put a chat_template.jinja that does beside the model");
    }
    ending = sameEnd(filled, ids("1 2 3 4", "1 2 3 4"));
  }

  /** Opens a folder of {@link RerankerModules}. */
  static DecoderPairs open(Path folder) {
    RerankerModules modules = RerankerModules.of(folder);
    ModelFiles files = ModelFolder.at(modules.decoder());
    files.checkFingerprint();
    ChatTokenizer chat = new ChatTokenizer(files.tokenizer(), files.chatTemplates());
    LanguageModel.requireFitting(chat.tokenizer(), files, folder);
    PretrainedDecoder opened =
        modules.judgement() == null
            ? PretrainedDecoder.openScoring(modules.decoder(), DType.FLOAT32)
            : PretrainedDecoder.open(files, DType.FLOAT32);
    try {
      return new DecoderPairs(chat, modules, new NetworkDecoder(opened));
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public Tokenizer tokenizer() {
    return chat.tokenizer();
  }

  @Override
  public int longest() {
    return longest;
  }

  @Override
  public Scores scores(List<String> first, List<String> second) {
    if (first.size() != 1 && first.size() != second.size()) {
      throw new IllegalArgumentException(first.size() + " texts with " + second.size());
    }
    List<Double> scores = new ArrayList<>();
    int tokens = 0;
    for (int i = 0; i < second.size(); i++) {
      int[] ids = cut(ids(first.get(first.size() == 1 ? 0 : i), second.get(i)));
      tokens += ids.length;
      try (Decoder.Session session = decoder.open(ids.length)) {
        scores.add(modules.activation().apply(logit(session.extend(ids))));
      }
    }
    return new Scores(scores, tokens);
  }

  /**
   * @param logits of all tokens (V), or of the one label
   */
  private double logit(float[] logits) {
    RerankerModules.Judgement judgement = modules.judgement();
    if (judgement == null) {
      return logits[0];
    }
    Integer no = judgement.falseToken();
    return logits[judgement.trueToken()] - (no == null ? 0 : logits[no]);
  }

  private int[] ids(String query, String document) {
    List<ObjectNode> messages = new ArrayList<>();
    if (!modules.prompt().isEmpty()) {
      messages.add(message("system", modules.prompt()));
    }
    messages.add(message("query", query));
    messages.add(message("document", document));
    return chat.encode(Conversation.of(messages, modules.addGenerationPrompt())).ids();
  }

  private ObjectNode message(String role, String text) {
    ObjectNode message = Json.object().put("role", role);
    if (modules.structured()) {
      message.putArray("content").addObject().put("type", "text").put("text", text);
    } else {
      message.put("content", text);
    }
    return message;
  }

  private int[] cut(int[] ids) {
    if (ids.length <= longest) {
      return ids;
    }
    int[] cut = Arrays.copyOf(ids, longest);
    int kept = Math.min(ending.length, longest);
    System.arraycopy(ending, ending.length - kept, cut, longest - kept, kept);
    return cut;
  }

  private static int[] sameEnd(int[] one, int[] other) {
    int same = 0;
    while (same < Math.min(one.length, other.length)
        && one[one.length - 1 - same] == other[other.length - 1 - same]) {
      same++;
    }
    return Arrays.copyOfRange(one, one.length - same, one.length);
  }

  @Override
  public void close() {
    decoder.close();
  }
}
