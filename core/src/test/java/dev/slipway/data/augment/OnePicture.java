package dev.slipway.data.augment;

import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Value;
import java.util.List;
import java.util.Optional;

/** A set of one file. */
record OnePicture(byte[] file) implements ExampleSet {
  @Override
  public int size() {
    return 1;
  }

  @Override
  public String id(int example) {
    return "one";
  }

  @Override
  public long bytes(int example) {
    return file.length;
  }

  @Override
  public List<Field> fields() {
    return List.of(new Field("picture", Field.Kind.PICTURE));
  }

  @Override
  public Value value(int example, String field) {
    return new Value.Content(file);
  }

  @Override
  public Optional<SplitName> given(int example) {
    return Optional.empty();
  }

  @Override
  public List<DroppedExample> dropped() {
    return List.of();
  }

  @Override
  public void close() {}
}
