package dev.slipway.hub;

import dev.slipway.base.Hashing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A sum that a file must have.
 *
 * @param expected in lower-case hexadecimal
 */
public record Checksum(Kind kind, String expected) {
  /** How it is made. */
  public enum Kind {
    SHA_256("SHA-256"),
    /** SHA-1 of {@code blob LENGTH\\0} and the file, as git names a file. */
    GIT_BLOB("git SHA-1");

    private final String shown;

    Kind(String shown) {
      this.shown = shown;
    }

    public String shown() {
      return shown;
    }
  }

  public static Checksum sha256(String expected) {
    return new Checksum(Kind.SHA_256, expected);
  }

  /** The sum that this file has. */
  String of(Path file) throws IOException {
    return switch (kind) {
      case SHA_256 -> Hashing.sha256(file);
      case GIT_BLOB -> gitBlob(file);
    };
  }

  private static String gitBlob(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-1");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
    digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.UTF_8));
    try (InputStream in = Files.newInputStream(file)) {
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return Hashing.hex(digest.digest());
  }
}
