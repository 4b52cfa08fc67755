import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.agent.tool.ToolSpecifications;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** LangChain4j's OpenAI models against a running service: LangChain4jClient ADDRESS MODEL. */
final class LangChain4jClient {
  static final class Lights {
    @Tool("Switches a light.")
    void light(@P("whether it shines") boolean on, @P("where") Room room) {}

    enum Room {
      HALL,
      ATTIC
    }
  }

  public static void main(String[] arguments) throws Exception {
    String url = arguments[0] + "/v1";
    String name = arguments[1];
    OpenAiChatModel model =
        OpenAiChatModel.builder()
            .baseUrl(url)
            .apiKey("none")
            .modelName(name)
            .temperature(0.0)
            .seed(3)
            .maxTokens(120)
            .maxRetries(0)
            .timeout(Duration.ofSeconds(60))
            .build();
    ChatRequest short8 =
        ChatRequest.builder().messages(UserMessage.from("hello")).maxOutputTokens(8).build();
    ChatResponse whole = model.chat(short8);
    holds("chat", !whole.aiMessage().text().isEmpty() && whole.modelName().equals(name));
    holds(
        "usage",
        whole.tokenUsage().totalTokenCount()
            == whole.tokenUsage().inputTokenCount() + whole.tokenUsage().outputTokenCount());
    holds("length", whole.finishReason() == FinishReason.LENGTH || whole.finishReason() == FinishReason.STOP);

    OpenAiStreamingChatModel streaming =
        OpenAiStreamingChatModel.builder()
            .baseUrl(url)
            .apiKey("none")
            .modelName(name)
            .temperature(0.0)
            .seed(3)
            .timeout(Duration.ofSeconds(60))
            .build();
    StringBuilder pieces = new StringBuilder();
    CompletableFuture<ChatResponse> last = new CompletableFuture<>();
    streaming.chat(
        short8,
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String piece) {
            pieces.append(piece);
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            last.complete(response);
          }

          @Override
          public void onError(Throwable error) {
            last.completeExceptionally(error);
          }
        });
    ChatResponse streamed = last.get(60, TimeUnit.SECONDS);
    holds("stream", pieces.toString().equals(whole.aiMessage().text()));
    holds("stream usage", streamed.tokenUsage().equals(whole.tokenUsage()));

    ChatRequest asking =
        ChatRequest.builder()
            .messages(UserMessage.from("hello"))
            .toolSpecifications(ToolSpecifications.toolSpecificationsFrom(Lights.class))
            .toolChoice(ToolChoice.REQUIRED)
            .build();
    ChatResponse called = model.chat(asking);
    AiMessage calling = called.aiMessage();
    holds("tool call", calling.toolExecutionRequests().size() == 1 && calling.toolExecutionRequests().getFirst().name().equals("light"));
    holds("tool arguments", calling.toolExecutionRequests().getFirst().arguments().matches("(?s).*(HALL|ATTIC).*"));
    holds("tool finish", called.finishReason() == FinishReason.TOOL_EXECUTION);
    ChatResponse after =
        model.chat(
            ChatRequest.builder()
                .messages(
                    List.of(
                        UserMessage.from("hello"),
                        calling,
                        ToolExecutionResultMessage.from(calling.toolExecutionRequests().getFirst(), "done")))
                .maxOutputTokens(4)
                .build());
    holds("tool answer", after.tokenUsage().outputTokenCount() > 0);

    try {
      model.chat(ChatRequest.builder().messages(UserMessage.from("hello")).modelName("other").build());
      throw new AssertionError("another model was not refused");
    } catch (dev.langchain4j.exception.ModelNotFoundException e) {
      holds("error", e.getMessage().contains("model_not_found"));
    }
    try {
      model.chat(ChatRequest.builder().messages(UserMessage.from("hello")).temperature(9.0).build());
      throw new AssertionError("a temperature of 9 was not refused");
    } catch (InvalidRequestException e) {
      holds("error of a field", e.getMessage().contains("temperature"));
    }
    System.exit(0);
  }

  private static void holds(String what, boolean condition) {
    if (!condition) {
      throw new AssertionError(what);
    }
    System.out.println("ok " + what);
  }
}
