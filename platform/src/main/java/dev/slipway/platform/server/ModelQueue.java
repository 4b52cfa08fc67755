package dev.slipway.platform.server;

import dev.slipway.platform.engine.QueuedEngine;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One platform thread that opens the model, computes one piece of work after the other, fair
 * between keys and those of a key in the order in which they came, and closes the model. One at a
 * time, so that an answer never depends on the others that wait.
 *
 * @param <E> the model, used and closed by that thread alone
 */
final class ModelQueue<E extends QueuedEngine> {
  private static final System.Logger LOG = System.getLogger(ModelQueue.class.getName());

  /** How often a waiting request looks whether its client is still there. */
  private static final long LOOK_MILLIS = 200;

  private final FairQueue<Job<?>> queue = new FairQueue<>(_ -> 1);
  private final int capacity;
  private final ServerMetrics metrics;
  private final CompletableFuture<E> engine = new CompletableFuture<>();
  private final Thread worker;
  private boolean busy;
  private boolean stopping;

  ModelQueue(Callable<? extends E> opening, int capacity, ServerMetrics metrics) {
    this.capacity = capacity;
    this.metrics = metrics;
    this.worker = Thread.ofPlatform().name("slipway-model").unstarted(() -> work(opening));
  }

  private record Job<T>(
      String key, Supplier<T> work, CompletableFuture<T> answer, long submitted) {}

  void start() {
    worker.start();
  }

  CompletableFuture<E> engine() {
    return engine;
  }

  /**
   * Takes all work of a request, or none.
   *
   * @param key the name of the API key that asks, "" without keys
   * @throws ApiProblem 429 when they would not fit into the queue
   */
  synchronized <T> List<CompletableFuture<T>> submit(String key, List<? extends Supplier<T>> work) {
    if (stopping) {
      throw ServiceState.DRAINING.refusal();
    }
    // A request larger than the queue is taken when nothing waits: it could never be otherwise.
    if (queue.size() > 0 && queue.size() + work.size() > capacity) {
      metrics.refused();
      throw ApiProblem.busy(
          "the queue is full: " + queue.size() + " inputs wait, and at most " + capacity + " may",
          1);
    }
    List<CompletableFuture<T>> answers = new ArrayList<>(work.size());
    for (Supplier<T> one : work) {
      Job<T> job = new Job<>(key, one, new CompletableFuture<>(), System.nanoTime());
      queue.add(key, job);
      answers.add(job.answer);
    }
    notifyAll();
    return answers;
  }

  /**
   * An answer once it is there.
   *
   * @param answers of the whole request, which are given up together when the client goes
   * @throws CloseConnectionException when the client has gone
   */
  static <T> T await(
      ServerRequest http,
      ClientConnections clients,
      List<CompletableFuture<T>> answers,
      int index) {
    try {
      while (true) {
        try {
          return answers.get(index).get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          if (clients.isGone(http.socketId())) {
            answers.forEach(answer -> answer.cancel(false));
            throw new CloseConnectionException("the client has gone", e);
          }
        }
      }
    } catch (ExecutionException e) {
      answers.forEach(answer -> answer.cancel(false));
      if (e.getCause() instanceof ApiProblem problem) {
        throw problem;
      }
      LOG.log(System.Logger.Level.ERROR, "a request failed", e.getCause());
      throw ApiProblem.failed("the service failed on this request; its log says more");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CloseConnectionException("the service ends", e);
    }
  }

  synchronized int waiting() {
    return queue.size();
  }

  synchronized int running() {
    return busy ? 1 : 0;
  }

  /**
   * Takes nothing more and waits until what was accepted is done; what is not by then is given up.
   */
  void stop(Duration patience) {
    synchronized (this) {
      stopping = true;
      notifyAll();
    }
    if (!join(patience)) {
      synchronized (this) {
        queue
            .removeIf(_ -> true)
            .forEach(job -> job.answer.completeExceptionally(ServiceState.DRAINING.refusal()));
      }
      join(Duration.ofSeconds(10));
    }
  }

  private boolean join(Duration patience) {
    try {
      return worker.join(patience.isZero() ? Duration.ofNanos(1) : patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void work(Callable<? extends E> opening) {
    E model;
    try {
      model = opening.call();
    } catch (Throwable e) { // errors, too (a model too large): whoever waits would wait for ever
      engine.completeExceptionally(e);
      return;
    }
    engine.complete(model);
    for (Job<?> job = next(); job != null; job = next()) {
      run(job);
    }
    try {
      model.close();
    } catch (RuntimeException e) {
      // Nobody waits any more, and the process ends.
      LOG.log(System.Logger.Level.ERROR, "the model did not close", e);
    }
  }

  private synchronized @Nullable Job<?> next() {
    busy = false;
    while (queue.size() == 0 && !stopping) {
      try {
        wait();
      } catch (InterruptedException e) {
        return null;
      }
    }
    if (queue.size() == 0) {
      return null;
    }
    Job<?> job = queue.remove();
    queue.charge(job.key, 1);
    busy = true;
    return job;
  }

  private <T> void run(Job<T> job) {
    if (job.answer.isCancelled()) {
      metrics.dropped();
      return;
    }
    long begun = System.nanoTime();
    metrics.queued(begun - job.submitted, Tracing.Request.NONE);
    try {
      T answer = job.work.get();
      metrics.predicted();
      long ended = System.nanoTime();
      metrics.computed(ended - begun, ended - job.submitted, Tracing.Request.NONE);
      job.answer.complete(answer);
    } catch (Throwable e) {
      // One failed request must not take the service down; who asked is told.
      metrics.failed();
      job.answer.completeExceptionally(e);
    }
  }
}
