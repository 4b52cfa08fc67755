package dev.slipway.platform.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 connections, kept in sight so that a request that is waiting for its answer can ask
 * whether its client is still there, and so that none keeps the service waiting for longer than
 * {@link ConnectionBounds} allow. Without it a client that went away is noticed only when the
 * answer is written, and the model would work for nobody.
 */
final class ClientConnections implements ServerConnectionSelector, AutoCloseable {
  /** How often the bounds are looked after. */
  private static final long LOOK_MILLIS = 250;

  private static final int QUIET_LOOKS = 4;
  private static final long QUIET_MILLIS = 25;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  /** For which a refused client may go on sending before its connection is closed. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final ServerConnectionSelector http1 =
      Http1ConnectionSelector.builder().config(Http1Config.create()).build();
  private final Map<String, Arrivals> open = new ConcurrentHashMap<>();
  private final ConnectionBounds bounds;
  private final Thread watcher;

  ClientConnections(ConnectionBounds bounds) {
    this.bounds = bounds;
    this.watcher = Thread.ofVirtual().name("slipway-connections").start(this::watch);
  }

  /**
   * Whether the client of a connection has closed it.
   *
   * @param socketId as the request names its connection
   */
  boolean isGone(String socketId) {
    Arrivals arrivals = open.get(socketId);
    return arrivals == null || arrivals.isEnded();
  }

  /**
   * Has somebody told at each look that the client of a connection has closed it: a timer of its
   * own for each token of each client costs more than the token's way to the client.
   *
   * @param told null for no longer
   */
  void whileWaiting(String socketId, @Nullable Runnable told) {
    Arrivals arrivals = open.get(socketId);
    if (arrivals != null) {
      arrivals.waiting(told);
    } else if (told != null) {
      told.run();
    }
  }

  /** A request has come with all its headers. */
  void began(String socketId) {
    Arrivals arrivals = open.get(socketId);
    if (arrivals != null) {
      arrivals.began();
    }
  }

  /** What its client still sends is not wanted: what comes within a while is thrown away. */
  void drain(String socketId) {
    Arrivals arrivals = open.get(socketId);
    if (arrivals != null) {
      arrivals.drain(LINGER);
    }
  }

  /** It is answered. */
  void ended(String socketId) {
    Arrivals arrivals = open.get(socketId);
    if (arrivals != null) {
      arrivals.finished();
    }
  }

  /** Connections that are open. */
  int count() {
    return open.size();
  }

  /**
   * Waits until no client waits for an answer, some looks in a row: one that has connected may not
   * be seen yet.
   *
   * @param most for how long at most, since a client can ask on and on
   */
  void awaitQuiet(Duration most) {
    long end = System.nanoTime() + most.toNanos();
    try {
      for (int quiet = 0; quiet < QUIET_LOOKS && System.nanoTime() < end; ) {
        Thread.sleep(QUIET_MILLIS);
        boolean asked = open.values().stream().anyMatch(one -> one.isAwaitingAnswer(PATIENCE));
        quiet = asked ? 0 : quiet + 1;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // whoever stops us has no patience
    }
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLIS);
        open.values().stream().filter(one -> one.isOverdue(bounds)).forEach(Arrivals::cut);
        open.values().forEach(Arrivals::tellWaiting);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  private synchronized void put(String id, Arrivals arrivals) {
    while (open.size() >= bounds.most()) { // before it comes in: nobody ever sees more
      Optional<Map.Entry<String, Arrivals>> oldest =
          open.entrySet().stream()
              .filter(one -> one.getValue().isWithoutRequest())
              .max(Comparator.comparingLong(one -> one.getValue().waited()));
      if (oldest.isEmpty()) {
        break; // all are at work
      }
      open.remove(oldest.get().getKey());
      oldest.get().getValue().cut();
    }
    open.put(id, arrivals);
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http1.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData data) {
    return http1.supports(data);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http1.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    Arrivals arrivals = new Arrivals(context.dataReader());
    ServerConnection connection =
        http1.connection(
            new Watched(
                context,
                DataReader.create(arrivals::next),
                new TimedWriter(context.dataWriter(), arrivals)));
    String id = context.childSocketId();
    return new ServerConnection() {
      @Override
      public void handle(Limit limit) throws InterruptedException {
        arrivals.start(id);
        put(id, arrivals);
        try {
          connection.handle(limit);
        } finally {
          open.remove(id);
          arrivals.abandon();
        }
      }

      @Override
      public Duration idleTime() {
        return connection.idleTime();
      }

      @Override
      public void close(boolean interrupt) {
        connection.close(interrupt);
      }
    };
  }

  @Override
  public void close() {
    watcher.interrupt();
  }

  /** Tells how long a client takes to take what it is sent. */
  private record TimedWriter(DataWriter to, Arrivals arrivals) implements DataWriter {
    private void timed(Runnable write) {
      arrivals.writing(true);
      try {
        write.run();
      } finally {
        arrivals.writing(false);
      }
    }

    @Override
    public void write(BufferData... buffers) {
      timed(() -> to.write(buffers));
    }

    @Override
    public void write(BufferData buffer) {
      timed(() -> to.write(buffer));
    }

    @Override
    public void writeNow(BufferData... buffers) {
      timed(() -> to.writeNow(buffers));
    }

    @Override
    public void writeNow(BufferData buffer) {
      timed(() -> to.writeNow(buffer));
    }

    @Override
    public void flush() {
      timed(to::flush);
    }

    @Override
    public void close() {
      to.close();
    }
  }

  /** A connection whose bytes are read ahead and whose writes are timed. */
  private record Watched(ConnectionContext context, DataReader dataReader, DataWriter dataWriter)
      implements ConnectionContext {
    @Override
    public ListenerContext listenerContext() {
      return context.listenerContext();
    }

    @Override
    public ExecutorService executor() {
      return context.executor();
    }

    @Override
    public Router router() {
      return context.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
      return context.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
      return context.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
      return context.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
      return context.localPeer();
    }

    @Override
    public boolean isSecure() {
      return context.isSecure();
    }

    @Override
    public String socketId() {
      return context.socketId();
    }

    @Override
    public String childSocketId() {
      return context.childSocketId();
    }
  }
}
