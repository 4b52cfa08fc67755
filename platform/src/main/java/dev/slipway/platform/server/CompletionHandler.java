package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.server.CompletionRequest.Prompt;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/completions}. Runs on the request's own virtual thread and only waits there. */
final class CompletionHandler implements Handler {
  private static final System.Logger LOG = System.getLogger(CompletionHandler.class.getName());

  /** How often a waiting request looks whether its client is still there. */
  private static final long LOOK_MILLIS = 200;

  private final ServeOptions options;
  private final String model;
  private final Supplier<TextEngine> engine;
  private final Scheduler scheduler;
  private final ClientConnections clients;

  /**
   * @param model the name by which requests must ask for it
   * @param engine throws an {@link ApiProblem} while there is none to be had
   */
  CompletionHandler(
      ServeOptions options,
      String model,
      Supplier<TextEngine> engine,
      Scheduler scheduler,
      ClientConnections clients) {
    this.options = options;
    this.model = model;
    this.engine = engine;
    this.scheduler = scheduler;
    this.clients = clients;
  }

  @Override
  public void handle(ServerRequest http, ServerResponse response) {
    TextEngine text = engine.get();
    CompletionRequest request = RequestReader.read(RequestBody.json(http, options.maxBodyBytes()));
    if (request.model() != null && !request.model().equals(model)) {
      throw ApiProblem.refused(
          404,
          "model",
          "model_not_found",
          "the model '" + request.model() + "' does not exist; this service has '" + model + "'");
    }
    if ((long) request.prompts().size() * request.n() > options.maxChoices()) {
      throw ApiProblem.invalid(
          request.n() > 1 ? "n" : "prompt",
          "invalid_value",
          request.prompts().size()
              + " prompts times n = "
              + request.n()
              + " ask for more than "
              + options.maxChoices()
              + " continuations; send several requests");
    }
    List<Generation> generations = new ArrayList<>();
    List<String> echoes = new ArrayList<>();
    int promptTokens = 0;
    for (int i = 0; i < request.prompts().size(); i++) {
      String name = request.prompts().size() == 1 ? "prompt" : "prompt[" + i + "]";
      Prompt prompt = request.prompts().get(i);
      int[] ids = ids(text, name, prompt, request.maxTokens());
      promptTokens += ids.length;
      String echo = request.echo() ? echo(text, prompt) : "";
      long seed = request.seed() == null ? ThreadLocalRandom.current().nextLong() : request.seed();
      for (int choice = 0; choice < request.n(); choice++) {
        echoes.add(echo);
        generations.add(generation(request, ids, seed + choice));
      }
    }
    CompletionAnswer answer =
        new CompletionAnswer(request, model, text.facts(), echoes, promptTokens);
    int skipped = text.leadingSpecialTokens();
    Progress progress = new Progress(answer, index -> isText(request, index) ? skipped : 0);
    Scheduler.Ticket ticket = scheduler.submit(generations, progress);
    boolean done = false;
    try {
      done =
          request.stream()
              ? stream(http, response, request, progress)
              : send(http, response, progress);
    } finally {
      if (!done) {
        ticket.cancel();
      }
    }
    if (!done) {
      throw new CloseConnectionException("the client has gone");
    }
  }

  private static boolean isText(CompletionRequest request, int index) {
    return request.prompts().get(index / request.n()) instanceof Prompt.Text;
  }

  private static int[] ids(TextEngine text, String name, Prompt prompt, int maxTokens) {
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
    if ((long) ids.length + maxTokens > facts.contextLength()) {
      throw ApiProblem.invalid(
          name,
          "context_length_exceeded",
          "This model's maximum context length is "
              + facts.contextLength()
              + " tokens, but "
              + ((long) ids.length + maxTokens)
              + " were requested ("
              + ids.length
              + " in '"
              + name
              + "'; "
              + maxTokens
              + " for the completion); shorten the prompt or lower 'max_tokens'");
    }
    return ids;
  }

  private static String echo(TextEngine text, Prompt prompt) {
    return switch (prompt) {
      case Prompt.Text(String words) -> words;
      case Prompt.Ids(int[] ids) -> text.text(ids);
    };
  }

