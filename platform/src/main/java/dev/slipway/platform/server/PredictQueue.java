package dev.slipway.platform.server;

import dev.slipway.platform.server.PredictEngine.Prediction;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * One platform thread that opens the model, computes one prediction after the other in the order in
 * which they came, and closes the model. One at a time, so that an answer never depends on the
 * others that wait.
 */
final class PredictQueue {
  private final Deque<Job> queue = new ArrayDeque<>();
  private final int capacity;
  private final ServerMetrics metrics;
  private final CompletableFuture<PredictEngine> engine = new CompletableFuture<>();
  private final Thread worker;
  private boolean busy;
  private boolean stopping;

  PredictQueue(Callable<? extends PredictEngine> opening, int capacity, ServerMetrics metrics) {
    this.capacity = capacity;
    this.metrics = metrics;
    this.worker = Thread.ofPlatform().name("slipway-model").unstarted(() -> work(opening));
  }

  private record Job(Prediction prediction, CompletableFuture<ObjectNode> answer, long submitted) {}

  void start() {
    worker.start();
  }

  CompletableFuture<PredictEngine> engine() {
    return engine;
  }

  /**
   * Takes all predictions of a request, or none.
   *
   * @throws ApiProblem 429 when they would not fit into the queue
   */
  synchronized List<CompletableFuture<ObjectNode>> submit(List<Prediction> predictions) {
    if (stopping) {
      throw ServiceState.DRAINING.refusal();
    }
    // A request larger than the queue is taken when nothing waits: it could never be otherwise.
    if (!queue.isEmpty() && queue.size() + predictions.size() > capacity) {
      metrics.refused();
      throw ApiProblem.busy(
          "the queue is full: " + queue.size() + " inputs wait, and at most " + capacity + " may",
          1);
    }
    List<CompletableFuture<ObjectNode>> answers = new ArrayList<>(predictions.size());
    for (Prediction prediction : predictions) {
      Job job = new Job(prediction, new CompletableFuture<>(), System.nanoTime());
      queue.add(job);
      answers.add(job.answer);
    }
    notifyAll();
    return answers;
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
        queue.forEach(job -> job.answer.completeExceptionally(ServiceState.DRAINING.refusal()));
        queue.clear();
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

  private void work(Callable<? extends PredictEngine> opening) {
    PredictEngine model;
    try {
      model = opening.call();
    } catch (Throwable e) {
      engine.completeExceptionally(e);
      return;
    }
    try (model) {
      engine.complete(model);
      for (Job job = next(); job != null; job = next()) {
        run(job);
      }
    }
  }

  private synchronized @Nullable Job next() {
    busy = false;
    while (queue.isEmpty() && !stopping) {
      try {
        wait();
      } catch (InterruptedException e) {
        return null;
      }
    }
    Job job = queue.poll();
    busy = job != null;
    return job;
  }

  private void run(Job job) {
    if (job.answer.isCancelled()) {
      metrics.dropped();
      return;
    }
    long begun = System.nanoTime();
    metrics.queued(begun - job.submitted);
    try {
      ObjectNode answer = job.prediction.compute();
      metrics.predicted();
      long ended = System.nanoTime();
      metrics.computed(ended - begun, ended - job.submitted);
      job.answer.complete(answer);
    } catch (Throwable e) {
      // One failed request must not take the service down; who asked is told.
      metrics.failed();
      job.answer.completeExceptionally(e);
    }
  }
}
