package dev.slipway.data.media;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.data.SplitName;
import dev.slipway.data.archive.FileTree;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.ExampleSet.DroppedExample;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Opens folders and archives of pictures or of sounds. Every file is decoded once, on all cores, so
 * that broken ones are known, and dropped with their names, before training begins.
 */
public final class MediaFolder {
  /** The field that the folder names. */
  public static final String LABEL = "label";

  private final MediaKind kind;
  private final FileTree tree;
  private final GivenSplits splits;
  private final List<FileTree.Entry> entries;
  private final List<FileExamples.Labelled> files = new ArrayList<>();
  private final List<DroppedExample> dropped = new ArrayList<>();

  private MediaFolder(
      MediaKind kind,
      FileTree tree,
      List<String> include,
      List<String> exclude,
      GivenSplits splits) {
    this.kind = kind;
    this.tree = tree;
    this.splits = splits;
    entries = tree.files(include, exclude);
  }

  /**
   * Pictures in a folder a class, with folders {@code train}, {@code validation}, {@code test}
   * above them or not. Fields: {@code picture} and {@code label}, the name of the class's folder.
   *
   * @param tree closed with the set, or if this fails
   * @param include globs of names; none means all
   * @throws SlipwayException {@code data.no-pictures} if there are none
   */
  public static ExampleSet pictures(
      FileTree tree, List<String> include, List<String> exclude, GivenSplits splits) {
    MediaFolder folder = new MediaFolder(MediaKind.PICTURE, tree, include, exclude, splits);
    return folder.open(List.of(LABEL), null);
  }

  /** As {@link #pictures}, of sounds: fields {@code sound} and {@code label}. */
  public static ExampleSet sounds(
      FileTree tree, List<String> include, List<String> exclude, GivenSplits splits) {
    MediaFolder folder = new MediaFolder(MediaKind.SOUND, tree, include, exclude, splits);
    return folder.open(List.of(LABEL), null);
  }

  /** Sounds whose names tell what they are: fields {@code sound} and those of the pattern. */
  public static ExampleSet sounds(
      FileTree tree,
      NamePattern names,
      List<String> include,
      List<String> exclude,
      GivenSplits splits) {
    MediaFolder folder = new MediaFolder(MediaKind.SOUND, tree, include, exclude, splits);
    return folder.open(names.fields(), names);
  }

  private ExampleSet open(List<String> labels, @Nullable NamePattern names) {
    try {
      int skipped = names == null ? commonFolders() : 0;
      TreeSet<String> classes = names == null ? classFolders(skipped) : new TreeSet<>();
      List<FileExamples.Labelled> found = new ArrayList<>();
      for (FileTree.Entry entry : entries) {
        if (!kind.endings().contains(ending(entry.name()))) {
          drop(entry, DropReason.OTHER_KIND, "its name does not end as a " + kind.word() + "'s");
        } else if (names == null) {
          byFolder(entry, skipped, found, classes);
        } else {
          byName(entry, names, found);
        }
      }
      keepWhole(found);
      files.forEach(file -> classes.remove(classFolder(file.entry().name(), skipped)));
      for (String folder : classes) {
        dropped.add(
            new DroppedExample(
                folder,
                0,
                new Dropped(DropReason.EMPTY, "a class's folder without " + kind.word() + "s")));
      }
      if (files.isEmpty()) {
        throw nothing();
      }
      dropped.sort(Comparator.comparing(DroppedExample::id));
      return new FileExamples(tree, kind.field(), labels, files, dropped);
    } catch (RuntimeException e) {
      tree.close();
      throw e;
    }
  }

