package dev.slipway.platform.server;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One platform thread that opens the model, computes one continuation after the other in the order
 * in which they came, and closes the model.
 */
final class OneByOne implements Scheduler {
  private final Deque<Job> queue = new ArrayDeque<>();
  private final int capacity;
  private final ServerMetrics metrics;
  private final CompletableFuture<TextEngine> engine = new CompletableFuture<>();
  private final Thread worker;
  private @Nullable Job running;
  private boolean stopping;

  /** Seconds that a continuation took of late, for the advice in a refusal. */
  private double recentSeconds = 1;

  OneByOne(Callable<? extends TextEngine> opening, int capacity, ServerMetrics metrics) {
    this.capacity = capacity;
    this.metrics = metrics;
    this.worker = Thread.ofPlatform().name("slipway-model").unstarted(() -> work(opening));
  }

  void start() {
    worker.start();
  }

  /** The opened model, or why it could not be opened. */
  CompletableFuture<TextEngine> engine() {
    return engine;
  }

  @Override
  public synchronized Ticket submit(List<Generation> generations, Events events) {
    if (stopping) {
      throw ServiceState.DRAINING.refusal();
    }
    if (queue.size() + generations.size() > capacity) {
      metrics.refused();
      int seconds = retryAfterSeconds();
      throw ApiProblem.busy(
          String.format(
              Locale.ROOT,
              "the queue is full: %d continuations wait, and at most %d may; try again in %d s",
              queue.size(),
              capacity,
              seconds),
          seconds);
    }
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < generations.size(); i++) {
      jobs.add(new Job(generations.get(i), i, events));
    }
    queue.addAll(jobs);
    notifyAll();
    return () -> cancel(jobs);
  }

  /** When a refused request may find room: about as long as half the queue takes, 1 to 60 s. */
  private int retryAfterSeconds() {
    return (int) Math.clamp(Math.ceil(recentSeconds * Math.max(1, queue.size() / 2)), 1, 60);
  }

  @Override
  public synchronized int waiting() {
    return queue.size();
  }

  @Override
  public synchronized int running() {
    return running == null ? 0 : 1;
  }

  /**
   * Takes nothing more and waits until what was accepted is done; what is not by then is cancelled.
   */
  void stop(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    synchronized (this) {
      stopping = true;
      notifyAll();
    }
    if (join(deadline)) {
      return;
    }
    List<Job> left;
    synchronized (this) {
      left = new ArrayList<>(queue);
      if (running != null) {
        left.add(running);
      }
    }
    cancel(left);
    join(System.nanoTime() + Duration.ofSeconds(10).toNanos());
  }

  private boolean join(long deadline) {
    try {
      return worker.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private synchronized void cancel(List<Job> jobs) {
    for (Job job : jobs) {
      job.cancelled = true;
      if (queue.remove(job)) {
        metrics.dropped();
        job.events.onFinish(job.index, FinishReason.ABORT);
      }
    }
    notifyAll();
  }

  private void work(Callable<? extends TextEngine> opening) {
    TextEngine model;
    try {
      model = opening.call();
    } catch (Throwable e) {
      engine.completeExceptionally(e);
      return;
    }
    try (model) {
      engine.complete(model);
      for (Job job = next(); job != null; job = next()) {
        run(model, job);
      }
    }
  }

  private synchronized @Nullable Job next() {
    running = null;
    while (queue.isEmpty() && !stopping) {
      try {
        wait();
      } catch (InterruptedException e) {
        return null;
      }
    }
    running = queue.poll();
    return running;
  }

  private void run(TextEngine model, Job job) {
    long begun = System.nanoTime();
    metrics.queued(begun - job.submitted);
    try {
      FinishReason reason = model.generate(job.generation, job);
      reason = job.cancelled ? FinishReason.ABORT : reason;
      metrics.finished(reason, job.generation.prompt().length, job.tokens);
      job.events.onFinish(job.index, reason);
    } catch (Throwable e) {
      // One failed request must not take the service down; who asked is told.
      metrics.failed();
      job.events.onFailure(job.index, e);
    }
    long ended = System.nanoTime();
    metrics.computed(ended - begun, ended - job.submitted);
    synchronized (this) {
      recentSeconds = 0.8 * recentSeconds + 0.2 * (ended - begun) / 1e9;
    }
  }

  private final class Job implements TextEngine.Listener {
    private final Generation generation;
    private final int index;
    private final Events events;
    private final long submitted = System.nanoTime();
    private long lastToken;
    private int tokens;
    private volatile boolean cancelled;

    Job(Generation generation, int index, Events events) {
      this.generation = generation;
      this.index = index;
      this.events = events;
    }

    @Override
    public void onPrompt(List<TextEngine.TokenScore> prompt) {
      events.onPrompt(index, prompt);
    }

    @Override
    public boolean wanted() {
      return !cancelled;
    }

    @Override
    public void onPiece(TextEngine.Piece piece) {
      if (!piece.tokens().isEmpty()) {
        long now = System.nanoTime();
        if (tokens == 0) {
          metrics.firstToken(now - submitted);
        } else {
          metrics.nextToken((now - lastToken) / piece.tokens().size());
        }
        lastToken = now;
        tokens += piece.tokens().size();
      }
      if (!cancelled) {
        events.onPiece(index, piece);
      }
    }
  }
}
