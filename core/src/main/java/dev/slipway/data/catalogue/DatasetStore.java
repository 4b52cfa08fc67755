package dev.slipway.data.catalogue;

import dev.slipway.base.Hashing;
import dev.slipway.data.archive.CacheFolder;
import dev.slipway.hub.Checksum;
import dev.slipway.hub.Downloader;
import dev.slipway.hub.FetchListener;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Finds the files of a dataset: in the user's folder of datasets, else in the cache, else at their
 * addresses. Every file's sum is checked every time.
 *
 * @param given the user's folder, which is only read
 */
public record DatasetStore(Optional<Path> given, CacheFolder cache, Downloader downloader) {
  /** The folder that {@code SLIPWAY_DATASETS} names, if it does, and the usual cache. */
  public static DatasetStore usual(FetchListener listener) {
    String set = System.getenv("SLIPWAY_DATASETS");
    return new DatasetStore(
        set == null || set.isBlank() ? Optional.empty() : Optional.of(Path.of(set)),
        CacheFolder.usual(),
        Downloader.usual(listener));
  }

  /**
   * All files of a dataset.
   *
   * @throws dev.slipway.base.SlipwayException if one is neither there nor to be had, or is not what
   *     it should be
   */
  public Fetched fetch(Dataset dataset) {
    if (given.isPresent() && !Files.isDirectory(given.get())) {
      throw CatalogueProblems.folderMissing(given.get());
    }
    SequencedMap<String, Fetched.FetchedFile> files = new LinkedHashMap<>();
    for (Part part : dataset.parts()) {
      files.put(part.name(), fetch(dataset, part));
    }
    return new Fetched(dataset, files);
  }

  private Fetched.FetchedFile fetch(Dataset dataset, Part part) {
    Path own = cache.datasets().resolve(dataset.name());
    if (given.isPresent()) {
      for (Variant variant : part.variants()) {
        for (Path file : places(given.get(), dataset, variant)) {
          if (Files.isRegularFile(file)) {
            return new Fetched.FetchedFile(file, identify(dataset, part, file));
          }
        }
      }
    }
    for (Variant variant : part.variants()) {
      Path file = own.resolve(variant.fileName());
      if (Files.isRegularFile(file)) {
        return new Fetched.FetchedFile(file, identify(dataset, part, file));
      }
    }
    Variant official = part.official();
    Path target = own.resolve(official.fileName());
    Checksum checksum = Checksum.sha256(official.sha256());
    downloader.download(
        new Downloader.Wanted(
            official.fileName(), part.addresses(), Map.of(), checksum, official.bytes()),
        target,
        CatalogueProblems.OF_DOWNLOADS);
    return new Fetched.FetchedFile(target, official);
  }

  /** As the catalogue has it, in a folder of the dataset's name, or at the top. */
  private static List<Path> places(Path folder, Dataset dataset, Variant variant) {
    return List.of(
        folder.resolve(variant.path()),
        folder.resolve(dataset.name()).resolve(variant.fileName()),
        folder.resolve(variant.fileName()));
  }

  private static Variant identify(Dataset dataset, Part part, Path file) {
    String sum;
    try {
      sum = Hashing.sha256(file);
    } catch (UncheckedIOException e) {
      throw CatalogueProblems.unreadable(file, Objects.requireNonNull(e.getCause()));
    }
    return part.variants().stream()
        .filter(variant -> variant.sha256().equals(sum))
        .findFirst()
        .orElseThrow(() -> CatalogueProblems.unknownFile(file, sum, dataset));
  }
}
