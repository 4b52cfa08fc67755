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
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 connections, kept in sight so that a request that is waiting for its answer can ask
 * whether its client is still there. Without it a client that went away is noticed only when the
 * answer is written, and the model would work for nobody.
 *
 * <p>A virtual thread for each connection reads what comes, a little ahead of who carries out the
 * requests: so the end of the connection is seen at once, and what was read goes to the next
 * request.
 */
final class ClientConnections implements ServerConnectionSelector {
  private final ServerConnectionSelector http1 =
      Http1ConnectionSelector.builder().config(Http1Config.create()).build();
  private final Map<String, Arrivals> open = new ConcurrentHashMap<>();

  /**
   * Whether the client of a connection has closed it.
   *
   * @param socketId as the request names its connection
   */
  boolean isGone(String socketId) {
    Arrivals arrivals = open.get(socketId);
    return arrivals == null || arrivals.ended;
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
        http1.connection(new Ahead(context, DataReader.create(arrivals::next)));
    String id = context.childSocketId();
    return new ServerConnection() {
      @Override
      public void handle(Limit limit) throws InterruptedException {
        open.put(id, arrivals);
        Thread.ofVirtual().name(id + " arrivals").start(arrivals::read);
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

  /** What comes on one connection. */
  private static final class Arrivals {
    private static final byte[] END = new byte[0];

    private final DataReader socket;
    private final BlockingQueue<byte[]> read = new ArrayBlockingQueue<>(4);
    private volatile boolean ended;
    private volatile boolean abandoned;

    Arrivals(DataReader socket) {
      this.socket = socket;
    }

    void read() {
      try {
        while (!abandoned) {
          socket.ensureAvailable();
          read.put(socket.readBuffer().readBytes());
        }
      } catch (RuntimeException e) {
        // Closed by the client or by us: Helidon has several exceptions for it, and who reads on
        // gets the end of the connection.
        ended = true;
        end();
      } catch (InterruptedException e) {
        ended = true;
      }
    }

    /** The next bytes, or null at the connection's end. */
    byte @Nullable [] next() {
      try {
        byte[] bytes = read.take();
        if (bytes == END) {
          read.clear();
          end();
          return null;
        }
        return bytes;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the service stops
        return null;
      }
    }

    /** Nobody reads on: a reader that waits for room finds it. */
    void abandon() {
      abandoned = true;
      read.clear();
    }

    private void end() {
      try {
        read.put(END);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A connection whose bytes are read ahead. */
  private record Ahead(ConnectionContext context, DataReader dataReader)
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
    public DataWriter dataWriter() {
      return context.dataWriter();
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
