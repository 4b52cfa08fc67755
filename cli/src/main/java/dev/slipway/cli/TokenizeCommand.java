package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.input.TextFiles;
import dev.slipway.cli.model.ModelPath;
import dev.slipway.model.pretrained.ModelFolder;
import dev.slipway.tokenizer.Tokenizer;
import dev.slipway.tokenizer.chat.ChatTokenizer;
import dev.slipway.tokenizer.chat.ChatTokens;
import dev.slipway.tokenizer.chat.Conversation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "tokenize",
    mixinStandardHelpOptions = true,
    description =
        "The token ids of a text, with the special tokens that the model puts around it, or of a conversation.")
final class TokenizeCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      description = "A model folder, a run, a GGUF file, or a tokenizer.json.")
  private Path model = Path.of("");

  @ArgGroup(multiplicity = "1")
  private Input input = new Input();

  @Mixin private Output output = new Output();

  static final class Input {
    @Option(names = "--text", paramLabel = "FILE", description = "A UTF-8 file, or - for stdin.")
    private @Nullable String text;

    @Option(
        names = "--messages",
        paramLabel = "FILE",
        description =
            "A conversation as JSON, put into text by the model's chat template: a list of messages, or"
                + " {messages, tools, chat_template_kwargs}.")
    private @Nullable String messages;
  }

  @Override
  public Integer call() {
    if (input.messages != null) {
      tokenizeMessages(input.messages);
    } else if (input.text != null) {
      tokenizeText(input.text);
    }
    return 0;
  }

  private void tokenizeMessages(String file) {
    Conversation conversation = Conversation.of(Json.parse(TextFiles.read(file), file), file);
    Path folder = Files.exists(model.resolve("tokenizer.json")) ? model : ModelPath.folder(model);
    checkFingerprint(folder);
    ChatTokenizer tokenizer =
        new ChatTokenizer(ModelFolder.tokenizer(folder), ModelFolder.chatTemplates(folder));
    ChatTokens chat = tokenizer.encode(conversation);
    ObjectNode document = Json.object();
    document.put("text", chat.text());
    ArrayNode ids = document.putArray("ids");
    for (int id : chat.ids()) {
      ids.add(id);
    }
    if (chat.marked()) {
      ArrayNode mask = document.putArray("assistant_masks");
      for (boolean assistant : chat.assistant()) {
        mask.add(assistant ? 1 : 0);
      }
    }
    output.print(document, () -> chat.text() + "\n" + chat.ids().length + " tokens\n");
  }

  private void tokenizeText(String file) {
    Tokenizer tokenizer = open(model);
    int[] ids = tokenizer.encodeWithSpecialTokens(TextFiles.read(file));
    ObjectNode document = Json.object();
    ArrayNode idArray = document.putArray("ids");
    ArrayNode tokens = document.putArray("tokens");
    StringBuilder lines = new StringBuilder();
    for (int id : ids) {
      idArray.add(id);
      tokens.add(tokenizer.token(id));
      lines.append(id).append('\t').append(tokenizer.token(id)).append('\n');
    }
    output.print(document, lines::toString);
  }

  static Tokenizer open(Path model) {
    if (model.toString().endsWith(".json")) {
      return ModelFolder.tokenizer(model);
    }
    Path folder = ModelPath.folder(model);
    checkFingerprint(folder);
    return ModelFolder.tokenizer(folder);
  }

  /** Ids of a folder that was changed are not those that its model learnt. */
  private static void checkFingerprint(Path folder) {
    if (Files.isDirectory(folder) && Files.exists(folder.resolve("tokenizer.json"))) {
      new ModelFolder(folder).checkFingerprint();
    }
  }
}
