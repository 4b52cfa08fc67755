package dev.slipway.platform.access;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A server's certificate and its private key, of PEM files as certbot, mkcert and cert-manager
 * write them: the key as PKCS#8, or as OpenSSL's own forms for RSA and elliptic curves.
 *
 * @param chain the server's own certificate first, then those that vouch for it
 */
public record Certificate(List<X509Certificate> chain, PrivateKey key) {
  private static final Pattern KEY =
      Pattern.compile(
          "-----BEGIN (|RSA |EC |ENCRYPTED )PRIVATE KEY-----(.*?)-----END", Pattern.DOTALL);

  // Object identifiers in DER.
  private static final byte[] RSA = {
    6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
  };
  private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

  public Certificate {
    chain = List.copyOf(chain);
  }

  /**
   * @throws SlipwayException {@code tls.missing}, {@code tls.certificate}, {@code tls.key}
   */
  public static Certificate read(Path certificates, Path key) {
    List<X509Certificate> chain = chain(certificates);
    PrivateKey secret = key(key, chain.getFirst().getPublicKey().getAlgorithm());
    requirePair(certificates, key, chain.getFirst(), secret);
    return new Certificate(chain, secret);
  }

  private static List<X509Certificate> chain(Path file) {
    try {
      List<X509Certificate> chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes(file)))
              .stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!chain.isEmpty()) {
        return chain;
      }
      throw wrong("tls.certificate", file + " holds no certificate", null);
    } catch (GeneralSecurityException e) {
      throw wrong("tls.certificate", file + " holds no certificate (" + e.getMessage() + ")", e);
    }
  }

  private static PrivateKey key(Path file, String algorithm) {
    Matcher pem = KEY.matcher(new String(bytes(file), StandardCharsets.ISO_8859_1));
    if (!pem.find()) {
      throw wrong("tls.key", file + " holds no private key", null);
    }
    if (pem.group(1).equals("ENCRYPTED ") || pem.group(2).contains("ENCRYPTED")) {
      throw wrong("tls.key", "the private key in " + file + " is encrypted", null);
    }
    try {
      byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
      byte[] wrapped =
          switch (pem.group(1)) {
            case "RSA " -> pkcs8(RSA, der);
            case "EC " -> pkcs8(join(EC, curve(der)), der);
            default -> der;
          };
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(wrapped));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw wrong(
          "tls.key",
          "the private key in " + file + " can't be read as one of the certificate's " + algorithm,
          e);
    }
  }

  private static byte[] pkcs8(byte[] algorithm, byte[] key) {
    return der(0x30, join(new byte[] {2, 1, 0}, der(0x30, algorithm), der(4, key)));
  }

  /** The object identifier of the curve: RFC 5915, the element with the tag [0]. */
  private static byte[] curve(byte[] key) {
    for (int i = 0; i + 1 < key.length; i++) {
      // [0], its length, and an object identifier that fills it.
      if (key[i] == (byte) 0xa0
          && i + 3 < key.length
          && key[i + 2] == 6
          && key[i + 3] == key[i + 1] - 2) {
        return Arrays.copyOfRange(key, i + 2, i + 2 + key[i + 1]);
      }
    }
    throw new IllegalArgumentException("the key names no curve");
  }

  private static byte[] der(int tag, byte[] content) {
    int length = content.length;
    byte[] head =
        length < 128
            ? new byte[] {(byte) tag, (byte) length}
            : length < 256
                ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
    return join(head, content);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** While both files are being replaced, one may be new and the other old. */
  private static void requirePair(
      Path certificates, Path key, X509Certificate certificate, PrivateKey secret) {
    String algorithm =
        switch (secret.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> secret.getAlgorithm();
        };
    byte[] probe = {1, 2, 3};
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(secret);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(probe);
      if (signature.verify(signed)) {
        return;
      }
    } catch (GeneralSecurityException e) {
      throw wrong(
          "tls.key", "the private key in " + key + " can't sign (" + e.getMessage() + ")", e);
    }
    throw wrong(
        "tls.key",
        "the private key in " + key + " does not belong to the certificate in " + certificates,
        null);
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "tls.missing",
          "the file " + file + " can't be read",
          "check the path, and that you may read it",
          e);
    }
  }

  private static SlipwayException wrong(String code, String what, @Nullable Throwable cause) {
    return new SlipwayException(
        Exit.INPUT,
        code,
        what,
        code.equals("tls.key")
            ? "give the key that belongs to the certificate, in PEM without a password, such as"
                + " `openssl pkey` writes it"
            : "give the certificate and those that vouch for it in PEM, such as fullchain.pem",
        cause);
  }
}
