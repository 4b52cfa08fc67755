package dev.slipway.platform.server;

import dev.slipway.platform.engine.Continuation;
import dev.slipway.platform.engine.EngineFacts;
import dev.slipway.platform.engine.FinishReason;
import dev.slipway.platform.engine.TextEngine;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One platform thread that opens the model, computes as many continuations at once as it has room
 * for, and closes the model. What has no room waits in a queue that is bounded in continuations and
 * in tokens and fair between keys.
 */
final class BatchScheduler implements Scheduler {
  private static final System.Logger LOG = System.getLogger(BatchScheduler.class.getName());

  /** How often what waits is looked through for deadlines. */
  private static final long LOOK_NANOS = 50_000_000;

  private final FairQueue<Job> queue = new FairQueue<>(Job::size);
  private final List<Job> running = new ArrayList<>();
  private final Deque<Task<?>> tasks = new ArrayDeque<>();
  private final Outbox outbox = new Outbox();
  private final ServeOptions options;
  private final ServerMetrics metrics;
  private final CompletableFuture<TextEngine> engine = new CompletableFuture<>();
  private final Thread worker;
  private volatile EngineFacts facts = EngineFacts.NONE;
  private boolean stopping;
  private long looked;

  /** Tokens per second of late, for the advice in a refusal. */
  private double recentRate = 100;

