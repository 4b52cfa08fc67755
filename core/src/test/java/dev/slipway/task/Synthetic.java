package dev.slipway.task;

import dev.slipway.data.example.Field;
import dev.slipway.data.example.MemoryExamples;
import dev.slipway.data.example.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Examples whose targets follow from two numbers. */
final class Synthetic {
  static final List<Field> FIELDS =
      List.of(
          new Field("x", Field.Kind.NUMBER),
          new Field("y", Field.Kind.NUMBER),
          new Field("sign", Field.Kind.TEXT),
          new Field("quarter", Field.Kind.NUMBER),
          new Field("marks", Field.Kind.LABELS),
          new Field("sum", Field.Kind.NUMBER));

  private Synthetic() {}

  static MemoryExamples points(int count) {
    SplittableRandom random = new SplittableRandom(5);
    List<MemoryExamples.Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double x = random.nextDouble() * 2 - 1;
      double y = random.nextDouble() * 2 - 1;
      Map<String, Value> values = new LinkedHashMap<>();
      values.put("x", new Value.Number(x));
      values.put("y", new Value.Number(y));
      values.put("sign", new Value.Text(x + y > 0 ? "plus" : "minus"));
      values.put("quarter", new Value.Number((x > 0 ? 2 : 0) + (y > 0 ? 1 : 0)));
      List<String> marks = new ArrayList<>();
      if (x > 0) {
        marks.add("right");
      }
      if (y > 0) {
        marks.add("up");
      }
      values.put("marks", new Value.Labels(marks));
      values.put("sum", new Value.Number(100 + 10 * (x + 2 * y)));
      rows.add(new MemoryExamples.Row("point-" + i, 10, values));
    }
    return new MemoryExamples(FIELDS, rows);
  }

  static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }
}
