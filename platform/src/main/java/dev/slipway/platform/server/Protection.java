package dev.slipway.platform.server;

import dev.slipway.platform.access.Keyring;
import dev.slipway.platform.access.TlsContext;
import dev.slipway.platform.audit.AuditLog;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Safety} asks for, open.
 *
 * @param keys null without keys
 * @param tls null without TLS
 * @param audit null without an audit log
 */
record Protection(@Nullable Keyring keys, @Nullable TlsContext tls, @Nullable AuditLog audit)
    implements AutoCloseable {
  /**
   * @throws dev.slipway.base.SlipwayException {@code keys.…}, {@code tls.…} or {@code audit.…},
   *     with nothing left open
   */
  static Protection open(Safety safety) {
    TlsContext tls = null;
    Keyring keys = null;
    boolean done = false;
    try {
      tls =
          safety.tls() == null
              ? null
              : TlsContext.open(safety.tls().certificates(), safety.tls().key());
      keys = safety.keys() == null ? null : Keyring.open(safety.keys(), safety.limits());
      AuditLog audit = safety.audit() == null ? null : AuditLog.open(safety.audit());
      done = true;
      return new Protection(keys, tls, audit);
    } finally {
      if (!done) {
        new Protection(keys, tls, null).close();
      }
    }
  }

  void watch(ServerMetrics metrics) {
    if (tls != null) {
      metrics.watchCertificate(() -> tls.expires().getEpochSecond());
    }
  }

  /** The audit log is closed by the trail that writes it. */
  @Override
  public void close() {
    if (keys != null) {
      keys.close();
    }
    if (tls != null) {
      tls.close();
    }
  }
}