  BatchScheduler(
      Callable<? extends TextEngine> opening, ServeOptions options, ServerMetrics metrics) {
    this.options = options;
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

  /** What the engine did up to its last step. */
  EngineFacts facts() {
    return facts;
  }

  @Override
  public synchronized Ticket submit(List<Continuation> continuations, Terms terms, Events events) {
    if (stopping) {
      throw ServiceState.DRAINING.refusal();
    }
    List<Job> jobs = new ArrayList<>();
    long tokens = 0;
    for (int i = 0; i < continuations.size(); i++) {
      Job job = new Job(continuations.get(i), i, terms, events);
      jobs.add(job);
      tokens += job.size();
    }
    requireRoom(jobs.size(), tokens, terms.target().metrics());
    jobs.forEach(job -> queue.add(terms.key(), job));
    notifyAll();
    return () -> cancel(jobs);
  }

  private void requireRoom(int count, long tokens, ServerMetrics metrics) {
    boolean tooMany = queue.size() + count > options.queue().continuations();
    // A request larger than the whole queue is taken when nothing waits: it never could be else.
    boolean tooLong = queue.size() > 0 && queue.tokens() + tokens > options.queue().tokens();
    if (!tooMany && !tooLong) {
      return;
    }
    metrics.refused();
    // About as long as half of the queue takes.
    int seconds = (int) Math.clamp(Math.ceil(queue.tokens() / 2.0 / recentRate), 1, 60);
    throw ApiProblem.busy(
        String.format(
            Locale.ROOT,
            tooMany
                ? "the queue is full: %d continuations wait, and at most %d may; try again in %d s"
                : "the queue is full: %d tokens wait, and at most %d may; try again in %d s",
            tooMany ? queue.size() : queue.tokens(),
            tooMany ? options.queue().continuations() : options.queue().tokens(),
            seconds),
        seconds);
  }

  private record Task<T>(Function<TextEngine, T> work, CompletableFuture<T> done) {
    void run(TextEngine engine) {
      try {
        done.complete(work.apply(engine));
      } catch (Throwable e) {
        done.completeExceptionally(e); // who asked is told, and the service goes on
      }
    }
  }

  /** Has something done to the model between two steps. */
  synchronized <T> CompletableFuture<T> execute(Function<TextEngine, T> work) {
    Task<T> task = new Task<>(work, new CompletableFuture<>());
    if (stopping) {
      task.done.completeExceptionally(ServiceState.DRAINING.refusal());
    } else {
      tasks.add(task);
      notifyAll();
    }
    return task.done;
  }

  /** What is asked by what runs, or by what waits, each name once. */
  synchronized SortedSet<String> names(boolean ofRunning) {
    SortedSet<String> names = new TreeSet<>();
    Consumer<Job> take =
        job -> {
          if (!job.terms.target().adapter().isEmpty()) {
            names.add(job.terms.target().name());
          }
        };
    if (ofRunning) {
      running.forEach(take);
    } else {
      queue.forEach(take);
    }
    return names;
  }

  @Override
  public synchronized int waiting() {
    return queue.size() + facts.suspended();
  }

  @Override
  public synchronized int running() {
    return Math.max(0, running.size() - facts.suspended());
  }

  /**
   * Takes nothing more and waits until what was accepted is done; what is not by then is cancelled.
   */
  void stop(Duration patience) {
    synchronized (this) {
      stopping = true;
      notifyAll();
    }
    if (join(patience)) {
      return;
    }
    List<Job> left;
    synchronized (this) {
      left = new ArrayList<>(running);
      left.addAll(queue.removeIf(_ -> true));
      left.forEach(job -> job.cancelled = true);
    }
    left.forEach(this::drop);
    join(Duration.ofSeconds(10));
  }

  private boolean join(Duration patience) {
    try {
      return worker.join(patience.isZero() ? Duration.ofNanos(1) : patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void cancel(List<Job> jobs) {
    List<Job> removed;
    synchronized (this) {
      jobs.forEach(job -> job.cancelled = true);
      removed = queue.removeIf(jobs::contains);
      notifyAll();
    }
    removed.forEach(this::drop);
  }

  /** Ends what was never begun; what runs hears of it at its next token. */
  private void drop(Job job) {
    if (!job.begun) {
      job.metrics().dropped();
      job.events.onFinish(job.index, FinishReason.ABORT);
    }
  }

  // ---- the model's thread ----

  private void work(Callable<? extends TextEngine> opening) {
    TextEngine model;
    try {
      model = opening.call();
    } catch (Throwable e) { // errors, too (a model too large): whoever waits would wait for ever
      engine.completeExceptionally(e);
      return;
    }
    try (model) {
      engine.complete(model);
      try {
        serve(model);
      } catch (Throwable e) { // whoever waits would wait for ever
        giveUp(e);
      } finally {
        outbox.finish();
      }
    }
  }

  /** Nothing is computed any more: all that waits is told, and what comes is refused. */
  private void giveUp(Throwable fault) {
    LOG.log(System.Logger.Level.ERROR, "the model's thread ends by a fault; start anew", fault);
    List<Job> left;
    List<Task<?>> undone;
    synchronized (this) {
      stopping = true;
      left = new ArrayList<>(running);
      left.addAll(queue.removeIf(_ -> true));
      undone = List.copyOf(tasks);
      tasks.clear();
    }
    left.forEach(job -> job.onFailure(fault));
    undone.forEach(task -> task.done.completeExceptionally(fault));
  }

  private void serve(TextEngine model) {
    while (await()) {
      for (Task<?> task = task(); task != null; task = task()) {
        task.run(model);
      }
      expire();
      admit(model);
      if (!running.isEmpty()) {
        step(model);
      }
      outbox.send(model::aside);
    }
  }

  /** Waits for something to do; false when there will be nothing more. */
  private synchronized boolean await() {
    while (queue.size() == 0 && running.isEmpty() && tasks.isEmpty() && !stopping) {
      try {
        wait();
      } catch (InterruptedException e) {
        return false;
      }
    }
    return queue.size() > 0 || !running.isEmpty() || !tasks.isEmpty();
  }

  private synchronized @Nullable Task<?> task() {
    return tasks.poll();
  }

  private void expire() {
    long now = System.nanoTime();
    if (now - looked < LOOK_NANOS) {
      return;
    }
    looked = now;
    List<Job> late;
    synchronized (this) {
      late = queue.removeIf(job -> job.isLate(now));
    }
    late.forEach(Job::expire);
    running.stream().filter(job -> !job.expired && job.isLate(now)).forEach(Job::expire);
  }

  private void admit(TextEngine model) {
    for (Job job = next(model); job != null; job = next(model)) {
      job.metrics().queued(job.started - job.submitted, job.terms.trace());
      try {
        model.begin(job.continuation, job.terms.target().adapter(), job);
      } catch (Throwable e) {
        // One failed request must not take the service down; who asked is told.
        job.onFailure(e);
      }
    }
  }

  private synchronized @Nullable Job next(TextEngine model) {
    Job job = queue.peek();
    if (job == null || !model.hasRoom(job.continuation)) {
      return null;
    }
    queue.remove();
    job.begun = true;
    job.started = System.nanoTime();
    running.add(job);
    queue.charge(job.terms.key(), job.continuation.prompt().length);
    return job;
  }

  private void step(TextEngine model) {
    long begun = System.nanoTime();
    long before = tokens();
    try {
      model.step();
    } catch (Throwable e) { // nobody can say whose fault it was; what waits may yet be answered
      for (Job job : List.copyOf(running)) {
        job.onFailure(e);
      }
    }
    long came = tokens() - before;
    metrics.iteration(came);
    double seconds = (System.nanoTime() - begun) / 1e9;
    synchronized (this) {
      if (came > 0) {
        recentRate = 0.95 * recentRate + 0.05 * came / Math.max(1e-6, seconds);
      }
    }
    facts = model.engineFacts();
  }

  private long tokens;

  private long tokens() {
    return tokens;
  }

  private final class Job implements TextEngine.Listener {
    private final Continuation continuation;
    private final int index;
    private final Terms terms;
    private final Events events;
    private final long submitted = System.nanoTime();
    private long started;
    private long firstToken;
    private long lastToken;
    private int came;
    private boolean begun;
    private boolean expired;
    private volatile boolean cancelled;

    Job(Continuation continuation, int index, Terms terms, Events events) {
      this.continuation = continuation;
      this.index = index;
      this.terms = terms;
      this.events = events;
    }

    ServerMetrics metrics() {
      return terms.target().metrics();
    }

    /** Tokens that it may come to. */
    long size() {
      return (long) continuation.prompt().length + continuation.maxTokens();
    }

    boolean isLate(long now) {
      return !terms.timeout().isZero() && now - submitted > terms.timeout().toNanos();
    }

    /** Its time is over: who waits is told, and it ends at its next token. */
    void expire() {
      expired = true;
      cancelled = true;
      outbox.add(
          () -> {
            metrics().failed();
            events.onFailure(index, ApiProblem.late(terms.timeout()));
          });
    }

    @Override
    public void onPrompt(List<TextEngine.TokenScore> prompt) {
      outbox.add(() -> events.onPrompt(index, prompt));
    }

    @Override
    public boolean wanted() {
      return !cancelled;
    }

    @Override
    public void onPiece(TextEngine.Piece piece) {
      int count = piece.tokens().size();
      if (count > 0) {
        long now = System.nanoTime();
        if (came == 0) {
          firstToken = now;
          outbox.add(() -> tellFirst(now - submitted));
        } else {
          long each = (now - lastToken) / count;
          outbox.add(() -> metrics().nextToken(each, terms.trace()));
        }
        lastToken = now;
        came += count;
        tokens += count;
        synchronized (BatchScheduler.this) {
          queue.charge(terms.key(), 2L * count);
        }
      }
      if (!cancelled) {
        outbox.add(() -> events.onPiece(index, piece));
      }
    }

    private void tellFirst(long nanos) {
      metrics().firstToken(nanos, terms.trace());
      terms.target().version().firstToken(nanos);
    }

    @Override
    public void onFinish(FinishReason reason) {
      FinishReason told = cancelled ? FinishReason.ABORT : reason;
      end(
          ended -> {
            metrics().finished(told, continuation, came);
            tellEnd(ended, expired ? "error" : told.word());
            if (!expired) {
              events.onFinish(index, told);
            }
          });
    }

    @Override
    public void onFailure(Throwable failure) {
      end(
          ended -> {
            metrics().failed();
            tellEnd(ended, "error");
            if (!expired) {
              events.onFailure(index, failure);
            }
          });
    }

    /** It runs no more, and changes no more. */
    private void end(LongConsumer telling) {
      synchronized (BatchScheduler.this) {
        running.remove(this);
      }
      long now = System.nanoTime();
      outbox.add(() -> telling.accept(now));
    }

    private void tellEnd(long now, String outcome) {
      terms.target().version().ended(outcome, came, now - submitted);
      metrics().computed(now - started, now - submitted, terms.trace());
      terms.trace().step("queue", index, submitted, started);
      long prefilled = came == 0 ? now : firstToken;
      terms.trace().step("prefill", index, started, prefilled);
      if (came > 0) {
        terms.trace().step("decode", index, firstToken, now);
        metrics().phases(prefilled - started, now - firstToken, came, terms.trace());
      }
    }
  }
}