  private static String ending(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private void drop(FileTree.Entry entry, DropReason reason, String detail) {
    dropped.add(new DroppedExample(entry.name(), entry.bytes(), new Dropped(reason, detail)));
  }

  /** How many folders all files of the kind are in together before classes and splits begin. */
  private int commonFolders() {
    List<String[]> paths =
        entries.stream()
            .map(FileTree.Entry::name)
            .filter(name -> kind.endings().contains(ending(name)))
            .map(name -> name.split("/", -1))
            .toList();
    int depth = 0;
    while (!paths.isEmpty()) {
      int at = depth;
      String first = paths.getFirst()[at];
      boolean common =
          SplitName.named(first).isEmpty()
              && paths.stream().allMatch(path -> path.length > at + 2 && path[at].equals(first));
      if (!common) {
        break;
      }
      depth++;
    }
    return depth;
  }

  private void byFolder(
      FileTree.Entry entry,
      int skipped,
      List<FileExamples.Labelled> found,
      TreeSet<String> classes) {
    String folder = classFolder(entry.name(), skipped);
    if (folder.isEmpty()) {
      drop(entry, DropReason.TARGET_MISSING, "it lies in no folder of a class");
      return;
    }
    classes.add(folder);
    String[] parts = folder.split("/", -1);
    Optional<SplitName> split = SplitName.named(parts[skipped]);
    SequencedMap<String, String> labels = new TreeMap<>();
    labels.put(LABEL, parts[parts.length - 2]);
    found.add(new FileExamples.Labelled(entry, labels, splits.of(entry.name(), split)));
  }

  /** {@code train/cats/} of {@code train/cats/young/1.jpg}; empty if there is no class. */
  private static String classFolder(String name, int skipped) {
    String[] parts = name.split("/", -1);
    int at = skipped;
    if (parts.length > at + 1 && SplitName.named(parts[at]).isPresent()) {
      at++;
    }
    if (parts.length < at + 2) {
      return "";
    }
    return String.join("/", List.of(parts).subList(0, at + 1)) + "/";
  }

  private void byName(FileTree.Entry entry, NamePattern names, List<FileExamples.Labelled> found) {
    Optional<SequencedMap<String, String>> labels = names.match(entry.name());
    if (labels.isEmpty()) {
      drop(entry, DropReason.TARGET_MISSING, "its name does not fit " + names.text());
      return;
    }
    Optional<SplitName> split =
        Stream.of(entry.name().split("/", -1))
            .map(SplitName::named)
            .flatMap(Optional::stream)
            .findFirst();
    found.add(new FileExamples.Labelled(entry, labels.get(), splits.of(entry.name(), split)));
  }

  /** Folders of classes, also those that hold nothing. */
  private TreeSet<String> classFolders(int skipped) {
    TreeSet<String> classes = new TreeSet<>();
    Stream.concat(
            entries.stream().map(FileTree.Entry::name),
            tree.emptyFolders().stream().map(folder -> folder + "/x"))
        .filter(name -> !name.startsWith(".") && !name.contains("/."))
        .map(name -> classFolder(name, skipped))
        .filter(folder -> !folder.isEmpty())
        .forEach(classes::add);
    return classes;
  }

  private void keepWhole(List<FileExamples.Labelled> found) {
    @Nullable Dropped[] problems = new @Nullable Dropped[found.size()];
    IntStream.range(0, problems.length)
        .parallel()
        .forEach(i -> problems[i] = problem(found.get(i).entry()));
    for (int i = 0; i < problems.length; i++) {
      Dropped problem = problems[i];
      if (problem == null) {
        files.add(found.get(i));
      } else {
        FileTree.Entry entry = found.get(i).entry();
        dropped.add(new DroppedExample(entry.name(), entry.bytes(), problem));
      }
    }
  }

  private @Nullable Dropped problem(FileTree.Entry entry) {
    if (entry.bytes() == 0) {
      return new Dropped(DropReason.EMPTY, "it has no bytes");
    }
    byte[] content = tree.read(entry);
    try {
      kind.check(content, entry.name());
      return null;
    } catch (SlipwayException e) {
      // What follows "NAME can't be read as …: "; a name may have such a colon, too.
      String reason = e.sentence();
      int colon = reason.indexOf(": ", entry.name().length());
      return new Dropped(DropReason.BROKEN, reason.substring(colon < 0 ? 0 : colon + 2));
    }
  }

  private SlipwayException nothing() {
    String first =
        dropped.isEmpty()
            ? ""
            : ", such as " + dropped.getFirst().id() + ": " + dropped.getFirst().problem().detail();
    String sentence =
        tree.origin()
            + " gives no "
            + kind.word()
            + " to learn from; "
            + dropped.size()
            + " other files are there"
            + first;
    return kind == MediaKind.PICTURE
        ? new SlipwayException(
            Exit.INPUT,
            "data.no-pictures",
            sentence,
            "put pictures into a folder a class, as cats/1.jpg and dogs/1.jpg")
        : new SlipwayException(
            Exit.INPUT,
            "data.no-sounds",
            sentence,
            "put WAV or FLAC files into a folder a class, or give a pattern that fits their names");
  }
}
