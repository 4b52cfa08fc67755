package dev.slipway.data.text;

import dev.slipway.data.SplitName;
import dev.slipway.data.archive.FileTree;
import dev.slipway.data.archive.LabelledFiles;
import dev.slipway.data.archive.LabelledFiles.LabelledFile;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import dev.slipway.data.source.DropReason;
import dev.slipway.data.source.Dropped;
import dev.slipway.data.source.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Text files whose folder is their label and, above it, perhaps their split; fields {@code text}
 * and {@code label}. A file is read twice: when the set is opened, to see that it is UTF-8, and
 * when its text is asked for, unless all of them are held.
 */
public final class TextFolderExamples implements ExampleSet {
  public static final String TEXT = "text";
  public static final String LABEL = "label";

  /** A larger file is no example but a mistake. */
  public static final int LARGEST = 4 << 20;

  /** Texts of together so many bytes are held in memory. */
  private static final long HELD = 256 << 20;

  private static final int NAMED = 5;

  private final @Nullable FileTree tree; // none where all texts are held
  private final List<LabelledFile> files;
  private final @Nullable String @Nullable [] held;
  private final List<DroppedExample> dropped;
  private final List<String> labels;
  private final List<String> warnings;

  private TextFolderExamples(
      @Nullable FileTree tree,
      List<LabelledFile> files,
      @Nullable String @Nullable [] held,
      List<DroppedExample> dropped,
      List<String> labels,
      List<String> warnings) {
    this.tree = tree;
    this.files = files;
    this.held = held;
    this.dropped = List.copyOf(dropped);
    this.labels = labels;
    this.warnings = List.copyOf(warnings);
  }

  /**
   * Opens a set; the tree is closed with it, or at once where all texts are held.
   *
   * @param include globs of which one must match, such as {@code **}{@code /*.txt}
   * @param exclude globs of which none may match
   * @throws dev.slipway.base.SlipwayException if there are not two labels, or no text can be taken
   */
  public static TextFolderExamples open(FileTree tree, List<String> include, List<String> exclude) {
    LabelledFiles labelled = LabelledFiles.of(tree, include, exclude);
    List<LabelledFile> all = labelled.files();
    long bytes = all.stream().mapToLong(file -> file.entry().bytes()).sum();
    boolean hold = bytes <= HELD;
    @Nullable String[] texts = new String[all.size()];
    @Nullable Dropped[] problems = new Dropped[all.size()];
    IntStream.range(0, all.size())
        .parallel()
        .forEach(
            i -> {
              FileTree.Entry entry = all.get(i).entry();
              if (entry.bytes() > LARGEST) {
                problems[i] = new Dropped(DropReason.TOO_LARGE, "more than " + LARGEST + " bytes");
                return;
              }
              byte[] content = tree.read(entry);
              String text = Utf8.decode(content);
              if (text == null) {
                problems[i] = new Dropped(DropReason.NOT_UTF8, Utf8.firstInvalid(content));
              } else if (text.isBlank()) {
                problems[i] = new Dropped(DropReason.EMPTY, "");
              } else if (hold) {
                texts[i] = text;
              }
            });
    List<LabelledFile> files = new ArrayList<>();
    List<@Nullable String> kept = new ArrayList<>();
    List<DroppedExample> dropped = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Dropped problem = problems[i];
      if (problem == null) {
        files.add(all.get(i));
        kept.add(texts[i]);
      } else {
        FileTree.Entry entry = all.get(i).entry();
        dropped.add(new DroppedExample(entry.name(), entry.bytes(), problem));
      }
    }
    if (files.isEmpty()) {
      throw TextProblems.noneLeft(
          tree.origin().toString(), dropped.size(), dropped.getFirst().problem().reason().label());
    }
    List<String> warnings = new ArrayList<>(labelled.warnings());
    if (!dropped.isEmpty()) {
      warnings.add(warning(tree, all.size(), dropped));
    }
    if (hold) {
      tree.close(); // a mapped archive would stay in memory beside its texts
    }
    return new TextFolderExamples(
        hold ? null : tree,
        List.copyOf(files),
        hold ? kept.toArray(new String[0]) : null,
        dropped,
        labelled.labels(),
        warnings);
  }

  private static String warning(FileTree tree, int files, List<DroppedExample> dropped) {
    List<String> named =
        new ArrayList<>(
            dropped.stream()
                .limit(NAMED)
                .map(d -> d.id() + " (" + d.problem().reason().label() + ")")
                .toList());
    if (dropped.size() > NAMED) {
      named.add("…");
    }
    return String.format(
        Locale.ROOT,
        "%s: %,d of %,d files were left out: %s",
        tree.origin(),
        dropped.size(),
        files,
        String.join(", ", named));
  }

  /** All labels, by name. */
  public List<String> labels() {
    return labels;
  }

  /** What a person should know of the files, a sentence each. */
  public List<String> warnings() {
    return warnings;
  }

  @Override
  public int size() {
    return files.size();
  }

  @Override
  public String id(int example) {
    return files.get(example).entry().name();
  }

  @Override
  public long bytes(int example) {
    return files.get(example).entry().bytes();
  }

  @Override
  public List<Field> fields() {
    return List.of(new Field(TEXT, Field.Kind.TEXT), new Field(LABEL, Field.Kind.TEXT));
  }

  @Override
  public Value value(int example, String field) {
    LabelledFile file = files.get(example);
    return switch (field) {
      case LABEL -> new Value.Text(file.label());
      case TEXT -> {
        String text = held != null ? held[example] : Utf8.decode(read(file));
        yield text == null ? Value.Missing.INSTANCE : new Value.Text(text);
      }
      default -> throw new IllegalArgumentException("no field is called " + field);
    };
  }

  private byte[] read(LabelledFile file) {
    if (tree == null) {
      throw new IllegalStateException("texts that are not held have a tree");
    }
    return tree.read(file.entry());
  }

  @Override
  public Optional<SplitName> given(int example) {
    return files.get(example).given();
  }

  @Override
  public List<DroppedExample> dropped() {
    return dropped;
  }

  @Override
  public void close() {
    if (tree != null) {
      tree.close();
    }
  }
}
