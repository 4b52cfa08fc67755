package dev.slipway.data.archive;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import dev.slipway.data.source.Glob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Files whose folders tell their label, and above those perhaps their split: {@code
 * train/cats/17.jpg}. What all files and empty folders have in common above that is left out.
 *
 * @param files in the order of their names
 * @param labels those that have a file, by name
 * @param warnings files without a label and labels without files, a sentence each
 */
public record LabelledFiles(List<LabelledFile> files, List<String> labels, List<String> warnings) {
  private static final int NAMED = 5;

  /** A file, its label, and the split that a folder puts it in. */
  public record LabelledFile(FileTree.Entry entry, String label, Optional<SplitName> given) {}

  public LabelledFiles {
    files = List.copyOf(files);
    labels = List.copyOf(labels);
    warnings = List.copyOf(warnings);
  }

  /**
   * The files that these patterns let through.
   *
   * @throws SlipwayException if they don't have two labels at least
   */
  public static LabelledFiles of(FileTree tree, List<String> include, List<String> exclude) {
    List<FileTree.Entry> entries = tree.files(include, exclude);
    List<String> empty =
        tree.emptyFolders().stream().filter(folder -> isTaken(folder + "/x", exclude)).toList();
    List<String[]> paths = new ArrayList<>();
    entries.forEach(entry -> paths.add(entry.name().split("/")));
    int common = common(paths, empty);
    List<LabelledFile> files = new ArrayList<>();
    List<String> unlabelled = new ArrayList<>();
    Set<String> labels = new TreeSet<>();
    for (int i = 0; i < entries.size(); i++) {
      String[] path = paths.get(i);
      Optional<SplitName> split =
          path.length - common > 1 ? SplitName.named(path[common]) : Optional.empty();
      int at = common + (split.isPresent() ? 1 : 0);
      if (path.length - at < 2) {
        unlabelled.add(entries.get(i).name());
      } else {
        files.add(new LabelledFile(entries.get(i), path[at], split));
        labels.add(path[at]);
      }
    }
    List<String> warnings = new ArrayList<>();
    List<String> emptyLabels = new ArrayList<>();
    for (String folder : empty) {
      String[] path = folder.split("/");
      boolean split = path.length > common && SplitName.named(path[common]).isPresent();
      if (path.length == common + (split ? 2 : 1)) {
        emptyLabels.add(folder);
      }
    }
    if (!emptyLabels.isEmpty()) {
      warnings.add(
          "%s: no file in the folder of a label: %s".formatted(tree.origin(), some(emptyLabels)));
    }
    if (!unlabelled.isEmpty()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "%s: %,d files are in no folder of a label and left out: %s",
              tree.origin(),
              unlabelled.size(),
              some(unlabelled)));
    }
    if (labels.size() < 2) {
      throw oneLabel(tree.origin(), labels, emptyLabels);
    }
    return new LabelledFiles(files, List.copyOf(labels), warnings);
  }

  private static boolean isTaken(String name, List<String> exclude) {
    return Glob.included(List.of(), Glob.all(exclude), name);
  }

  private static SlipwayException oneLabel(Path origin, Set<String> labels, List<String> empty) {
    return new SlipwayException(
        Exit.INPUT,
        "data.one-label",
        origin
            + (labels.isEmpty()
                ? " has no folders of labels with files in them"
                : " has files of the label '" + labels.iterator().next() + "' alone")
            + (empty.isEmpty() ? "" : "; there is no file in " + some(empty)),
        "give a folder for each label, such as pos/ and neg/, with the files of that label in it");
  }

  private static String some(List<String> names) {
    return String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
        + (names.size() > NAMED ? ", …" : "");
  }

  /** How many folders all have in common above the first that is a split or differs. */
  private static int common(List<String[]> paths, List<String> empty) {
    List<String[]> all = new ArrayList<>();
    paths.forEach(path -> all.add(Arrays.copyOf(path, path.length - 1)));
    empty.forEach(folder -> all.add(folder.split("/")));
    all.removeIf(path -> path.length == 0 || path[0].isEmpty());
    for (int depth = 0; ; depth++) {
      String first = null;
      boolean differ = all.isEmpty();
      for (String[] path : all) {
        if (path.length <= depth) {
          continue; // a file above the labels, such as a README
        }
        first = first == null ? path[depth] : first;
        differ |= !path[depth].equals(first);
      }
      if (differ || first == null || SplitName.named(first).isPresent()) {
        return depth;
      }
    }
  }

  /** Of these folders those without a file in them or below. */
  static List<String> without(List<String> folders, List<FileTree.Entry> files) {
    Set<String> filled = new TreeSet<>();
    for (FileTree.Entry file : files) {
      String name = file.name();
      for (int slash = name.lastIndexOf('/'); slash > 0; slash = name.lastIndexOf('/', slash - 1)) {
        if (!filled.add(name.substring(0, slash))) {
          break;
        }
      }
    }
    return folders.stream()
        .filter(folder -> !folder.isEmpty() && !filled.contains(folder))
        .distinct()
        .sorted()
        .toList();
  }
}
