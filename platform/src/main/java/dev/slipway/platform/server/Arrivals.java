package dev.slipway.platform.server;

import io.helidon.common.buffers.DataReader;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What comes on one connection. A virtual thread reads it, a little ahead of who carries out the
 * requests: so the end of the connection is seen at once, and what was read goes to the next
 * request.
 */
final class Arrivals {
  private static final byte[] END = new byte[0];

  private enum Phase {
    /** Between two requests. */
    IDLE,
    /** Something of a request has come. */
    HEADERS,
    /** A request is carried out. */
    REQUEST
  }

  private final DataReader socket;
  private final BlockingQueue<byte[]> read = new ArrayBlockingQueue<>(4);
  private volatile @Nullable Thread reader;
  private volatile @Nullable Thread handler;
  private volatile boolean ended;

  /** What who waits for an answer is told again and again once the client has gone. */
  private volatile @Nullable Runnable waiting;

  private volatile boolean abandoned;
  private volatile Phase phase = Phase.HEADERS;

  /** Since when the phase lasts, bytes of a body are awaited, a write goes on; 0 for neither. */
  private volatile long since = System.nanoTime();

  private volatile long awaiting;
  private volatile long writing;
  private volatile long bytes;

  Arrivals(DataReader socket) {
    this.socket = socket;
  }

  /** Begins to read, for the thread that calls it. */
  void start(String id) {
    handler = Thread.currentThread();
    Thread thread = Thread.ofVirtual().name(id + " arrivals").unstarted(this::read);
    reader = thread;
    thread.start();
  }

  boolean isEnded() {
    return ended;
  }

  /** Has somebody told that the client has gone, from now on or, with null, no longer. */
  void waiting(@Nullable Runnable told) {
    waiting = told;
  }

  void tellWaiting() {
    Runnable told = waiting;
    if (ended && told != null) {
      told.run();
    }
  }

  private void read() {
    try {
      while (!abandoned) {
        socket.ensureAvailable();
        byte[] came = socket.readBuffer().readBytes();
        bytes += came.length; // by this thread alone
        if (phase == Phase.IDLE) {
          since = System.nanoTime();
          phase = Phase.HEADERS;
        }
        read.put(came);
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
    awaiting = System.nanoTime();
    try {
      byte[] came = read.take();
      if (came == END) {
        read.clear();
        end();
        return null;
      }
      return came;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the service stops, or has cut the connection
      return null;
    } finally {
      awaiting = 0;
    }
  }

  /**
   * Throws away what comes, until the client ends the connection or the time is over: a connection
   * that is closed with bytes unread takes the answer away from who still sends.
   */
  void drain(Duration most) {
    long end = System.nanoTime() + most.toNanos();
    try {
      while (!ended || !read.isEmpty()) {
        byte[] came = read.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (came == null || came == END) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the service stops, or has cut the connection
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

  void began() {
    since = System.nanoTime();
    bytes = 0;
    phase = Phase.REQUEST;
  }

  void finished() {
    since = System.nanoTime();
    phase = Phase.IDLE;
  }

  void writing(boolean now) {
    writing = now ? System.nanoTime() : 0;
  }

  boolean isWithoutRequest() {
    return phase != Phase.REQUEST;
  }

  /**
   * Whether a client waits for an answer, or has just begun to ask.
   *
   * @param patience for how long whoever has begun may take to ask on
   */
  boolean isAwaitingAnswer(Duration patience) {
    return switch (phase) {
      case IDLE -> false;
      case HEADERS -> waited() < patience.toNanos();
      case REQUEST -> true;
    };
  }

  /** Nanoseconds that the phase has lasted. */
  long waited() {
    return System.nanoTime() - since;
  }

  boolean isOverdue(ConnectionBounds bounds) {
    long now = System.nanoTime();
    long write = writing;
    if (write != 0 && now - write > bounds.stall().toNanos()) {
      return true;
    }
    Duration waited = Duration.ofNanos(now - since);
    return switch (phase) {
      case IDLE -> waited.compareTo(bounds.idle()) > 0;
      case HEADERS -> waited.compareTo(bounds.headers()) > 0;
      case REQUEST -> {
        long body = awaiting;
        Duration enough = bounds.stall().plusMillis(bytes * 1000 / Math.max(1, bounds.bodyRate()));
        yield body != 0 && (now - body > bounds.stall().toNanos() || waited.compareTo(enough) > 0);
      }
    };
  }

  /**
   * Ends the connection. A channel is closed when a thread that reads or writes it is interrupted,
   * whoever holds its locks.
   */
  void cut() {
    Thread reads = reader;
    Thread handles = handler;
    if (reads != null) {
      reads.interrupt();
    }
    if (handles != null) {
      handles.interrupt();
    }
  }
}
