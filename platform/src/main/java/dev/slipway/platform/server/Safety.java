package dev.slipway.platform.server;

import dev.slipway.platform.access.Limits;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What protects a service and those who use it.
 *
 * @param keys file of API keys; null lets everyone in who reaches the service, which then listens
 *     for its own machine alone
 * @param limits what a key may ask for whose own limits say nothing
 * @param tls certificate and key; null for plain HTTP
 * @param plain whether it may listen to other machines without TLS
 * @param audit the audit log's file; null for none
 * @param auditContent whether prompts and answers stand in it, personal data masked
 * @param bounds how long connections may keep it waiting
 */
public record Safety(
    @Nullable Path keys,
    Limits limits,
    @Nullable TlsFiles tls,
    boolean plain,
    @Nullable Path audit,
    boolean auditContent,
    ConnectionBounds bounds) {
  public static final Safety NONE =
      new Safety(null, Limits.NONE, null, false, null, false, ConnectionBounds.DEFAULT);

  /**
   * @param certificates PEM of the service's certificate and of those that vouch for it
   * @param key PEM of its private key
   */
  public record TlsFiles(Path certificates, Path key) {}

  public Safety withKeys(@Nullable Path newKeys) {
    return new Safety(newKeys, limits, tls, plain, audit, auditContent, bounds);
  }

  public Safety withLimits(Limits newLimits) {
    return new Safety(keys, newLimits, tls, plain, audit, auditContent, bounds);
  }

  public Safety withTls(@Nullable TlsFiles newTls) {
    return new Safety(keys, limits, newTls, plain, audit, auditContent, bounds);
  }

  public Safety withPlain(boolean newPlain) {
    return new Safety(keys, limits, tls, newPlain, audit, auditContent, bounds);
  }

  public Safety withAudit(@Nullable Path newAudit, boolean content) {
    return new Safety(keys, limits, tls, plain, newAudit, content, bounds);
  }

  public Safety withBounds(ConnectionBounds newBounds) {
    return new Safety(keys, limits, tls, plain, audit, auditContent, newBounds);
  }
}
