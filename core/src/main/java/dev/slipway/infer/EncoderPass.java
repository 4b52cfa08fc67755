package dev.slipway.infer;

import dev.slipway.model.encoder.PackedTokens;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Some of many sequences, computed together. They are sorted by length and those of a length stand
 * side by side, so that nothing is padded.
 *
 * @param places of its sequences among all, in the order of its rows
 */
record EncoderPass(List<Integer> places, PackedTokens tokens) {
  /** Tokens of a pass: enough for full speed, few enough for the caches. */
  private static final int TOKENS = 1024;

  /**
   * Computes all sequences, pass by pass.
   *
   * @param ids of each, one at least
   * @param types of the same tokens; null where all are 0
   */
  static void over(
      List<int[]> ids, @Nullable List<int[]> types, Consumer<EncoderPass> computation) {
    List<Integer> order =
        IntStream.range(0, ids.size())
            .boxed()
            .sorted(Comparator.comparingInt((Integer i) -> -ids.get(i).length))
            .toList();
    for (int from = 0; from < order.size(); ) {
      int to = from;
      int tokens = 0;
      while (to < order.size()
          && (to == from || tokens + ids.get(order.get(to)).length <= TOKENS)) {
        tokens += ids.get(order.get(to++)).length;
      }
      List<Integer> places = order.subList(from, to);
      computation.accept(
          new EncoderPass(
              places,
              new PackedTokens(
                  joined(places, ids),
                  types == null ? new int[0] : joined(places, types),
                  spans(places, ids))));
      from = to;
    }
  }

  private static int[] joined(List<Integer> places, List<int[]> values) {
    return places.stream().map(values::get).flatMapToInt(IntStream::of).toArray();
  }

  private static List<PackedTokens.Span> spans(List<Integer> places, List<int[]> ids) {
    List<PackedTokens.Span> spans = new ArrayList<>();
    int rows = 0;
    for (int i = 0; i < places.size(); i++) {
      int length = ids.get(places.get(i)).length;
      rows++;
      if (i + 1 == places.size() || ids.get(places.get(i + 1)).length != length) {
        spans.add(new PackedTokens.Span(rows, length));
        rows = 0;
      }
    }
    return spans;
  }
}
