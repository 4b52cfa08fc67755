package dev.slipway.data.source;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** Entries in the order of their names. Nothing is unpacked to the disk. */
final class ZipReader implements RecordReader {
  private final Path path;
  private final ZipFile zip;
  private final List<ZipEntry> entries;
  private final ReadLimits limits;
  private int position;

  private ZipReader(Path path, ZipFile zip, List<ZipEntry> entries, ReadLimits limits) {
    this.path = path;
    this.zip = zip;
    this.entries = entries;
    this.limits = limits;
  }

  static ZipReader open(Source.Zip source, ReadLimits limits) {
    Path path = source.path();
    long size = SourceProblems.checkFile(path);
    ZipFile zip;
    try {
      zip = new ZipFile(path.toFile());
    } catch (ZipException e) {
      throw corrupt(path, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw SourceProblems.failed(path, e);
    }
    try {
      List<ZipEntry> entries = included(source, zip);
      checkExpansion(path, size, entries, limits);
      return new ZipReader(path, zip, entries, limits);
    } catch (RuntimeException e) {
      try {
        zip.close();
      } catch (IOException onClose) {
        e.addSuppressed(onClose);
      }
      throw e;
    }
  }

  private static List<ZipEntry> included(Source.Zip source, ZipFile zip) {
    List<ZipEntry> files = new ArrayList<>();
    try {
      zip.stream().filter(entry -> !entry.isDirectory()).forEach(files::add);
    } catch (IllegalArgumentException e) {
      throw corrupt(source.path(), "a name in it is not UTF-8", e);
    }
    if (files.isEmpty()) {
      throw SourceProblems.empty(source.path(), "the zip has no files");
    }
    List<Glob> include = Glob.all(source.include());
    List<Glob> exclude = Glob.all(source.exclude());
    List<ZipEntry> entries = new ArrayList<>();
    for (ZipEntry entry : files) {
      if (Glob.included(include, exclude, entry.getName())) {
        entries.add(entry);
      }
    }
    if (entries.isEmpty()) {
      throw SourceProblems.nothingIncluded(
          source.path(),
          source.include(),
          source.exclude(),
          files.stream().map(ZipEntry::getName).toList());
    }
    entries.sort(Comparator.comparing(ZipEntry::getName));
    for (int i = 1; i < entries.size(); i++) {
      String name = entries.get(i).getName();
      if (name.equals(entries.get(i - 1).getName())) {
        throw corrupt(source.path(), "two entries are named " + name, null);
      }
    }
    return entries;
  }

  /** What an entry says of its size is a bound: {@link #read} refuses one that holds more. */
  private static void checkExpansion(
      Path path, long size, List<ZipEntry> entries, ReadLimits limits) {
    double expanded = 0;
    for (ZipEntry entry : entries) {
      expanded += Math.max(0, entry.getSize());
    }
    if (expanded > limits.expandedBytes() && expanded > (double) size * limits.expansion()) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.zip-bomb",
          String.format(
              Locale.ROOT,
              "%s has %,d bytes and would unpack to %,.0f, more than %d times as much",
              path,
              size,
              expanded,
              limits.expansion()),
          "unpack it yourself and give the folder, if you trust it");
    }
  }

  private static SlipwayException corrupt(Path path, String what, @Nullable Exception cause) {
    return new SlipwayException(
        Exit.INPUT,
        "data.zip-corrupt",
        path + " is not a whole zip file: " + what,
        "copy or download it again",
        cause);
  }

  @Override
  public @Nullable PendingRecord next() {
    return position == entries.size() ? null : new Entry(entries.get(position++));
  }

  @Override
  public long expectedBytes() {
    return entries.stream().mapToLong(ZipEntry::getSize).sum();
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw SourceProblems.failed(path, e);
    }
  }

  private final class Entry implements PendingRecord {
    private final ZipEntry entry;

    Entry(ZipEntry entry) {
      this.entry = entry;
    }

    @Override
    public long weight() {
      return Math.min(entry.getSize(), limits.recordBytes());
    }

    @Override
    public SourceRecord read() {
      String name = entry.getName();
      long size = entry.getSize();
      if (size > limits.recordBytes()) {
        return SourceRecord.dropped(
            name, size, DropReason.TOO_LARGE, "more than " + limits.recordBytes() + " bytes");
      }
      try (InputStream in = zip.getInputStream(entry)) {
        byte[] content = in.readNBytes((int) size);
        if (content.length < size || in.read() >= 0) {
          throw new ZipException("it says that it has " + size + " bytes, and has not");
        }
        CRC32 crc = new CRC32();
        crc.update(content);
        if (entry.getCrc() != -1 && crc.getValue() != entry.getCrc()) {
          throw new ZipException("its checksum does not hold");
        }
        return SourceRecord.of(name, content);
      } catch (IOException e) {
        throw corrupt(path, "entry " + name + ": " + e.getMessage(), e);
      }
    }
  }
}