  private static Generation generation(CompletionRequest request, int[] ids, long seed) {
    return new Generation(
        ids,
        request.maxTokens(),
        request.temperature(),
        request.topP(),
        request.topK(),
        request.minP(),
        request.repetitionPenalty(),
        seed,
        request.stop(),
        request.logprobs() == null ? -1 : request.logprobs(),
        request.echo() && request.logprobs() != null);
  }

  /** Waits for all choices and sends them as one document; false when nobody waits any more. */
  private boolean send(ServerRequest http, ServerResponse response, Progress progress) {
    while (!progress.answer.isFinished()) {
      if (progress.next(http) == null) {
        return false;
      }
    }
    response.headers().set(HeaderNames.CONTENT_TYPE, "application/json");
    response.send(Json.bytes(progress.answer.whole()));
    return true;
  }

  /** Sends pieces as server-sent events; false when the client went away before the end. */
  private boolean stream(
      ServerRequest http, ServerResponse response, CompletionRequest request, Progress progress) {
    // The first event may be a failure, which shall have its status: headers wait for it.
    CompletionAnswer.Choice first = progress.next(http);
    if (first == null) {
      return false;
    }
    response.headers().set(HeaderNames.CONTENT_TYPE, "text/event-stream");
    response.headers().set(HeaderNames.CACHE_CONTROL, "no-cache");
    response.headers().set(HeaderNames.create("X-Accel-Buffering"), "no");
    try (OutputStream out = response.outputStream()) {
      CompletionAnswer.Choice choice = first;
      while (choice != null) {
        if (choice.hasNews()) {
          event(out, Json.line(progress.answer.chunk(choice)));
        }
        if (progress.answer.isFinished()) {
          break;
        }
        try {
          choice = progress.next(http);
        } catch (ApiProblem e) {
          event(out, Json.line(e.body()));
          return true;
        }
      }
      if (choice == null) {
        return false;
      }
      if (request.includeUsage()) {
        ObjectNode usage = progress.answer.usageChunk();
        event(out, Json.line(usage));
      }
      event(out, "[DONE]");
      return true;
    } catch (IOException | UncheckedIOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a client left its stream", e);
      return false;
    }
  }

  private static void event(OutputStream out, String data) throws IOException {
    out.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** Carries what the scheduler's thread tells over to the request's thread. */
  private final class Progress implements Scheduler.Events {
    private final CompletionAnswer answer;
    private final java.util.function.IntUnaryOperator leadingSpecials;
    private final LinkedBlockingQueue<Supplier<CompletionAnswer.Choice>> news =
        new LinkedBlockingQueue<>();

    Progress(CompletionAnswer answer, java.util.function.IntUnaryOperator leadingSpecials) {
      this.answer = answer;
      this.leadingSpecials = leadingSpecials;
    }

    @Override
    public void onPrompt(int index, List<TextEngine.TokenScore> prompt) {
      news.add(
          () -> {
            int skip = leadingSpecials.applyAsInt(index);
            answer.choice(index).addPrompt(prompt.subList(skip, prompt.size()));
            return answer.choice(index);
          });
    }

    @Override
    public void onPiece(int index, TextEngine.Piece piece) {
      news.add(
          () -> {
            answer.choice(index).add(piece);
            return answer.choice(index);
          });
    }

    @Override
    public void onFinish(int index, FinishReason reason) {
      news.add(
          () -> {
            if (reason == FinishReason.ABORT) {
              // Its client is here to ask, so that it was the service that gave it up.
              throw ServiceState.DRAINING.refusal();
            }
            answer.choice(index).finish(reason);
            return answer.choice(index);
          });
    }

    @Override
    public void onFailure(int index, Throwable failure) {
      news.add(
          () -> {
            if (failure instanceof SlipwayException mendable) {
              throw ApiProblem.failed(String.valueOf(mendable.getMessage()));
            }
            LOG.log(System.Logger.Level.ERROR, "a continuation failed", failure);
            throw ApiProblem.failed("the service failed on this request; its log says more");
          });
    }

    /** The choice that has news, or null when the client has gone. */
    CompletionAnswer.@Nullable Choice next(ServerRequest http) {
      try {
        while (true) {
          Supplier<CompletionAnswer.Choice> one = news.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
          if (one != null) {
            return one.get();
          }
          if (clients.isGone(http.socketId())) {
            return null;
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
  }
}
