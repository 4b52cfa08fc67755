package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.infer.grammar.AnswerFormat;
import dev.slipway.infer.grammar.Constraint;
import dev.slipway.platform.engine.Continuation;
import dev.slipway.platform.engine.TextProcessor;
import dev.slipway.platform.toolcall.ToolConvention;
import dev.slipway.tokenizer.chat.Conversation;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/chat/completions}: conversations by the model's own template. */
final class ChatHandler implements Handler {
  private final ServeOptions options;
  private final Supplier<ServedModels> models;
  private final Answering answering;
  private final @Nullable AnswerLedger ledger;

  /**
   * @param models throws an {@link ApiProblem} while there are none to be had
   * @param ledger remembers answers for feedback; null where none is taken
   */
  ChatHandler(
      ServeOptions options,
      Supplier<ServedModels> models,
      Answering answering,
      @Nullable AnswerLedger ledger) {
    this.options = options;
    this.models = models;
    this.answering = answering;
    this.ledger = ledger;
  }

  @Override
  public void handle(ServerRequest http, ServerResponse response) {
    ServedModels known = models.get();
    ChatRequest request = ChatReader.read(RequestBody.json(http, options.maxBodyBytes()));
    Supplier<String> conversation = () -> conversation(http, request);
    try (ServedModel.Lease lease = known.lease(http, response, request.model(), conversation)) {
      answer(http, response, request, lease);
    }
  }

  /**
   * What the turns of a conversation have in common: whom they are for, or else how it began, up to
   * the first thing that the user said, and the key that asks.
   */
  private static String conversation(ServerRequest http, ChatRequest request) {
    if (request.user() != null) {
      return request.user();
    }
    StringBuilder beginning = new StringBuilder(Callers.of(http).name());
    for (ObjectNode message : request.conversation().messages()) {
      beginning.append('\n').append(Json.line(message));
      if (message.path("role").asString("").equals("user")) {
        break;
      }
    }
    return beginning.toString();
  }

  private void answer(
      ServerRequest http, ServerResponse response, ChatRequest request, ServedModel.Lease lease) {
    TextProcessor text = lease.processor();
    if (request.n() > options.queue().choices()) {
      throw ApiProblem.invalid(
          "n",
          "invalid_value",
          "'n' is " + request.n() + ", expected at most " + options.queue().choices());
    }
    ToolUse use = request.tools();
    ToolConvention convention = use.tools().isEmpty() ? null : convention(text);
    int[] prompt = prompt(text, request.conversation());
    if (convention != null && use.isForced() && !convention.opening().isEmpty()) {
      prompt = concat(prompt, text.tokens().encode(convention.opening(), false));
    }
    int room = text.facts().contextLength() - prompt.length;
    Integer asked = request.maxTokens();
    int most = asked == null ? Math.max(1, room) : asked;
    ModelBounds.requireFit(text.facts(), "messages", prompt.length, most);
    ModelBounds.requireTokens(text.facts(), request.sampling(), request.ending());
    long seed = request.seed() == null ? ThreadLocalRandom.current().nextLong() : request.seed();
    Constraint constraint = constraint(text, request, convention, Callers.of(http).name());
    List<Continuation> continuations = new ArrayList<>();
    for (int choice = 0; choice < request.n(); choice++) {
      continuations.add(
          new Continuation(
              prompt,
              most,
              request.sampling().withSeed(seed + choice),
              request.ending(),
              request.logprobs() == null ? -1 : request.logprobs(),
              false,
              constraint));
    }
    answering.send(
        http,
        response,
        lease,
        continuations,
        new ChatAnswer(request, lease.name(), text, convention, prompt.length),
        request.stream(),
        request.includeUsage(),
        answer -> remember(http, lease, request.conversation(), answer));
  }

  private void remember(
      ServerRequest http,
      ServedModel.Lease lease,
      Conversation conversation,
      GrowingAnswer answer) {
    if (ledger != null) {
      ledger.remember(
          answer.id(),
          new AnswerLedger.Answered(
              Callers.of(http).name(),
              lease.name(),
              lease.processor().facts().version(),
              Json.array().addAll(conversation.messages()),
              conversation.tools(),
              answer.completions()));
    }
  }

  private static ToolConvention convention(TextProcessor text) {
    ToolConvention convention = text.toolConvention();
    if (convention == null) {
      throw ApiProblem.invalid(
          "tools",
          "unsupported_parameter",
          "this model's chat template has no place for tools; leave them out");
    }
    return convention;
  }

  /** A call that has to be is held to the tools' schemas. */
  private static @Nullable Constraint constraint(
      TextProcessor text, ChatRequest request, @Nullable ToolConvention convention, String client) {
    if (convention == null || !request.tools().isForced()) {
      return FormatReader.constraint(text, request.format(), client);
    }
    try {
      return text.constraint(
          new AnswerFormat.JsonSchema(request.tools().schema(convention)), client);
    } catch (SlipwayException e) {
      throw ApiProblem.invalid("tools", e.code(), String.valueOf(e.getMessage()));
    }
  }

  private static int[] concat(int[] a, int[] b) {
    int[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static int[] prompt(TextProcessor text, Conversation conversation) {
    try {
      return text.encode(conversation);
    } catch (SlipwayException e) {
      throw ApiProblem.conversation(e);
    }
  }
}
