package dev.slipway.platform.access;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The file that holds the hashes of keys; what is written replaces it whole. */
public final class KeyFile {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int SECRET_BYTES = 32;
  private static final int HINT = ApiKey.PREFIX.length() + 4;

  private final Path path;

  public KeyFile(Path path) {
    this.path = path;
  }

  /** What stands in the file. */
  record Content(List<ApiKey> keys) {
    Content {
      keys = List.copyOf(keys);
      Set<String> names = new HashSet<>();
      for (ApiKey key : keys) {
        if (!names.add(key.name())) {
          throw new SlipwayException(
              Exit.INPUT,
              "keys.file",
              "there are two keys of the name '" + key.name() + "'",
              "rename one of them");
        }
      }
    }
  }

  /**
   * A new key, shown this one time.
   *
   * @param secret what its owner sends
   */
  public record Created(ApiKey key, String secret) {}

  /** 256 random bits, as a key is spelled. */
  static String secret() {
    byte[] bytes = new byte[SECRET_BYTES];
    RANDOM.nextBytes(bytes);
    return ApiKey.PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * @throws SlipwayException {@code keys.missing} without the file; {@code json.…} and {@code
   *     keys.…} for what is wrong in it
   */
  public List<ApiKey> read() {
    if (!Files.exists(path)) {
      throw new SlipwayException(
          Exit.INPUT,
          "keys.missing",
          "there is no file of keys " + path,
          "make it with `slipway keys create NAME --keys " + path + "`");
    }
    return Json.read(path, Content.class).keys();
  }

  /**
   * Makes a key, and the file where there is none yet.
   *
   * @throws SlipwayException {@code keys.name} where the name is taken or can't be one
   */
  public Created create(
      String name, List<Scope> scopes, Instant now, @Nullable Instant expires, Limits limits) {
    String secret = secret();
    ApiKey key =
        new ApiKey(
            name,
            ApiKey.hash(secret),
            secret.substring(0, HINT),
            scopes.stream().map(Scope::word).sorted().toList(),
            now,
            expires,
            null,
            limits.requests(),
            limits.tokens());
    change(
        keys -> {
          if (keys.stream().anyMatch(other -> other.name().equals(name))) {
            throw new SlipwayException(
                Exit.USAGE,
                "keys.name",
                path + " has a key '" + name + "' already",
                "choose another name; a key that was revoked keeps its own");
          }
          List<ApiKey> more = new ArrayList<>(keys);
          more.add(key);
          return more;
        });
    return new Created(key, secret);
  }

  /**
   * Takes a key's right away, for good. One that has none any more stays as it is.
   *
   * @throws SlipwayException {@code keys.unknown}
   */
  public void revoke(String name, Instant now) {
    read();
    change(
        keys -> {
          if (keys.stream().noneMatch(key -> key.name().equals(name))) {
            throw new SlipwayException(
                Exit.INPUT,
                "keys.unknown",
                path + " has no key '" + name + "'",
                "see `slipway keys list --keys " + path + "`");
          }
          return keys.stream()
              .map(
                  key ->
                      key.name().equals(name) && key.revoked() == null ? key.revokedAt(now) : key)
              .toList();
        });
  }

  /** Two who change the file at once come one after the other. */
  private void change(UnaryOperator<List<ApiKey>> change) {
    // The system's lock is between processes: threads of one are kept apart here.
    synchronized (KeyFile.class) {
      changeLocked(change);
    }
  }

  private void changeLocked(UnaryOperator<List<ApiKey>> change) {
    Path folder = path.toAbsolutePath().getParent();
    Path lock = path.resolveSibling("." + path.getFileName() + ".lock");
    try {
      if (folder != null) {
        Files.createDirectories(folder);
      }
      try (FileChannel channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        List<ApiKey> before = Files.exists(path) ? read() : List.of();
        byte[] bytes =
            Json.write(new Content(change.apply(before))).getBytes(StandardCharsets.UTF_8);
        AtomicFiles.writeAt(path, partial -> writeAs(path, partial, bytes));
      }
    } catch (IOException e) {
      throw AtomicFiles.problem(path, e);
    }
  }

  /** For its owner alone, or for whom the file before was: a service may be another user. */
  private static void writeAs(Path before, Path file, byte[] bytes) throws IOException {
    boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (posix) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.write(file, bytes);
    if (posix && Files.exists(before)) {
      Files.setPosixFilePermissions(file, Files.getPosixFilePermissions(before));
    }
  }
}
