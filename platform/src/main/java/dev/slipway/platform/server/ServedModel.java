package dev.slipway.platform.server;

import dev.slipway.platform.engine.EngineFacts;
import dev.slipway.platform.engine.TextEngine;
import dev.slipway.platform.engine.TextProcessor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One model of a service, its adapters, and the version of both that new requests get. What began
 * with a version ends with it: an old one is closed when the last request that has it is done. For
 * any thread.
 */
final class ServedModel {
  private static final System.Logger LOG = System.getLogger(ServedModel.class.getName());

  /** Names an adapter's matrices within an engine, each time that they are loaded anew. */
  private static final AtomicLong LOADS = new AtomicLong();

  private final TextModels.Model model;
  private final ServeOptions options;
  private final ServerMetrics metrics;

  /** One change after the other. */
  private final ReentrantLock changing = new ReentrantLock();

  /** The folders of adapters, by name. */
  private final SequencedMap<String, Path> adapters = new LinkedHashMap<>();

  private final Set<Version> live = new LinkedHashSet<>();
  private EngineFacts past = EngineFacts.NONE;
  private Version current;
  private boolean stopping;

  /** An adapter of a version. */
  private static final class Loaded {
    private final String id;
    private final TextProcessor processor;
    private int leases;
    private boolean removed;

    Loaded(String id, TextProcessor processor) {
      this.id = id;
      this.processor = processor;
    }
  }

  /** The model as it was opened once. */
  private final class Version {
    private final BatchScheduler scheduler;
    private final Map<String, Loaded> adapters = new HashMap<>();
    private int leases;
    private boolean retired;

    /**
     * @param again whether another version answers
     */
    Version(boolean again) {
      scheduler =
          new BatchScheduler(() -> model.opening().open(again), options, metrics.of(model.name()));
    }
  }

  /** A version, with an adapter or without, for as long as a request needs it. */
  final class Lease implements AutoCloseable {
    private final Version version;
    private final @Nullable Loaded adapter;
    private final TextProcessor processor;
    private final Scheduler.Target target;

    private Lease(Version version, String name, @Nullable Loaded adapter) {
      this.version = version;
      this.adapter = adapter;
      processor = adapter == null ? version.scheduler.engine().join() : adapter.processor;
      ServerMetrics own = metrics.of(name);
      target =
          new Scheduler.Target(
              name,
              adapter == null ? "" : adapter.id,
              own,
              own.version(processor.facts().version()));
      version.leases++;
      if (adapter != null) {
        adapter.leases++;
      }
    }

    Scheduler scheduler() {
      return version.scheduler;
    }

    Scheduler.Target target() {
      return target;
    }

    /** What is answered with, by its own name. */
    String name() {
      return target.name();
    }

    TextProcessor processor() {
      return processor;
    }

    /** To be closed once. */
    @Override
    public void close() {
      release(this);
    }
  }

  ServedModel(TextModels.Model model, ServeOptions options, ServerMetrics metrics) {
    this.model = model;
    this.options = options;
    this.metrics = metrics;
    current = new Version(false);
    live.add(current);
    ServerMetrics own = metrics.of(model.name());
    own.watch(this::running, this::waiting);
    own.watchEngine(this::facts);
  }

  String name() {
    return model.name();
  }

  /** An adapter that is to be loaded when the model is. */
  void expect(TextModels.Adapter adapter) {
    adapters.put(adapter.name(), adapter.folder());
  }

  /** Opens the model and its adapters. */
  CompletableFuture<?> start() {
    Version first = current;
    first.scheduler.start();
    return first.scheduler.engine().thenCompose(_ -> load(first, adapters));
  }

  private CompletableFuture<?> load(Version version, SequencedMap<String, Path> all) {
    List<CompletableFuture<?>> loading = new ArrayList<>();
    all.forEach((name, folder) -> loading.add(load(version, name, folder)));
    return CompletableFuture.allOf(loading.toArray(CompletableFuture[]::new));
  }

  private CompletableFuture<?> load(Version version, String name, Path folder) {
    String id = name + "#" + LOADS.incrementAndGet();
    return version
        .scheduler
        .execute(engine -> engine.addAdapter(id, folder))
        .thenAccept(
            processor -> {
              synchronized (this) {
                version.adapters.put(name, new Loaded(id, processor));
              }
            });
  }

  /** The adapters' names. */
  synchronized List<String> adapters() {
    return List.copyOf(current.adapters.keySet().stream().sorted().toList());
  }

  /** The folder of an adapter. */
  synchronized @Nullable Path folder(String adapter) {
    return adapters.get(adapter);
  }

  /**
   * The version that a request gets.
   *
   * @param name the model's or an adapter's
   * @return null where there is no such adapter
   */
  synchronized @Nullable Lease lease(String name) {
    if (stopping) {
      throw ServiceState.DRAINING.refusal();
    }
    if (name.equals(model.name())) {
      return new Lease(current, name, null);
    }
    Loaded adapter = current.adapters.get(name);
    return adapter == null ? null : new Lease(current, name, adapter);
  }

