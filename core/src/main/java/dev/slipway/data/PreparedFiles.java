package dev.slipway.data;

import dev.slipway.base.Exit;
import dev.slipway.base.Hashing;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** Proves that a prepared folder is what its manifest says, before anything in it is mapped. */
public final class PreparedFiles {
  private PreparedFiles() {}

  /**
   * How a folder's own kind of damage is told.
   *
   * @param content such as "tokens"
   */
  public record Damage(String code, String content, Path folder) {
    public SlipwayException of(String what, @Nullable Exception cause) {
      return new SlipwayException(
          Exit.INPUT,
          code,
          "the " + content + " in " + folder + " are damaged: " + what,
          "delete this folder, so that it is made again",
          cause);
    }
  }

  public static <M> M manifest(Path file, Class<M> type, Damage damage) {
    try {
      return Json.MAPPER.readValue(Files.readString(file), type);
    } catch (IOException | JacksonException e) {
      throw damage.of("the manifest cannot be read: " + e.getMessage(), e);
    }
  }

  /** Maps a file to read. */
  public static MemorySegment map(Path file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }

  /**
   * Checks format and sums.
   *
   * @param sha256 by file name
   */
  public static void check(
      Path folder, int format, int expected, Map<String, String> sha256, Damage damage) {
    if (format != expected) {
      throw damage.of("the format is " + format + ", not " + expected, null);
    }
    for (Map.Entry<String, String> sum : sha256.entrySet()) {
      Path file = folder.resolve(sum.getKey());
      if (!Files.isRegularFile(file)) {
        throw damage.of(sum.getKey() + " is missing", null);
      }
      if (!Hashing.sha256(file).equals(sum.getValue())) {
        throw damage.of("the checksum of " + sum.getKey() + " does not hold", null);
      }
    }
  }
}
