package dev.slipway.data.archive;

import dev.slipway.base.AtomicFiles;
import dev.slipway.base.Hashing;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The regular files of a tar, mapped into memory: any file at once, without a seek. */
record TarTree(Path origin, TarIndex index, MemorySegment tar, Arena arena, ArchiveLimits limits)
    implements FileTree {
  /**
   * @param origin what was given, for errors
   * @param file the tar itself
   */
  @SuppressWarnings(
      "MustBeClosedChecker") // the arena lives as long as this object, which closes it
  static TarTree open(Path origin, Path file, ArchiveLimits limits) {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MemorySegment tar = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new TarTree(origin, TarIndex.of(origin, tar, limits), tar, arena, limits);
    } catch (IOException e) {
      arena.close();
      throw ArchiveProblems.failed(file, e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  /**
   * The tar of a tar.gz, unpacked now or before; its name tells the archive's path, size and time.
   */
  static Path unpacked(Path path, CacheFolder cache, ArchiveLimits limits) {
    String key;
    long packed;
    try {
      packed = Files.size(path);
      key = path.toRealPath() + "\n" + packed + "\n" + Files.getLastModifiedTime(path);
    } catch (IOException e) {
      throw ArchiveProblems.failed(path, e);
    }
    Path tar = cache.unpacked().resolve(Hashing.sha256(key).substring(0, 32) + ".tar");
    if (!Files.exists(tar)) {
      AtomicFiles.write(tar, out -> unpack(path, packed, out, limits));
    }
    return tar;
  }

  private static void unpack(Path path, long packed, OutputStream out, ArchiveLimits limits)
      throws IOException {
    byte[] buffer = new byte[1 << 16];
    long expanded = 0;
    try (InputStream in = unzipped(path)) {
      for (int read = next(path, in, buffer); read > 0; read = next(path, in, buffer)) {
        if (expanded == 0 && !TarIndex.isHeader(buffer)) {
          throw ArchiveProblems.notAnArchive(path);
        }
        expanded += read;
        if (limits.exceededBy(expanded, packed)) {
          throw ArchiveProblems.bomb(path, packed, expanded, limits);
        }
        out.write(buffer, 0, read); // what this throws is about the cache, not the archive
      }
    }
  }

  private static InputStream unzipped(Path path) {
    try {
      return new GZIPInputStream(
          new BufferedInputStream(new FileInputStream(path.toFile()), 1 << 16), 1 << 16);
    } catch (EOFException | ZipException e) {
      throw ArchiveProblems.corrupt(path, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw ArchiveProblems.failed(path, e);
    }
  }

  /** Fills the buffer as far as there is something. */
  private static int next(Path path, InputStream in, byte[] buffer) {
    try {
      return in.readNBytes(buffer, 0, buffer.length);
    } catch (EOFException e) {
      throw ArchiveProblems.corrupt(path, "it ends too early", e);
    } catch (ZipException e) {
      throw ArchiveProblems.corrupt(path, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw ArchiveProblems.failed(path, e);
    }
  }

  @Override
  public List<Entry> files() {
    return index.files();
  }

  @Override
  public List<String> emptyFolders() {
    return index.emptyFolders();
  }

  @Override
  public byte[] read(Entry entry) {
    Long offset = index.offsets().get(entry.name());
    if (offset == null) {
      throw new IllegalArgumentException("no file of " + origin + " is " + entry.name());
    }
    if (entry.bytes() > limits.fileBytes()) {
      throw ArchiveProblems.tooLarge(origin, entry.name(), entry.bytes(), limits);
    }
    return tar.asSlice(offset, entry.bytes()).toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public InputStream open(Entry entry) {
    return new ByteArrayInputStream(read(entry));
  }

  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
