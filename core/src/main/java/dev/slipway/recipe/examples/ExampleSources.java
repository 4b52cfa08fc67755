package dev.slipway.recipe.examples;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import dev.slipway.data.archive.FileTree;
import dev.slipway.data.catalogue.Dataset;
import dev.slipway.data.catalogue.DatasetStore;
import dev.slipway.data.catalogue.Datasets;
import dev.slipway.data.catalogue.Fetched;
import dev.slipway.data.catalogue.Reading;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.media.GivenSplits;
import dev.slipway.data.media.IdxFiles;
import dev.slipway.data.media.MediaFolder;
import dev.slipway.data.media.NamePattern;
import dev.slipway.data.table.CsvConfig;
import dev.slipway.data.table.CsvReader;
import dev.slipway.data.table.ParquetTable;
import dev.slipway.data.table.Table;
import dev.slipway.data.table.TableExamples;
import dev.slipway.data.text.JsonlExamples;
import dev.slipway.data.text.ParallelTextExamples;
import dev.slipway.data.text.TextFolderExamples;
import dev.slipway.hub.FetchListener;
import dev.slipway.recipe.DataSettings.ExampleSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Opens what a recipe's {@code data.source} names. */
public final class ExampleSources {
  private ExampleSources() {}

  /**
   * Opens it.
   *
   * @param listener hears of downloads
   * @throws SlipwayException if it is missing, unreadable, empty or malformed
   */
  public static ExampleSet open(ExampleSource source, FetchListener listener) {
    return switch (source) {
      case ExampleSource.Dataset(String name) ->
          open(DatasetStore.usual(listener).fetch(Datasets.named(name)));
      case ExampleSource.Pictures(String path, List<String> include) ->
          MediaFolder.pictures(
              FileTree.open(Path.of(path)), include, List.of(), GivenSplits.BY_FOLDER);
      case ExampleSource.Idx idx -> IdxFiles.open(pairs(idx));
      case ExampleSource.Table table -> table(table);
      case ExampleSource.Texts(String path, List<String> exclude) ->
          TextFolderExamples.open(FileTree.open(Path.of(path)), List.of(), exclude);
      case ExampleSource.Records(String path) ->
          JsonlExamples.open(Path.of(path), Optional.empty());
      case ExampleSource.Sounds(String path, Optional<String> name) ->
          sounds(FileTree.open(Path.of(path)), name);
      case ExampleSource.Parallel(String from, String to) ->
          ParallelTextExamples.open(
              List.of(new ParallelTextExamples.Pair(Path.of(from), Path.of(to), Optional.empty())));
    };
  }

  private static ExampleSet sounds(FileTree tree, Optional<String> name) {
    if (name.isEmpty()) {
      return MediaFolder.sounds(tree, List.of(), List.of(), GivenSplits.BY_FOLDER);
    }
    NamePattern pattern;
    try {
      pattern = NamePattern.of(name.get());
    } catch (IllegalArgumentException e) {
      tree.close();
      throw new SlipwayException(
          Exit.USAGE,
          "data.name-pattern",
          "data.source.sounds.name: " + e.getMessage() + ", expected fields in braces",
          "write it as {label}_{speaker}_{index}",
          e);
    }
    return MediaFolder.sounds(tree, pattern, List.of(), List.of(), GivenSplits.BY_FOLDER);
  }

  private static List<IdxFiles.Pair> pairs(ExampleSource.Idx idx) {
    List<IdxFiles.Pair> pairs = new ArrayList<>();
    pairs.add(new IdxFiles.Pair(Path.of(idx.images()), Path.of(idx.labels()), SplitName.TRAIN));
    if (idx.testImages().isPresent() && idx.testLabels().isPresent()) {
      pairs.add(
          new IdxFiles.Pair(
              Path.of(idx.testImages().get()), Path.of(idx.testLabels().get()), SplitName.TEST));
    }
    return pairs;
  }

