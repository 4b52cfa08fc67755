package dev.slipway.weights;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.tensor.machine.FileGuard;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A file of weights in memory, for reading, as long as this is open.
 *
 * @param name what it is called in an error
 * @param bytes all of it
 * @param header what its beginning says
 * @param guard of one that is mapped to be read once; null for others
 */
public record MappedFile<H>(
    String name, MemorySegment bytes, H header, Arena arena, @Nullable FileGuard guard)
    implements AutoCloseable {
  private static final int ALIGNMENT = 64;
  private static final long PART = 1 << 26;

  /**
   * Maps a file and reads its header.
   *
   * @param format what is expected, such as {@code a GGUF file}
   * @param parse the header of the bytes of a file with a name; what it throws closes the map
   * @throws SlipwayException {@code weights.missing} or {@code weights.unreadable}
   */
  public static <H> MappedFile<H> open(
      Path path, String format, BiFunction<MemorySegment, String, H> parse) {
    return open(path, Residence.MAPPED_ONCE, format, parse);
  }

  /** As above, with its bytes where they are wanted. */
  @SuppressWarnings(
      "MustBeClosedChecker") // the arena lives as long as this object, which closes it
  public static <H> MappedFile<H> open(
      Path path, Residence residence, String format, BiFunction<MemorySegment, String, H> parse) {
    if (!Files.isRegularFile(path)) {
      throw new SlipwayException(
          Exit.INPUT,
          "weights.missing",
          "there is no file " + path + ", expected " + format,
          "check the path");
    }
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      MemorySegment bytes =
          residence == Residence.COPIED
              ? read(channel, arena)
              : channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      String name = path.toString();
      FileGuard guard = residence == Residence.COPIED ? null : FileGuard.of(bytes);
      H header;
      try {
        header = parse.apply(bytes, name);
      } catch (RuntimeException e) {
        if (guard != null) {
          guard.close();
          requireWhole(guard, name);
        }
        throw e;
      }
      if (guard != null && residence == Residence.MAPPED) {
        guard.close(); // its pages may be asked for as long as the process lives
        requireWhole(guard, name);
        guard = null;
      }
      return new MappedFile<>(name, bytes, header, arena, guard);
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

  /** All that there is when it is read, which may be less than there was. */
  private static MemorySegment read(FileChannel channel, Arena arena) throws IOException {
    MemorySegment bytes = arena.allocate(Math.max(1, channel.size()), ALIGNMENT);
    long size = channel.size();
    long at = 0;
    while (at < size) {
      ByteBuffer part = bytes.asSlice(at, Math.min(PART, size - at)).asByteBuffer();
      int count = channel.read(part, at);
      if (count < 0) {
        break; // its header says more, which is told as of any file that was cut off
      }
      at += count;
    }
    return bytes.asSlice(0, at).asReadOnly();
  }

  /**
   * Refuses a file that was cut off while it was read.
   *
   * @throws SlipwayException {@code weights.truncated}
   */
  private void requireWhole() {
    if (guard != null) {
      requireWhole(guard, name);
    }
  }

  private static void requireWhole(FileGuard guard, String name) {
    if (guard.isCut()) {
      throw new SlipwayException(
          Exit.INPUT,
          "weights.truncated",
          name + " was cut off while it was read, expected a file that stays as it is",
          "copy or download it again, beside the one in use, and rename it");
    }
  }

  /** Says where the file was cut off meanwhile, as {@link #requireWhole}. */
  @Override
  public void close() {
    if (guard != null) {
      guard.close();
    }
    arena.close();
    requireWhole();
  }
}