  private synchronized void release(Lease lease) {
    Loaded adapter = lease.adapter;
    if (adapter != null && --adapter.leases == 0 && adapter.removed) {
      free(lease.version, adapter);
    }
    if (--lease.version.leases == 0 && lease.version.retired) {
      close(lease.version);
    }
  }

  private static void free(Version version, Loaded adapter) {
    version
        .scheduler
        .execute(
            engine -> {
              engine.removeAdapter(adapter.id);
              return true;
            })
        .exceptionally(
            e -> {
              LOG.log(System.Logger.Level.DEBUG, "an adapter went with its model", e);
              return false;
            });
  }

  /** Closes a version that no request has any more, without waiting for it. */
  private void close(Version version) {
    Thread.ofVirtual()
        .name("slipway-retire")
        .start(
            () -> {
              version.scheduler.stop(options.drain());
              synchronized (this) {
                live.remove(version);
                past = past.and(version.scheduler.facts());
              }
            });
  }

  // ---- changes ----

  /**
   * Loads an adapter for new requests, in the place of one of the same name where there is one.
   *
   * @throws RuntimeException why it can't be, with all as it was
   */
  void addAdapter(String name, Path folder) {
    changing.lock();
    try {
      Version version = version();
      Loaded before;
      synchronized (this) {
        before = version.adapters.get(name);
      }
      await(load(version, name, folder));
      synchronized (this) {
        adapters.put(name, folder);
        retire(version, before);
      }
    } finally {
      changing.unlock();
    }
  }

  /**
   * Gives an adapter to no new request, and frees it when the last one that has it is done.
   *
   * @return whether there was one
   */
  boolean removeAdapter(String name) {
    changing.lock();
    try {
      synchronized (this) {
        adapters.remove(name);
        Loaded gone = current.adapters.remove(name);
        retire(current, gone);
        return gone != null;
      }
    } finally {
      changing.unlock();
    }
  }

  private static void retire(Version version, @Nullable Loaded adapter) {
    if (adapter != null) {
      adapter.removed = true;
      if (adapter.leases == 0) {
        free(version, adapter);
      }
    }
  }

  private synchronized Version version() {
    return current;
  }

  /**
   * Opens the model and its adapters anew beside what answers, and gives that to new requests.
   *
   * @throws RuntimeException why it can't be opened; what answered goes on
   */
  void reload() {
    changing.lock();
    try {
      Version next;
      SequencedMap<String, Path> wanted;
      synchronized (this) {
        if (stopping) {
          throw ServiceState.DRAINING.refusal();
        }
        next = new Version(true);
        live.add(next);
        wanted = new LinkedHashMap<>(adapters);
      }
      next.scheduler.start();
      boolean done = false;
      try {
        await(next.scheduler.engine());
        await(load(next, wanted));
        done = true;
      } finally {
        synchronized (this) {
          Version old = done ? current : next;
          current = done ? next : current;
          old.retired = true;
          if (old.leases == 0) {
            close(old);
          }
        }
      }
    } finally {
      changing.unlock();
    }
  }

  private static void await(CompletableFuture<?> future) {
    try {
      future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ServiceState.DRAINING.refusal();
    } catch (ExecutionException e) {
      Throwable cause =
          e.getCause() instanceof CompletionException inner ? inner.getCause() : e.getCause();
      switch (cause) {
        case RuntimeException reason -> throw reason;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException("the model did not open", cause);
      }
    }
  }

  // ---- what it does ----

  /** {@link TextEngine#cacheConfig} of the version that new requests get. */
  Map<String, String> cacheConfig() {
    return version().scheduler.engine().join().cacheConfig();
  }

  private synchronized List<Version> live() {
    return List.copyOf(live);
  }

  int running() {
    return live().stream().mapToInt(version -> version.scheduler.running()).sum();
  }

  int waiting() {
    return live().stream().mapToInt(version -> version.scheduler.waiting()).sum();
  }

  private synchronized EngineFacts facts() {
    EngineFacts sum = past;
    for (Version version : live) {
      if (version != current) {
        sum = sum.and(version.scheduler.facts());
      }
    }
    return sum.and(current.scheduler.facts());
  }

  /** The adapters that what runs, or what waits, asks for. */
  SortedSet<String> asked(boolean running) {
    SortedSet<String> names = new TreeSet<>();
    live().forEach(version -> names.addAll(version.scheduler.names(running)));
    return names;
  }

  /** As {@link BatchScheduler#stop}, of all versions. */
  void stop(Duration patience) {
    synchronized (this) {
      stopping = true;
    }
    List<Thread> stops = new ArrayList<>();
    for (Version version : live()) {
      stops.add(Thread.ofVirtual().start(() -> version.scheduler.stop(patience)));
    }
    for (Thread stop : stops) {
      try {
        stop.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
