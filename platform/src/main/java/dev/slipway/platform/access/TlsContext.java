package dev.slipway.platform.access;

import dev.slipway.base.SlipwayException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS with a certificate that is taken up anew when its files change. Connections that are open go
 * on with the old one. Files that do not fit each other leave what was.
 */
public final class TlsContext implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(TlsContext.class.getName());

  /** Forward secrecy and authenticated encryption only (RFC 9325, section 4.2). */
  private static final List<String> SUITES =
      List.of(
          "TLS_AES_256_GCM_SHA384",
          "TLS_AES_128_GCM_SHA256",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private final Path certificates;
  private final Path key;
  private final SSLContext context;
  private final FileWatch watch;
  private volatile Numbered current;
  private volatile Numbered previous;

  private TlsContext(Path certificates, Path key, Duration period) {
    this.certificates = certificates;
    this.key = key;
    this.watch = new FileWatch(List.of(certificates, key), period, this::reload);
    this.current = new Numbered(0, Certificate.read(certificates, key));
    this.previous = current;
    try {
      context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {new Current()}, null, null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  /**
   * @throws SlipwayException {@code tls.…} as {@link Certificate#read}
   */
  public static TlsContext open(Path certificates, Path key) {
    return open(certificates, key, Duration.ofSeconds(1));
  }

  static TlsContext open(Path certificates, Path key, Duration period) {
    TlsContext tls = new TlsContext(certificates, key, period);
    tls.watch.start();
    return tls;
  }

  public SSLContext context() {
    return context;
  }

  /** TLS 1.3 and 1.2. */
  public static SSLParameters parameters() {
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    parameters.setCipherSuites(SUITES.toArray(String[]::new));
    parameters.setUseCipherSuitesOrder(true);
    return parameters;
  }

  /** Until when the certificate that is in use is valid. */
  public Instant expires() {
    return current.certificate.chain().getFirst().getNotAfter().toInstant();
  }

  private void reload() {
    try {
      Certificate read = Certificate.read(certificates, key);
      previous = current;
      current = new Numbered(previous.number + 1, read);
      LOG.log(System.Logger.Level.INFO, "the certificate in {0} is in use now", certificates);
    } catch (SlipwayException e) {
      LOG.log(System.Logger.Level.ERROR, "the certificate stays as it was: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    watch.close();
  }

  /** A certificate, by whose number a handshake gets chain and key of the same one. */
  private record Numbered(int number, Certificate certificate) {}

  private Certificate named(String alias) {
    Numbered now = current;
    return (alias.equals(Current.ALIAS + now.number) ? now : previous).certificate;
  }

  /** Answers every handshake with the certificate of that moment. */
  private final class Current extends X509ExtendedKeyManager {
    private static final String ALIAS = "server-";

    /** The type of a handshake, such as {@code EC} or {@code RSASSA-PSS}, or none of ours. */
    private @Nullable String alias(String type) {
      Numbered now = current;
      String own = now.certificate.key().getAlgorithm();
      boolean suits = type.equals(own) || type.startsWith("Ed") && own.equals("EdDSA");
      return suits ? ALIAS + now.number : null;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return alias(type);
    }

    @Override
    public @Nullable String chooseServerAlias(
        String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return alias(type);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return named(alias).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return named(alias).key();
    }

    @Override
    public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
      String alias = alias(type);
      return alias == null ? null : new String[] {alias};
    }

    @Override
    public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }
  }
}
