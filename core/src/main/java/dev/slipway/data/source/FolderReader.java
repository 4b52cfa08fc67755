package dev.slipway.data.source;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
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
import org.jspecify.annotations.Nullable;

/** Files in the order of their ids. Pipes and devices are no records: reading one may never end. */
final class FolderReader implements RecordReader {
  private final List<FileRecord> files;
  private int position;

  private FolderReader(List<FileRecord> files) {
    this.files = files;
  }

  static FolderReader open(Source.Folder source, ReadLimits limits) {
    Path root = source.path();
    if (!Files.exists(root)) {
      throw SourceProblems.missing(root);
    }
    if (!Files.isDirectory(root)) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.source-not-a-folder",
          root + " is a file where a folder was expected",
          "give the folder, or name the file's kind in data.source: zip, jsonl, text or parquet");
    }
    List<FileRecord> all = list(root, limits);
    if (all.isEmpty()) {
      throw SourceProblems.empty(root, "the folder has no files");
    }
    List<Glob> include = Glob.all(source.include());
    List<Glob> exclude = Glob.all(source.exclude());
    List<FileRecord> files =
        all.stream().filter(f -> Glob.included(include, exclude, f.id)).toList();
    if (files.isEmpty()) {
      throw SourceProblems.nothingIncluded(
          root, source.include(), source.exclude(), all.stream().map(f -> f.id).toList());
    }
    return new FolderReader(files);
  }

  private static List<FileRecord> list(Path root, ReadLimits limits) {
    List<FileRecord> files = new ArrayList<>();
    try {
      Files.walkFileTree(
          root,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          Integer.MAX_VALUE,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isRegularFile()) {
                String id = root.relativize(file).toString().replace('\\', '/');
                files.add(new FileRecord(id, file, attributes.size(), limits));
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem)
                throws IOException {
              // A link to a folder above, or to nothing, hides no record.
              if (problem instanceof FileSystemLoopException
                  || problem instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
              }
              if (problem instanceof AccessDeniedException) {
                throw SourceProblems.unreadable(file, problem);
              }
              throw problem;
            }
          });
    } catch (IOException e) {
      throw SourceProblems.failed(root, e);
    }
    files.sort(Comparator.comparing(f -> f.id));
    return files;
  }

  @Override
  public @Nullable PendingRecord next() {
    return position == files.size() ? null : files.get(position++);
  }

  @Override
  public long expectedBytes() {
    return files.stream().mapToLong(f -> f.size).sum();
  }

  @Override
  public void close() {}

  private static final class FileRecord implements PendingRecord {
    private final String id;
    private final Path file;
    private final long size;
    private final ReadLimits limits;

    FileRecord(String id, Path file, long size, ReadLimits limits) {
      this.id = id;
      this.file = file;
      this.size = size;
      this.limits = limits;
    }

    @Override
    public long weight() {
      return Math.min(size, limits.recordBytes());
    }

    @Override
    public SourceRecord read() {
      if (size > limits.recordBytes()) {
        return tooLarge();
      }
      // Not a FileChannel's stream: an interruption elsewhere must not look like a broken file.
      try (InputStream in = new FileInputStream(file.toFile())) {
        byte[] content = in.readNBytes(limits.recordBytes() + 1);
        return content.length > limits.recordBytes() ? tooLarge() : SourceRecord.of(id, content);
      } catch (FileNotFoundException e) {
        return SourceRecord.dropped(
            id,
            size,
            DropReason.UNREADABLE,
            Files.exists(file) ? "no permission" : "gone since the folder was listed");
      } catch (IOException e) {
        throw SourceProblems.failed(file, e);
      }
    }

    private SourceRecord tooLarge() {
      return SourceRecord.dropped(
          id, size, DropReason.TOO_LARGE, "more than " + limits.recordBytes() + " bytes");
    }
  }
}
