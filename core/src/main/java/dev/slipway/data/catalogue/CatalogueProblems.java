package dev.slipway.data.catalogue;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.hub.Checksum;
import dev.slipway.hub.DownloadProblems;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sentences about datasets and their downloads. */
final class CatalogueProblems {
  private CatalogueProblems() {}

  static SlipwayException unknownDataset(String name, Collection<String> known) {
    return new SlipwayException(
        Exit.INPUT,
        "data.dataset-unknown",
        "there is no dataset '" + name + "' in the catalogue; it has " + String.join(", ", known),
        "name one of these, or give a source of your own");
  }

  static SlipwayException unknownFile(Path file, String sha256, Dataset dataset) {
    return new SlipwayException(
        Exit.INPUT,
        "data.dataset-unknown-file",
        file
            + " has the SHA-256 "
            + sha256
            + ", which is none of those known for the dataset "
            + dataset.name(),
        "replace it with the official file, or give it as a source of its own");
  }

  static SlipwayException unreadable(Path file, IOException cause) {
    return new SlipwayException(
        Exit.INPUT,
        "data.dataset-unreadable",
        file + " can't be read: " + cause,
        "check that you may read it, and the disk or network that holds it",
        cause);
  }

  static SlipwayException folderMissing(Path folder) {
    return new SlipwayException(
        Exit.INPUT,
        "data.datasets-folder-missing",
        "SLIPWAY_DATASETS names " + folder + ", which is no folder",
        "correct it or unset it");
  }

  /** Of a dataset's files. */
  static final DownloadProblems OF_DOWNLOADS =
      new DownloadProblems() {
        @Override
        public SlipwayException unavailable(
            String file, List<String> attempts, @Nullable Path folder, @Nullable Throwable cause) {
          return new SlipwayException(
              Exit.RESOURCE,
              "data.dataset-unavailable",
              file + " could not be downloaded: " + String.join("; ", attempts),
              "check the network and run again, which goes on where it stopped, or put the file into "
                  + (folder == null ? "a folder that SLIPWAY_DATASETS names" : folder.toString()),
              cause);
        }

        @Override
        public SlipwayException wrongSum(String file, String found, Checksum expected) {
          return new SlipwayException(
              Exit.INPUT,
              "data.dataset-checksum",
              "%s was downloaded with the %s %s, expected %s"
                  .formatted(file, expected.kind().shown(), found, expected.expected()),
              "run again, and if it comes again, don't use it: the file at its address has changed");
        }

        @Override
        public SlipwayException busy(Path file) {
          return new SlipwayException(
              Exit.LOCKED,
              "data.dataset-busy",
              "another process downloads " + file,
              "wait until it is there and run again");
        }

        @Override
        public SlipwayException interrupted(Throwable cause) {
          return new SlipwayException(
              Exit.INTERRUPTED,
              "data.download-interrupted",
              "stopped while a dataset was downloaded",
              "run again, which goes on where it stopped",
              cause);
        }
      };
}
