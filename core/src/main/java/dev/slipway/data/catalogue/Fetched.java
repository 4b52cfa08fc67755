package dev.slipway.data.catalogue;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A dataset whose files are on this machine.
 *
 * @param files by the name of the part
 */
public record Fetched(Dataset dataset, SequencedMap<String, FetchedFile> files) {
  public Fetched {
    files = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(files));
  }

  /** A file that has the variant's sum. */
  public record FetchedFile(Path path, Variant variant) {}

  public Path path(String part) {
    FetchedFile file = files.get(part);
    if (file == null) {
      throw new IllegalArgumentException(dataset.name() + " has no part " + part);
    }
    return file.path();
  }

  /** Where the dataset is one file. */
  public Path path() {
    return files.firstEntry().getValue().path();
  }
}
