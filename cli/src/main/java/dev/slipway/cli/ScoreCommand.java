package dev.slipway.cli;

import dev.slipway.base.Json;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.input.TextFiles;
import dev.slipway.cli.model.AdapterOption;
import dev.slipway.cli.model.DtypeOption;
import dev.slipway.cli.model.RewardModels;
import dev.slipway.infer.LanguageModel;
import dev.slipway.infer.RewardModel;
import dev.slipway.infer.Score;
import dev.slipway.tokenizer.chat.Conversation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
    name = "score",
    mixinStandardHelpOptions = true,
    description =
        "How likely a text is to a language model: log-probabilities, perplexity and bits per byte; or the reward that a"
            + " reward model gives a conversation's answer.")
final class ScoreCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "A model folder, a run or a GGUF file.")
  private Path model = Path.of("");

  @ArgGroup(multiplicity = "1")
  private Input input = new Input();

  @Mixin private AdapterOption adapter = new AdapterOption();
  @Mixin private DtypeOption dtype = new DtypeOption();
  @Mixin private Output output = new Output();

  static final class Input {
    @Option(names = "--text", paramLabel = "FILE", description = "A UTF-8 file, or - for stdin.")
    private @Nullable String text;

    @Option(
        names = "--messages",
        paramLabel = "FILE",
        description =
            "Conversations as JSON, one a line or a single one: a list of messages that ends with the answer, or"
                + " {messages, tools, chat_template_kwargs}. For reward models.")
    private @Nullable String messages;
  }

  @Override
  public Integer call() {
    if (input.messages != null) {
      rewards(input.messages);
    } else if (input.text != null) {
      likelihood(input.text);
    }
    return 0;
  }

  private void rewards(String file) {
    List<Conversation> conversations = conversations(file);
    try (RewardModel opened = RewardModels.open(adapter.named(model), dtype.type())) {
      ObjectNode document = Json.object();
      ArrayNode list = document.putArray("rewards");
      StringBuilder text = new StringBuilder();
      for (Conversation conversation : conversations) {
        RewardModel.Reward reward = opened.reward(conversation);
        list.addObject().put("reward", reward.reward()).put("tokens", reward.tokens());
        text.append(
            String.format(
                Locale.ROOT, "reward %.4f   %,d tokens%n", reward.reward(), reward.tokens()));
      }
      output.print(document, text::toString);
    }
  }

  /** One of a whole document, or one a line. */
  private static List<Conversation> conversations(String file) {
    String content = TextFiles.read(file);
    List<String> lines = content.lines().filter(line -> !line.isBlank()).toList();
    boolean each = lines.size() > 1 && lines.stream().allMatch(ScoreCommand::isWhole);
    List<Conversation> conversations = new ArrayList<>();
    if (!each) {
      return List.of(Conversation.of(Json.parse(content, file), file));
    }
    for (int i = 0; i < lines.size(); i++) {
      String name = file + ", line " + (i + 1);
      conversations.add(Conversation.of(Json.parse(lines.get(i), name), name));
    }
    return conversations;
  }

  /** Whether a line can be a document of its own, and no part of one. */
  private static boolean isWhole(String line) {
    String bare = line.strip();
    return bare.startsWith("[") && bare.endsWith("]") || bare.startsWith("{") && bare.endsWith("}");
  }

  private void likelihood(String file) {
    String content = TextFiles.read(file);
    try (LanguageModel opened =
        adapter.open(model, dtype.engine(), TextFiles.mostTokens(content))) {
      Score score = opened.score(content);
      ObjectNode document = Json.object();
      score.ids().forEach(document.putArray("ids")::add);
      score.logprobs().forEach(document.putArray("logprobs")::add);
      // An empty text has no likelihood: JSON has no NaN, so these are null.
      putFinite(document, "nll_per_token", score.nllPerToken());
      putFinite(document, "perplexity", score.perplexity());
      putFinite(document, "bits_per_byte", score.bitsPerByte());
      output.print(document, () -> text(score));
    }
  }

  private static String text(Score score) {
    if (score.logprobs().isEmpty()) {
      return String.format(
          Locale.ROOT,
          "%,d tokens: too short, likelihood is of those after the first%n",
          score.ids().size());
    }
    return String.format(
        Locale.ROOT,
        "%,d tokens   nll per token %.4f   perplexity %.3f   bits per byte %.4f%n",
        score.ids().size(),
        score.nllPerToken(),
        score.perplexity(),
        score.bitsPerByte());
  }

  private static void putFinite(ObjectNode document, String name, double value) {
    if (Double.isFinite(value)) {
      document.put(name, value);
    } else {
      document.putNull(name);
    }
  }
}
