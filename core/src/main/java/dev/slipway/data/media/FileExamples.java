package dev.slipway.data.media;

import dev.slipway.data.SplitName;
import dev.slipway.data.archive.FileTree;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** A file an example: its content is one field, and what its name tells the others. */
final class FileExamples implements ExampleSet {
  /** A file and what its name tells, by field. */
  record Labelled(
      FileTree.Entry entry, SequencedMap<String, String> labels, Optional<SplitName> given) {}

  private final FileTree tree;
  private final Field content;
  private final List<Field> fields;
  private final List<Labelled> files;
  private final List<DroppedExample> dropped;

  FileExamples(
      FileTree tree,
      Field content,
      List<String> labels,
      List<Labelled> files,
      List<DroppedExample> dropped) {
    this.tree = tree;
    this.content = content;
    this.files = List.copyOf(files);
    this.dropped = List.copyOf(dropped);
    List<Field> all = new ArrayList<>(List.of(content));
    labels.forEach(label -> all.add(new Field(label, Field.Kind.TEXT)));
    fields = List.copyOf(all);
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
    return fields;
  }

  @Override
  public Value value(int example, String field) {
    Labelled file = files.get(example);
    if (field.equals(content.name())) {
      return new Value.Content(tree.read(file.entry()));
    }
    String label = file.labels().get(field);
    if (label == null) {
      throw new IllegalArgumentException("there is no field " + field);
    }
    return new Value.Text(label);
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
    tree.close();
  }
}
