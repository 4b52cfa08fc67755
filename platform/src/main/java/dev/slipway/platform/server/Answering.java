package dev.slipway.platform.server;

import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.platform.access.Allowance;
import dev.slipway.platform.engine.Continuation;
import dev.slipway.platform.engine.FinishReason;
import dev.slipway.platform.engine.TextEngine;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Has continuations generated and sends what comes, whole or as server-sent events. Runs on the
 * request's own virtual thread and only waits there.
 */
final class Answering {
  private static final System.Logger LOG = System.getLogger(Answering.class.getName());

  /** For how long nothing may have come before a client that has gone ends its stream. */
  private static final long QUIET_NANOS = 200_000_000;

  private static final int NONE = -1;

  /** Seconds that an answer may take, waiting included. */
  private static final HeaderName TIMEOUT = HeaderNames.create("X-Request-Timeout");

  private static final int LONGEST_SECONDS = 86_400;

  private final ClientConnections clients;
  private final int behind;

  /**
   * @param behind pieces that may wait for a client before its continuation is ended
   */
  Answering(ClientConnections clients, int behind) {
    this.clients = clients;
    this.behind = behind;
  }

  /**
   * @param lease what is answered with; the caller closes it afterwards
   * @param continuations one for each choice of the answer
   * @param includeUsage whether a stream ends with the usage
   * @param whole what to do with the answer once it is whole, before its end is sent
   */
  void send(
      ServerRequest http,
      ServerResponse response,
      ServedModel.Lease lease,
      List<Continuation> continuations,
      GrowingAnswer answer,
      boolean stream,
      boolean includeUsage,
      Consumer<GrowingAnswer> whole) {
    Exchange exchange = Exchange.of(http);
    Allowance allowance = Callers.of(http).allowance();
    Progress progress = new Progress(answer, allowance, exchange, whole);
    Scheduler.Ticket ticket = lease.scheduler().submit(continuations, terms(http, lease), progress);
    progress.ticket = ticket;
    long prompt = continuations.stream().mapToLong(one -> one.prompt().length).sum();
    allowance.spend(prompt);
    exchange.prompt(prompt);
    if (exchange.keepsContent()) {
      continuations.stream()
          .map(one -> lease.processor().text(one.prompt()))
          .distinct()
          .forEach(exchange::asked);
    }
    boolean done = false;
    clients.whileWaiting(http.socketId(), () -> progress.clientGone(stream));
    try {
      done = stream ? stream(http, response, includeUsage, progress) : whole(response, progress);
    } finally {
      clients.whileWaiting(http.socketId(), null);
      if (!done) {
        ticket.cancel();
      }
    }
    if (!done) {
      exchange.gone();
      throw new CloseConnectionException("the client has gone");
    }
  }

  private static Scheduler.Terms terms(ServerRequest http, ServedModel.Lease lease) {
    return new Scheduler.Terms(
        Callers.of(http).name(), timeout(http), Exchange.of(http).trace(), lease.target());
  }

  private static Duration timeout(ServerRequest http) {
    String given = http.headers().first(TIMEOUT).orElse("");
    if (given.isEmpty()) {
      return Duration.ZERO;
    }
    try {
      double seconds = Double.parseDouble(given);
      if (seconds > 0 && seconds <= LONGEST_SECONDS) {
        return Duration.ofNanos(Math.max(1, Math.round(seconds * 1e9)));
      }
    } catch (NumberFormatException e) {
      LOG.log(System.Logger.Level.DEBUG, "a timeout is no number", e);
    }
    throw ApiProblem.invalid(
        TIMEOUT.defaultCase(),
        "invalid_value",
        "the header '"
            + TIMEOUT.defaultCase()
            + "' is '"
            + given
            + "', expected seconds above 0, to "
            + LONGEST_SECONDS);
  }

  /** Waits for all choices and sends them as one document; false when nobody waits any more. */
  private static boolean whole(ServerResponse response, Progress progress) {
    while (!progress.answer.isFinished()) {
      if (progress.next() == NONE) {
        return false;
      }
    }
    response.headers().set(HeaderNames.CONTENT_TYPE, "application/json");
    response.send(Json.bytes(progress.answer.whole()));
    return true;
  }

