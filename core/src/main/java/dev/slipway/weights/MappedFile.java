package dev.slipway.weights;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BiFunction;

/**
 * A file of weights in memory, for reading, as long as this is open.
 *
 * @param name what it is called in an error
 * @param bytes all of it
 * @param header what its beginning says
 */
public record MappedFile<H>(String name, MemorySegment bytes, H header, Arena arena)
    implements AutoCloseable {
  /**
   * Maps a file and reads its header.
   *
   * @param format what is expected, such as {@code a GGUF file}
   * @param parse the header of the bytes of a file with a name; what it throws closes the map
   * @throws SlipwayException {@code weights.missing} or {@code weights.unreadable}
   */
  @SuppressWarnings(
      "MustBeClosedChecker") // the arena lives as long as this object, which closes it
  public static <H> MappedFile<H> open(
      Path path, String format, BiFunction<MemorySegment, String, H> parse) {
    if (!Files.isRegularFile(path)) {
      throw new SlipwayException(
          Exit.INPUT,
          "weights.missing",
          "there is no file " + path + ", expected " + format,
          "check the path");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      String name = path.toString();
      return new MappedFile<>(name, bytes, parse.apply(bytes, name), arena);
    } catch (IOException e) {
      arena.close();
      throw new SlipwayException(
          Exit.INPUT,
          "weights.unreadable",
          path + " can't be read (" + e.getMessage() + "), expected " + format,
          "check that you may read it",
          e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
