package dev.slipway.data.source;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the records come from. */
public sealed interface Source {
  /** What a folder leaves out unless told otherwise: hidden files and folders, such as .git. */
  List<String> HIDDEN = List.of("**/.*", "**/.*/**");

  Path path();

  /**
   * One record an entry; its id is the entry's name.
   *
   * @param include globs of which one must match, see {@link Glob}; none for all entries
   * @param exclude globs of which none may match
   */
  record Zip(Path path, List<String> include, List<String> exclude) implements Source {
    public Zip {
      include = checkedGlobs(include);
      exclude = checkedGlobs(exclude);
    }
  }

  /**
   * One record a file, in all folders below; its id is the path from the folder, with {@code /}.
   * Links are followed.
   *
   * @param include globs of which one must match, see {@link Glob}; none for all files
   * @param exclude globs of which none may match
   */
  record Folder(Path path, List<String> include, List<String> exclude) implements Source {
    public Folder {
      include = checkedGlobs(include);
      exclude = checkedGlobs(exclude);
    }
  }

  /**
   * One record a line that isn't blank, each a JSON object.
   *
   * @param text the field that holds the text
   * @param id the field that names the record; without one it is {@code line-N}, from 1
   */
  record Jsonl(Path path, String text, @Nullable String id) implements Source {
    public Jsonl {
      if (text.isBlank()) {
        throw new IllegalArgumentException("the field of the text has no name");
      }
    }
  }

  /** A text file; ids are {@code line-N}, the line from 1 on which the record begins. */
  record Text(Path path, TextUnit unit) implements Source {}

  /**
   * One record a row; rows without a text (null) are dropped as empty.
   *
   * @param column the column that holds the text
   * @param id the column that names the record; without one it is {@code row-N}, from 1
   */
  record Parquet(Path path, String column, @Nullable String id) implements Source {
    public Parquet {
      if (column.isBlank()) {
        throw new IllegalArgumentException("the column of the text has no name");
      }
    }
  }

  /** Rows of JSON lines, of one JSON list or of a Parquet file, each a JSON object on one line. */
  record Rows(Path path) implements Source {}

  /**
   * What is made of each record of another source.
   *
   * @param base of files or rows
   */
  record Derived(Source base, Derivation derivation) implements Source {
    @Override
    public Path path() {
      return base.path();
    }
  }

  /**
   * What a path that a user gives is: a folder, a zip, a Parquet file, JSON lines or a text, told
   * by its content, not by its name.
   *
   * @throws dev.slipway.base.SlipwayException if it is missing, unreadable, empty or none of these
   */
  static Source detect(Path path) {
    return SourceDetection.detect(path);
  }

  /** Opens it for reading with the usual limits. */
  default RecordReader open() {
    return open(ReadLimits.DEFAULT);
  }

  /**
   * Opens it for reading.
   *
   * @throws dev.slipway.base.SlipwayException if it is missing, unreadable, empty or malformed
   */
  default RecordReader open(ReadLimits limits) {
    return switch (this) {
      case Zip zip -> ZipReader.open(zip, limits);
      case Folder folder -> FolderReader.open(folder, limits);
      case Jsonl jsonl -> JsonlReader.open(jsonl, limits);
      case Text text -> TextReader.open(text, limits);
      case Parquet parquet -> ParquetReader.open(parquet, limits);
      case Rows rows -> RowsReader.open(rows, limits);
      case Derived derived ->
          new DerivedReader(path(), derived.base.open(limits), derived.derivation);
    };
  }

  private static List<String> checkedGlobs(List<String> globs) {
    globs.forEach(Glob::of);
    return List.copyOf(globs);
  }
}