  /** Sends pieces as server-sent events; false when the client went away before the end. */
  private static boolean stream(
      ServerRequest http, ServerResponse response, boolean includeUsage, Progress progress) {
    // The first event may be a failure, which shall have its status: headers wait for it.
    int first = progress.next();
    if (first == NONE) {
      return false;
    }
    response.headers().set(HeaderNames.CONTENT_TYPE, "text/event-stream");
    response.headers().set(HeaderNames.CACHE_CONTROL, "no-cache");
    response.headers().set(HeaderNames.create("X-Accel-Buffering"), "no");
    try (OutputStream out = response.outputStream()) {
      int choice = first;
      while (choice != NONE) {
        if (progress.answer.hasNews(choice)) {
          event(out, progress.answer.event(choice));
        }
        if (progress.answer.isFinished()) {
          break;
        }
        try {
          choice = progress.next();
        } catch (ApiProblem e) {
          event(out, ChunkLine.event(Json.line(e.body())));
          return true;
        }
      }
      if (choice == NONE) {
        Exchange.of(http).gone();
        return false;
      }
      if (includeUsage) {
        event(out, ChunkLine.event(Json.line(progress.answer.usageChunk())));
      }
      event(out, ChunkLine.event("[DONE]"));
      return true;
    } catch (IOException | UncheckedIOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a client left its stream", e);
      return false;
    }
  }

  private static void event(OutputStream out, byte[] event) throws IOException {
    out.write(event);
    out.flush();
  }

  /** Carries what the scheduler tells over to the request's thread. */
  private final class Progress implements Scheduler.Events {
    private final GrowingAnswer answer;
    private final Allowance allowance;
    private final Exchange exchange;
    private final Consumer<GrowingAnswer> whole;
    private volatile Scheduler.@Nullable Ticket ticket;
    private volatile boolean tooSlow;
    private volatile long lastNews = System.nanoTime();
    private final LinkedBlockingQueue<IntSupplier> news = new LinkedBlockingQueue<>();

    Progress(
        GrowingAnswer answer,
        Allowance allowance,
        Exchange exchange,
        Consumer<GrowingAnswer> whole) {
      this.answer = answer;
      this.allowance = allowance;
      this.exchange = exchange;
      this.whole = whole;
    }

    @Override
    public void onPrompt(int index, List<TextEngine.TokenScore> prompt) {
      tell(
          () -> {
            answer.addPrompt(index, prompt);
            return index;
          });
    }

    @Override
    public void onPiece(int index, TextEngine.Piece piece) {
      allowance.spend(piece.tokens().size());
      Scheduler.Ticket submitted = ticket;
      if (news.size() >= behind && submitted != null) {
        tooSlow = true; // the batch waits for no client
        submitted.cancel();
        return;
      }
      tell(
          () -> {
            exchange.completion(piece.tokens().size());
            exchange.answered(index, piece.text());
            answer.add(index, piece);
            return index;
          });
    }

    @Override
    public void onFinish(int index, FinishReason reason) {
      tell(
          () -> {
            if (reason == FinishReason.ABORT) {
              // Its client is here to ask, so that it was the service that gave it up.
              throw ServiceState.DRAINING.refusal();
            }
            answer.finish(index, reason);
            if (answer.isFinished()) {
              whole.accept(answer);
            }
            return index;
          });
    }

    @Override
    public void onFailure(int index, Throwable failure) {
      tell(
          () -> {
            if (failure instanceof ApiProblem problem) {
              throw problem;
            }
            if (failure instanceof SlipwayException mendable) {
              throw ApiProblem.failed(String.valueOf(mendable.getMessage()));
            }
            LOG.log(System.Logger.Level.ERROR, "a continuation failed", failure);
            throw ApiProblem.failed("the service failed on this request; its log says more");
          });
    }

    private void tell(IntSupplier one) {
      lastNews = System.nanoTime();
      news.add(one);
    }

    /**
     * A stream to one that has closed its own direction alone goes on as long as tokens come: that
     * it can't be written is told by the socket.
     */
    void clientGone(boolean stream) {
      if (!stream || System.nanoTime() - lastNews > QUIET_NANOS) {
        news.add(() -> NONE);
      }
    }

    /** The choice that has news, or {@link #NONE} when the client has gone. */
    int next() {
      if (tooSlow) {
        return NONE;
      }
      try {
        return news.take().getAsInt();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return NONE;
      }
    }
  }
}
