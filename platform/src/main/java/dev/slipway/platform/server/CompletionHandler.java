package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.infer.grammar.Constraint;
import dev.slipway.platform.engine.Continuation;
import dev.slipway.platform.engine.ModelFacts;
import dev.slipway.platform.engine.TextProcessor;
import dev.slipway.platform.server.CompletionRequest.Prompt;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/completions}. */
final class CompletionHandler implements Handler {
  private final ServeOptions options;
  private final Supplier<ServedModels> models;
  private final Answering answering;
  private final @Nullable AnswerLedger ledger;

  /**
   * @param models throws an {@link ApiProblem} while there are none to be had
   * @param ledger remembers answers for feedback; null where none is taken
   */
  CompletionHandler(
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
    CompletionRequest request =
        CompletionReader.read(RequestBody.json(http, options.maxBodyBytes()));
    Supplier<String> conversation =
        () -> request.user() == null ? Exchange.of(http).requestId() : request.user();
    try (ServedModel.Lease lease = known.lease(http, response, request.model(), conversation)) {
      answer(http, response, request, lease);
    }
  }

  private void answer(
      ServerRequest http,
      ServerResponse response,
      CompletionRequest request,
      ServedModel.Lease lease) {
    TextProcessor text = lease.processor();
    if ((long) request.prompts().size() * request.n() > options.queue().choices()) {
      throw ApiProblem.invalid(
          request.n() > 1 ? "n" : "prompt",
          "invalid_value",
          (request.prompts().size() == 1
                  ? "'n' is " + request.n()
                  : request.prompts().size() + " prompts times n = " + request.n())
              + ", expected at most "
              + options.queue().choices()
              + " continuations in one; send several requests");
    }
    ModelBounds.requireTokens(text.facts(), request.sampling(), request.ending());
    Constraint constraint =
        FormatReader.constraint(text, request.format(), Callers.of(http).name());
    List<Continuation> continuations = new ArrayList<>();
    List<CompletionAnswer.Echo> echoes = new ArrayList<>();
    int promptTokens = 0;
    for (int i = 0; i < request.prompts().size(); i++) {
      String name = request.prompts().size() == 1 ? "prompt" : "prompt[" + i + "]";
      Prompt prompt = request.prompts().get(i);
      int[] ids = ids(text, name, prompt, request.maxTokens());
      promptTokens += ids.length;
      CompletionAnswer.Echo echo =
          new CompletionAnswer.Echo(
              request.echo() ? echo(text, prompt) : "",
              prompt instanceof Prompt.Text ? text.leadingSpecialTokens() : 0,
              prompt instanceof Prompt.Text);
      long seed = request.seed() == null ? ThreadLocalRandom.current().nextLong() : request.seed();
      for (int choice = 0; choice < request.n(); choice++) {
        echoes.add(echo);
        continuations.add(continuation(request, ids, seed + choice, constraint));
      }
    }
    CompletionAnswer answer =
        new CompletionAnswer(request, lease.name(), text.facts(), echoes, promptTokens);
    answering.send(
        http,
        response,
        lease,
        continuations,
        answer,
        request.stream(),
        request.includeUsage(),
        whole -> remember(http, lease, request, whole));
  }

  /** Choices of several prompts have no one prompt: feedback on them is not taken. */
  private void remember(
      ServerRequest http,
      ServedModel.Lease lease,
      CompletionRequest request,
      GrowingAnswer answer) {
    if (ledger != null && request.prompts().size() == 1) {
      ledger.remember(
          answer.id(),
          new AnswerLedger.Answered(
              Callers.of(http).name(),
              lease.name(),
              lease.processor().facts().version(),
              Json.tree(echo(lease.processor(), request.prompts().getFirst())),
              null,
              answer.completions()));
    }
  }

  private static int[] ids(TextProcessor text, String name, Prompt prompt, int maxTokens) {
    ModelFacts facts = text.facts();
    int[] ids =
        switch (prompt) {
          case Prompt.Text(String words) -> text.encode(words);
          case Prompt.Ids(int[] given) -> given;
        };
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] >= facts.vocabularySize()) {
        String path = name + "[" + i + "]";
        throw ApiProblem.invalid(
            path,
            "invalid_value",
            "'"
                + path
                + "' is "
                + ids[i]
                + ", expected a token id below "
                + facts.vocabularySize());
      }
    }
    if (ids.length == 0) {
      throw ApiProblem.invalid(
          name, "invalid_value", "'" + name + "' is empty and the model has no start token");
    }
    ModelBounds.requireFit(facts, name, ids.length, maxTokens);
    return ids;
  }

  private static String echo(TextProcessor text, Prompt prompt) {
    return switch (prompt) {
      case Prompt.Text(String words) -> words;
      case Prompt.Ids(int[] ids) -> text.text(ids);
    };
  }

  private static Continuation continuation(
      CompletionRequest request, int[] ids, long seed, @Nullable Constraint constraint) {
    return new Continuation(
        ids,
        request.maxTokens(),
        request.sampling().withSeed(seed),
        request.ending(),
        request.logprobs() == null ? -1 : request.logprobs(),
        request.echo() && request.logprobs() != null,
        constraint);
  }
}
