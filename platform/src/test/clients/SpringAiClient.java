import java.time.Duration;
import java.util.List;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.ai.openai.OpenAiChatOptions;

/** Spring AI's OpenAI model against a running service: SpringAiClient ADDRESS MODEL. */
final class SpringAiClient {
  public static void main(String[] arguments) {
    String name = arguments[1];
    OpenAiChatModel model = OpenAiChatModel.builder().options(options(arguments[0], name).build()).build();
    Prompt prompt = new Prompt(new UserMessage("hello"));
    ChatResponse whole = model.call(prompt);
    String said = whole.getResult().getOutput().getText();
    holds("chat", said != null && !said.isEmpty() && whole.getMetadata().getModel().equals(name));
    holds(
        "usage",
        whole.getMetadata().getUsage().getTotalTokens()
            == whole.getMetadata().getUsage().getPromptTokens()
                + whole.getMetadata().getUsage().getCompletionTokens());
    holds("finish reason", List.of("LENGTH", "STOP").contains(whole.getResult().getMetadata().getFinishReason().toUpperCase()));
    holds("greedy twice", said.equals(model.call(prompt).getResult().getOutput().getText()));

    StringBuilder pieces = new StringBuilder();
    for (ChatResponse piece : model.stream(prompt).toIterable()) {
      if (piece.getResult() != null && piece.getResult().getOutput().getText() != null) {
        pieces.append(piece.getResult().getOutput().getText());
      }
    }
    holds("stream", pieces.toString().equals(said));

    OpenAiChatModel other = OpenAiChatModel.builder().options(options(arguments[0], "other").build()).build();
    try {
      other.call(prompt);
      throw new AssertionError("another model was not refused");
    } catch (RuntimeException e) {
      holds("error", String.valueOf(e.getMessage()).contains("does not exist"));
    }
    System.exit(0);
  }

  private static OpenAiChatOptions.Builder options(String address, String name) {
    OpenAiChatOptions.Builder options = new OpenAiChatOptions.Builder();
    options
        .baseUrl(address + "/v1")
        .apiKey("none")
        .model(name)
        .temperature(0.0)
        .seed(3)
        .maxTokens(8)
        .maxRetries(0)
        .timeout(Duration.ofSeconds(60));
    return options;
  }

  private static void holds(String what, boolean condition) {
    if (!condition) {
      throw new AssertionError(what);
    }
    System.out.println("ok " + what);
  }
}
