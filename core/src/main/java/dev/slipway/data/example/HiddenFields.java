package dev.slipway.data.example;

import dev.slipway.data.SplitName;
import java.util.List;
import java.util.Optional;

/**
 * Examples without some of their fields, so that no input is made of what is to be learnt.
 *
 * @param all closed with this
 */
public record HiddenFields(ExampleSet all, List<String> hidden) implements ExampleSet {
  public HiddenFields {
    hidden = List.copyOf(hidden);
  }

  @Override
  public int size() {
    return all.size();
  }

  @Override
  public String id(int example) {
    return all.id(example);
  }

  @Override
  public long bytes(int example) {
    return all.bytes(example);
  }

  @Override
  public List<Field> fields() {
    return all.fields().stream().filter(field -> !hidden.contains(field.name())).toList();
  }

  @Override
  public Value value(int example, String field) {
    return hidden.contains(field) ? Value.Missing.INSTANCE : all.value(example, field);
  }

  @Override
  public double[] numbers(String field) {
    return all.numbers(field);
  }

  @Override
  public Optional<SplitName> given(int example) {
    return all.given(example);
  }

  @Override
  public List<DroppedExample> dropped() {
    return all.dropped();
  }

  @Override
  public void close() {
    all.close();
  }
}
