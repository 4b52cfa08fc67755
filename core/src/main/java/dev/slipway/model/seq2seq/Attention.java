package dev.slipway.model.seq2seq;

import dev.slipway.nn.ParameterSet;
import dev.slipway.nn.Projection;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head attention (Vaswani et al. 2017, section 3.2.2).
 *
 * <p>Shapes: R rows, T positions that ask, S positions that are seen, C width, H heads, D = C / H.
 */
final class Attention {
  /** Projections of queries, keys and values, neighbours in memory. */
  static final List<String> PARTS = List.of("q_proj", "k_proj", "v_proj");

  /** Keys and values (R, H, S, D) each. */
  record KeyValues(Tensor keys, Tensor values) {
    /** Rows chosen by index, some of them several times or not at all. */
    KeyValues rows(Tensor indices) {
      return new KeyValues(keys.indexSelect(0, indices), values.indexSelect(0, indices));
    }

    /** Lets them outlive the open scope. */
    KeyValues retain() {
      return new KeyValues(keys.retain(), values.retain());
    }

    /** Frees these, keeps the others. */
    KeyValues replacedBy(KeyValues others) {
      KeyValues kept = others.retain();
      close();
      return kept;
    }

    void close() {
      keys.close();
      values.close();
    }

    /** With further positions after these. */
    KeyValues and(KeyValues later) {
      return new KeyValues(
          Tensor.cat(List.of(keys, later.keys), 2), Tensor.cat(List.of(values, later.values), 2));
    }
  }

  /** Queries (R, H, T, D) and what they may see of the same positions. */
  record QueryKeyValues(Tensor queries, KeyValues seen) {}

  private final int heads;
  private final Projection all;
  private final Projection query;
  private final Projection keyValue;
  private final Projection output;

  Attention(ParameterSet parameters, String prefix, int heads) {
    this.heads = heads;
    all = dense(parameters, prefix, PARTS);
    query = dense(parameters, prefix, PARTS.subList(0, 1));
    keyValue = dense(parameters, prefix, PARTS.subList(1, 3));
    output = dense(parameters, prefix, List.of("out_proj"));
  }

  private static Projection dense(ParameterSet parameters, String prefix, List<String> names) {
    return new Projection.Dense(
        operand(parameters, names.stream().map(name -> prefix + name + ".weight")),
        operand(parameters, names.stream().map(name -> prefix + name + ".bias")));
  }

  private static Tensor operand(ParameterSet parameters, Stream<String> names) {
    String[] all = names.toArray(String[]::new);
    return all.length == 1 ? parameters.value(all[0]) : parameters.group(all);
  }

  /** For positions that see each other: (R, T, C). */
  QueryKeyValues queryKeyValues(Tensor x) {
    List<Tensor> parts = split(all.apply(x), 3);
    return new QueryKeyValues(parts.get(0), new KeyValues(parts.get(1), parts.get(2)));
  }

  /** Queries (R, H, T, D) of positions (R, T, C) that see others. */
  Tensor queries(Tensor x) {
    return split(query.apply(x), 1).getFirst();
  }

  /** What others may see of positions (R, S, C). */
  KeyValues keyValues(Tensor memory) {
    List<Tensor> parts = split(keyValue.apply(memory), 2);
    return new KeyValues(parts.get(0), parts.get(1));
  }

  private List<Tensor> split(Tensor x, int parts) {
    long width = x.size(2) / parts / heads;
    Tensor headed = x.view(x.size(0), x.size(1), (long) parts * heads, width).transpose(1, 2);
    long[] sizes = new long[parts];
    Arrays.fill(sizes, heads);
    return Functional.split(headed, 1, sizes);
  }

  /**
   * What queries (R, H, T, D) take from what they see, (R, T, C).
   *
   * @param mask added to the scores, broadcast to (R, H, T, S), or null
   * @param causal whether a position sees no later one
   */
  Tensor mix(Tensor queries, KeyValues seen, @Nullable Tensor mask, boolean causal) {
    Tensor mixture =
        Functional.scaledDotProductAttention(queries, seen.keys, seen.values, mask, causal);
    long rows = queries.size(0);
    long columns = queries.size(2);
    return output.apply(
        mixture.transpose(1, 2).reshape(rows, columns, queries.size(1) * queries.size(3)));
  }
}
