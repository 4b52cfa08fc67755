package dev.slipway.data.catalogue;

import dev.slipway.data.SplitName;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/** How the parts of a dataset become examples. */
public sealed interface Reading {
  /**
   * An archive of text files below folders that are named by their label, and above those by their
   * split.
   *
   * @param exclude globs of what is left out
   */
  record LabelledTexts(List<String> exclude) implements Reading {
    public LabelledTexts {
      exclude = List.copyOf(exclude);
    }
  }

  /** An archive of pictures below folders that are named by their label. */
  record LabelledPictures(List<String> include) implements Reading {
    public LabelledPictures {
      include = List.copyOf(include);
    }
  }

  /** Parts {@code train-images}, {@code train-labels}, {@code test-images}, {@code test-labels}. */
  record Idx() implements Reading {}

  /**
   * An archive of sounds whose names tell their label.
   *
   * @param include globs of which one must match
   * @param name a regular expression for the last part of a name, without its ending; each named
   *     group is a field
   */
  record NamedSounds(List<String> include, String name) implements Reading {
    public NamedSounds {
      include = List.copyOf(include);
    }
  }

  /**
   * A file of rows, or several within an archive.
   *
   * @param entries the split that each entry of the archive is given; none where the part is the
   *     file itself, which tells no split
   * @param columns their names in order; the file has no header
   * @param categories the columns that are not numbers, whatever they look like
   */
  record Table(
      SequencedMap<String, SplitName> entries, List<String> columns, List<String> categories)
      implements Reading {
    public Table {
      columns = List.copyOf(columns);
      categories = List.copyOf(categories);
    }
  }

  /**
   * Lines that belong together: parts {@code train.en}, {@code train.de} and so on.
   *
   * @param splits the split that the parts of each name before the dot are given
   * @param source what comes behind the dot for the text to translate
   * @param target the same for its translation
   */
  record ParallelTexts(Map<String, SplitName> splits, String source, String target)
      implements Reading {
    public ParallelTexts {
      splits = new TreeMap<>(splits);
    }
  }
}