  private static ExampleSet table(ExampleSource.Table settings) {
    Table table = table(Path.of(settings.path()), settings.csv());
    if (settings.test().isEmpty()) {
      return TableExamples.of(table);
    }
    Table test = table(Path.of(settings.test().get()), settings.csv());
    return TableExamples.of(
        List.of(
            new TableExamples.Piece(table, Optional.of(SplitName.TRAIN)),
            new TableExamples.Piece(test, Optional.of(SplitName.TEST))));
  }

  private static Table table(Path path, CsvConfig csv) {
    return isParquet(path) ? ParquetTable.read(path, csv.categories()) : CsvReader.read(path, csv);
  }

  /**
   * Told by its first bytes, not by its name; a file that can't be read is the reader's to tell.
   */
  private static boolean isParquet(Path path) {
    if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] first = in.readNBytes(4);
      return first.length == 4
          && first[0] == 'P'
          && first[1] == 'A'
          && first[2] == 'R'
          && first[3] == '1';
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "data.source-unreadable",
          path + " can't be read (" + e.getMessage() + ")",
          "check the file",
          e);
    }
  }

  private static ExampleSet open(Fetched fetched) {
    Dataset dataset = fetched.dataset();
    return switch (dataset.reading()) {
      case Reading.LabelledTexts(List<String> exclude) ->
          TextFolderExamples.open(FileTree.open(fetched.path()), List.of("**/*.txt"), exclude);
      case Reading.LabelledPictures(List<String> include) ->
          MediaFolder.pictures(
              FileTree.open(fetched.path()), include, List.of(), GivenSplits.BY_FOLDER);
      case Reading.Idx() ->
          IdxFiles.open(
              List.of(
                  new IdxFiles.Pair(
                      fetched.path("train-images"), fetched.path("train-labels"), SplitName.TRAIN),
                  new IdxFiles.Pair(
                      fetched.path("test-images"), fetched.path("test-labels"), SplitName.TEST)));
      case Reading.NamedSounds(List<String> include, String name) ->
          MediaFolder.sounds(
              FileTree.open(fetched.path()),
              NamePattern.ofRegex(name),
              include,
              List.of(),
              GivenSplits.BY_FOLDER);
      case Reading.Table table -> table(fetched, table);
      case Reading.ParallelTexts(Map<String, SplitName> splits, String source, String target) ->
          ParallelTextExamples.open(
              splits.entrySet().stream()
                  .map(
                      split ->
                          new ParallelTextExamples.Pair(
                              fetched.path(split.getKey() + "." + source),
                              fetched.path(split.getKey() + "." + target),
                              Optional.of(split.getValue())))
                  .toList());
    };
  }

  private static ExampleSet table(Fetched fetched, Reading.Table reading) {
    CsvConfig csv =
        CsvConfig.usual()
            .withHeader(CsvConfig.Header.ABSENT)
            .withColumns(reading.columns())
            .withTypes(List.of(), reading.categories(), List.of());
    if (reading.entries().isEmpty()) {
      return TableExamples.of(CsvReader.read(fetched.path(), csv));
    }
    List<TableExamples.Piece> pieces = new ArrayList<>();
    try (FileTree tree = FileTree.open(fetched.path())) {
      reading
          .entries()
          .forEach(
              (name, split) -> {
                FileTree.Entry entry =
                    tree.files().stream()
                        .filter(e -> e.name().equals(name))
                        .findFirst()
                        .orElseThrow(
                            () ->
                                new SlipwayException(
                                    Exit.INPUT,
                                    "data.archive-entry",
                                    fetched.path() + " holds no " + name,
                                    "delete the file, so that it is fetched again"));
                String file = entry.fileName();
                pieces.add(
                    new TableExamples.Piece(
                        CsvReader.read(file, tree.read(entry), csv).named(file),
                        Optional.of(split)));
              });
    }
    return TableExamples.of(pieces);
  }
}
