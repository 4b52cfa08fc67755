package dev.slipway.data.archive;

import dev.slipway.data.source.Glob;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Files below one root, in the order of their names. Safe for several threads at once. */
public interface FileTree extends AutoCloseable {
  /**
   * A file.
   *
   * @param name path from the root with {@code /}, never outside of it
   * @param bytes its length
   */
  record Entry(String name, long bytes) {
    /** The name behind the last {@code /}. */
    public String fileName() {
      return name.substring(name.lastIndexOf('/') + 1);
    }
  }

  /** What it was opened from. */
  Path origin();

  /** All files, by name. Links within an archive, pipes and devices are not among them. */
  List<Entry> files();

  /** Folders without any file in them or below, as far as they are told, by name. */
  List<String> emptyFolders();

  /**
   * A file's content.
   *
   * @throws dev.slipway.base.SlipwayException if it can't be read, or is larger than {@link
   *     ArchiveLimits#fileBytes}
   */
  byte[] read(Entry entry);

  /**
   * A file as a stream, for one that is read once from its beginning.
   *
   * @throws dev.slipway.base.SlipwayException if it can't be read
   */
  InputStream open(Entry entry);

  @Override
  void close();

  /** The files that these patterns let through; none to include means all. */
  default List<Entry> files(List<String> include, List<String> exclude) {
    List<Glob> taken = Glob.all(include);
    List<Glob> left = Glob.all(exclude);
    return files().stream().filter(e -> Glob.included(taken, left, e.name())).toList();
  }

  /** {@link #open(Path, CacheFolder, ArchiveLimits)} with the usual cache and limits. */
  static FileTree open(Path path) {
    return open(path, CacheFolder.usual(), ArchiveLimits.DEFAULT);
  }

  /**
   * Opens a folder, a zip, a tar or a tar.gz, told by its content. A zip, tar or folder is read in
   * place; a tar.gz can't be read in any order, and is unpacked once to a tar in the cache.
   *
   * @throws dev.slipway.base.SlipwayException if it is missing, damaged, empty, too large unpacked,
   *     or none of these
   */
  static FileTree open(Path path, CacheFolder cache, ArchiveLimits limits) {
    if (!Files.exists(path)) {
      throw ArchiveProblems.missing(path);
    }
    FileTree tree;
    if (Files.isDirectory(path)) {
      tree = FolderTree.open(path, limits);
    } else {
      byte[] head;
      try (InputStream in = new FileInputStream(path.toFile())) {
        head = in.readNBytes(TarIndex.BLOCK);
      } catch (IOException e) {
        throw ArchiveProblems.failed(path, e);
      }
      if (head.length > 3 && head[0] == 'P' && head[1] == 'K') {
        tree = ZipTree.open(path, limits);
      } else if (head.length > 3 && head[0] == 0x1f && head[1] == (byte) 0x8b) {
        tree = TarTree.open(path, TarTree.unpacked(path, cache, limits), limits);
      } else if (TarIndex.isHeader(head)) {
        tree = TarTree.open(path, path, limits);
      } else {
        throw ArchiveProblems.notAnArchive(path);
      }
    }
    if (tree.files().isEmpty()) {
      tree.close();
      throw ArchiveProblems.empty(path);
    }
    return tree;
  }
}
