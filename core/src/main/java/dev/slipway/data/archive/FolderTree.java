package dev.slipway.data.archive;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;

/** The files of a folder and those below; hidden ones are left out, links are followed. */
record FolderTree(Path origin, List<Entry> files, List<String> emptyFolders, ArchiveLimits limits)
    implements FileTree {
  static FolderTree open(Path root, ArchiveLimits limits) {
    List<Entry> files = new ArrayList<>();
    List<String> folders = new ArrayList<>();
    try {
      Files.walkFileTree(
          root,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
              if (isHidden(folder)) {
                return FileVisitResult.SKIP_SUBTREE;
              }
              folders.add(name(folder));
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isRegularFile() && !isHidden(file)) {
                files.add(new Entry(name(file), attributes.size()));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem)
                throws IOException {
              // A link to a folder above, or to nothing, hides no file.
              if (problem instanceof FileSystemLoopException
                  || problem instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              throw problem;
            }

            private String name(Path path) {
              return root.relativize(path).toString().replace('\\', '/');
            }

            private boolean isHidden(Path path) {
              return !path.equals(root) && String.valueOf(path.getFileName()).startsWith(".");
            }
          });
    } catch (IOException e) {
      throw ArchiveProblems.failed(root, e);
    }
    files.sort(Comparator.comparing(Entry::name));
    return new FolderTree(root, List.copyOf(files), LabelledFiles.without(folders, files), limits);
  }

  @Override
  public byte[] read(Entry entry) {
    if (entry.bytes() > limits.fileBytes()) {
      throw ArchiveProblems.tooLarge(origin, entry.name(), entry.bytes(), limits);
    }
    try (InputStream in = open(entry)) {
      byte[] content = in.readNBytes(limits.fileBytes() + 1);
      if (content.length > limits.fileBytes()) { // it has grown since it was listed
        throw ArchiveProblems.tooLarge(origin, entry.name(), content.length, limits);
      }
      return content;
    } catch (IOException e) {
      throw ArchiveProblems.failed(origin.resolve(entry.name()), e);
    }
  }

  @Override
  public InputStream open(Entry entry) {
    Path file = origin.resolve(entry.name());
    // Not a FileChannel's stream: an interruption elsewhere must not look like a broken file.
    try {
      return new FileInputStream(file.toFile());
    } catch (IOException e) {
      throw ArchiveProblems.failed(file, e);
    }
  }

  @Override
  public void close() {}
}
