package dev.slipway.platform.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.slipway.platform.Eventually;
import dev.slipway.platform.access.Certificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class TlsTest {
  private static final String ASK =
      "{\"model\":\"toy\",\"prompt\":\"a\",\"max_tokens\":3,\"temperature\":0}";

  @TempDir Path folder;

  private Path certificates() {
    return folder.resolve("fullchain.pem");
  }

  private Path key() {
    return folder.resolve("privkey.pem");
  }

  /** A fresh pair, named so, in the two files. */
  private void pair(String name, String algorithm)
      throws IOException, InterruptedException, GeneralSecurityException {
    Path store = folder.resolve(name + ".p12");
    run(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-keystore",
        store.toString(),
        "-storepass",
        "changeit",
        "-alias",
        "a",
        "-keyalg",
        algorithm,
        algorithm.equals("RSA") ? "-keysize" : "-v",
        algorithm.equals("RSA") ? "2048" : "-v",
        "-dname",
        "CN=" + name);
    KeyStore pairs = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
    Key secret = pairs.getKey("a", "changeit".toCharArray());
    Files.writeString(key(), pem("PRIVATE KEY", secret.getEncoded()));
    Files.writeString(certificates(), pem("CERTIFICATE", pairs.getCertificate("a").getEncoded()));
  }

  private static String pem(String what, byte[] der) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder().encodeToString(der)
        + "\n-----END "
        + what
        + "-----\n";
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private ModelServer serve() throws InterruptedException {
    Safety safety = Safety.NONE.withTls(new Safety.TlsFiles(certificates(), key()));
    ModelServer server =
        ModelServer.start(
            ServeOptions.DEFAULT.withPort(0).withSafety(safety), "toy", FakeEngine::new, List.of());
    server.awaitReady();
    return server;
  }

  /** Trusts everyone, and so lets a test look at whom it met. */
  private static final class Anyone implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static SSLSocket connect(ModelServer server, String... protocols)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anyone()}, null);
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), server.port());
    if (protocols.length > 0) {
      socket.setEnabledProtocols(protocols);
    }
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static String ask(SSLSocket socket) throws IOException {
    socket
        .getOutputStream()
        .write(
            ("POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    + "Content-Length: "
                    + ASK.length()
                    + "\r\n\r\n"
                    + ASK)
                .getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    int length =
        head.toString()
            .lines()
            .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
            .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
            .findFirst()
            .orElseThrow();
    return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  private static String name(SSLSocket socket) throws SSLException {
    socket.getSession(); // shakes hands
    X509Certificate met = (X509Certificate) socket.getSession().getPeerCertificates()[0];
    return met.getSubjectX500Principal().getName();
  }

  @Test
  void answersOverTlsWithItsCertificateAndTakesUpANewOne() throws Exception {
    pair("first", "RSA");
    try (ModelServer server = serve();
        SSLSocket old = connect(server)) {
      assertThat(server.address().getScheme()).isEqualTo("https");
      assertThat(ask(old)).startsWith("HTTP/1.1 200").contains("\"text\":\"bcd\"");
      assertThat(name(old)).isEqualTo("CN=first");
      assertThat(old.getSession().getProtocol()).isEqualTo("TLSv1.3");
      try (ModelServer other = serve()) {
        assertThat(other.port()).isNotEqualTo(server.port());
      }
      // A certificate whose key is not there yet changes nothing.
      String key = Files.readString(key());
      pair("second", "EC");
      String newKey = Files.readString(key());
      Files.writeString(key(), key);
      try (SSLSocket socket = connect(server)) {
        assertThat(name(socket)).isEqualTo("CN=first");
      }
      Files.writeString(key(), newKey);
      Eventually.holds(
          "the second certificate is in use",
          () -> {
            try (SSLSocket socket = connect(server, "TLSv1.2")) {
              String met = name(socket);
              assertThat(ask(socket)).startsWith("HTTP/1.1 200");
              assertThat(socket.getSession().getCipherSuite()).contains("ECDHE").contains("GCM");
              return met.equals("CN=second");
            }
          });
      // Who was there before goes on.
      assertThat(ask(old)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void oldProtocolsAndPlainTextAreRefused() throws Exception {
    pair("one", "EC");
    try (ModelServer server = serve()) {
      // A ClientHello of TLS 1.1, which this JDK itself would not send.
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        socket.setSoTimeout(30_000);
        byte[] hello = new byte[50];
        System.arraycopy(new byte[] {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2}, 0, hello, 0, 11);
        // 32 random bytes, no session, one suite: TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, no
        // compression.
        System.arraycopy(new byte[] {0, 0, 2, (byte) 0xc0, 9, 1, 0}, 0, hello, 43, 7);
        socket.getOutputStream().write(hello);
        socket.getOutputStream().flush();
        byte[] alert = socket.getInputStream().readNBytes(7);
        assertThat(alert).startsWith((byte) 21); // an alert
        assertThat(alert[5]).isEqualTo((byte) 2); // fatal
      }
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
        socket.setSoTimeout(30_000);
        socket
            .getOutputStream()
            .write(
                "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
        String answer =
            new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(answer).doesNotContain("HTTP/1.1 200");
      }
      try (SSLSocket socket = connect(server)) {
        assertThat(ask(socket)).startsWith("HTTP/1.1 200");
      }
    }
  }

  @Test
  void keysOfEveryFormAreRead() throws Exception {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/openssl")), "skipped: there is no /usr/bin/openssl");
    Set<String> forms = new TreeSet<>();
    for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
      pair("form" + algorithm, algorithm);
      assertThat(Certificate.read(certificates(), key()).chain()).hasSize(1);
      if (!algorithm.equals("Ed25519")) {
        Path traditional = folder.resolve("traditional.pem");
        run(
            "/usr/bin/openssl",
            algorithm.equals("RSA") ? "rsa" : "ec",
            "-in",
            key().toString(),
            algorithm.equals("RSA") ? "-traditional" : "-no_public",
            "-out",
            traditional.toString());
        forms.add(Files.readAllLines(traditional).getFirst());
        Certificate.read(certificates(), traditional);
      }
    }
    assertThat(forms)
        .containsExactly("-----BEGIN EC PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----");
  }

  @Test
  void whatIsWrongWithTheFilesIsTold() throws Exception {
    assertThatThrownBy(this::serve).hasMessageContaining("fullchain.pem can't be read");
    pair("one", "EC");
    String key = Files.readString(key());
    Files.writeString(key(), "nothing");
    assertThatThrownBy(this::serve).hasMessageContaining("holds no private key");
    Files.writeString(key(), key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
    assertThatThrownBy(this::serve).hasMessageContaining("is encrypted");
    Files.writeString(key(), key.substring(0, 60) + "\n-----END PRIVATE KEY-----\n");
    assertThatThrownBy(this::serve).hasMessageContaining("can't be read");
    pair("two", "EC");
    Files.writeString(key(), key);
    assertThatThrownBy(this::serve).hasMessageContaining("does not belong to the certificate");
    pair("three", "RSA");
    Files.writeString(key(), key);
    assertThatThrownBy(this::serve).hasMessageContaining("as one of the certificate's RSA");
    Files.writeString(certificates(), "nothing");
    assertThatThrownBy(this::serve).hasMessageContaining("holds no certificate");
  }
}
