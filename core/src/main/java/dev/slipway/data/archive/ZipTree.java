package dev.slipway.data.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** The entries of a zip. Nothing is unpacked to the disk. */
record ZipTree(
    Path origin, List<Entry> files, List<String> emptyFolders, ZipFile zip, ArchiveLimits limits)
    implements FileTree {
  static ZipTree open(Path path, ArchiveLimits limits) {
    ZipFile zip;
    try {
      zip = new ZipFile(path.toFile());
    } catch (ZipException e) {
      throw ArchiveProblems.corrupt(path, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw ArchiveProblems.failed(path, e);
    }
    try {
      List<Entry> files = list(path, zip, limits);
      List<String> folders =
          zip.stream()
              .filter(ZipEntry::isDirectory)
              .map(entry -> TarIndex.folderName(path, entry.getName()))
              .toList();
      return new ZipTree(path, files, LabelledFiles.without(folders, files), zip, limits);
    } catch (RuntimeException e) {
      close(path, zip);
      throw e;
    } catch (IOException e) {
      close(path, zip);
      throw ArchiveProblems.failed(path, e);
    }
  }

  private static List<Entry> list(Path path, ZipFile zip, ArchiveLimits limits) throws IOException {
    List<Entry> files = new ArrayList<>();
    long expanded = 0;
    try {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (!entry.isDirectory()) {
          files.add(new Entry(TarIndex.safeName(path, entry.getName()), entry.getSize()));
          expanded += Math.max(0, entry.getSize());
        }
        if (files.size() > limits.files()) {
          throw ArchiveProblems.tooManyFiles(path, limits);
        }
      }
    } catch (IllegalArgumentException e) {
      throw ArchiveProblems.corrupt(path, "a name in it is not UTF-8", e);
    }
    if (limits.exceededBy(expanded, Files.size(path))) {
      throw ArchiveProblems.bomb(path, Files.size(path), expanded, limits);
    }
    files.sort(Comparator.comparing(Entry::name));
    for (int i = 1; i < files.size(); i++) {
      if (files.get(i).name().equals(files.get(i - 1).name())) {
        throw ArchiveProblems.corrupt(path, "two entries are named " + files.get(i).name(), null);
      }
    }
    return List.copyOf(files);
  }

  private ZipEntry entry(String name) {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      entry = zip.getEntry("./" + name);
    }
    if (entry == null) {
      throw new IllegalArgumentException("no file of " + origin + " is " + name);
    }
    return entry;
  }

  @Override
  public byte[] read(Entry file) {
    if (file.bytes() > limits.fileBytes()) {
      throw ArchiveProblems.tooLarge(origin, file.name(), file.bytes(), limits);
    }
    ZipEntry entry = entry(file.name());
    CRC32 crc = new CRC32();
    try (InputStream in = new CheckedInputStream(zip.getInputStream(entry), crc)) {
      byte[] content = in.readNBytes((int) file.bytes());
      if (content.length < file.bytes() || in.read() >= 0) {
        throw new ZipException("it says that it has " + file.bytes() + " bytes, and has not");
      }
      if (entry.getCrc() != -1 && crc.getValue() != entry.getCrc()) {
        throw new ZipException("its checksum does not hold");
      }
      return content;
    } catch (IOException e) {
      throw ArchiveProblems.corrupt(origin, "entry " + file.name() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public InputStream open(Entry file) {
    try {
      return zip.getInputStream(entry(file.name()));
    } catch (IOException e) {
      throw ArchiveProblems.corrupt(origin, "entry " + file.name() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    close(origin, zip);
  }

  private static void close(Path path, ZipFile zip) {
    try {
      zip.close();
    } catch (IOException e) {
      throw ArchiveProblems.failed(path, e);
    }
  }
}
