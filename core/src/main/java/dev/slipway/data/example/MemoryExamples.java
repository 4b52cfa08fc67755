package dev.slipway.data.example;

import dev.slipway.data.SplitName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Examples that are in memory, such as those of a request. */
public final class MemoryExamples implements ExampleSet {
  private final List<Field> fields;
  private final List<Row> rows;

  /**
   * One example.
   *
   * @param values by field; what is not there is missing
   */
  public record Row(String id, long bytes, Map<String, Value> values) {
    public Row {
      values = Map.copyOf(values);
    }
  }

  public MemoryExamples(List<Field> fields, List<Row> rows) {
    this.fields = List.copyOf(fields);
    this.rows = List.copyOf(rows);
  }

  @Override
  public int size() {
    return rows.size();
  }

  @Override
  public String id(int example) {
    return rows.get(example).id;
  }

  @Override
  public long bytes(int example) {
    return rows.get(example).bytes;
  }

  @Override
  public List<Field> fields() {
    return fields;
  }

  @Override
  public Value value(int example, String field) {
    return rows.get(example).values.getOrDefault(field, Value.Missing.INSTANCE);
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
