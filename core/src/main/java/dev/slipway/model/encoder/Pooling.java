package dev.slipway.model.encoder;

import dev.slipway.tensor.Layers;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hidden states of tokens to one vector a text, as sentence-transformers pools them. Several modes
 * give their vectors side by side.
 */
public record Pooling(List<Mode> modes) {
  /** Ways to pool, under sentence-transformers' names. */
  public enum Mode {
    /** The first token's state. */
    CLS("cls", "pooling_mode_cls_token"),
    /** The largest value of each place over tokens. */
    MAX("max", "pooling_mode_max_tokens"),
    /** The mean over tokens. */
    MEAN("mean", "pooling_mode_mean_tokens"),
    /** The sum over tokens by the root of their number. */
    MEAN_SQRT_LEN("mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens"),
    /** The mean over tokens, the t-th weighing t. Muennighoff 2022, "SGPT", section 3.2. */
    WEIGHTED_MEAN("weightedmean", "pooling_mode_weightedmean_tokens"),
    /** The last token's state. */
    LAST_TOKEN("lasttoken", "pooling_mode_lasttoken");

    private final String spelling;
    private final String oldKey;

    Mode(String spelling, String oldKey) {
      this.spelling = spelling;
      this.oldKey = oldKey;
    }

    /** The value of {@code pooling_mode} in 1_Pooling/config.json. */
    public String spelling() {
      return spelling;
    }

    /** The key that older files set to true in its place. */
    public String oldKey() {
      return oldKey;
    }
  }

  /** The mean over tokens. */
  public static final Pooling MEAN = new Pooling(List.of(Mode.MEAN));

  public Pooling {
    modes = List.copyOf(modes);
    if (modes.isEmpty()) {
      throw new IllegalArgumentException("pooling needs a mode");
    }
  }

  /**
   * Pools; differentiable.
   *
   * @param hidden (B, T, C)
   * @param lengths of the rows; null where none is padded
   * @param skipped how many tokens at the beginning are left out, such as a prompt's
   * @return (B, modes · C)
   */
  public Tensor apply(Tensor hidden, long @Nullable [] lengths, int skipped) {
    int rows = Math.toIntExact(hidden.size(0));
    int columns = Math.toIntExact(hidden.size(1));
    long[] ends = lengths == null ? new long[rows] : lengths;
    boolean isWhole = skipped == 0;
    if (lengths == null) {
      Arrays.fill(ends, columns);
    } else {
      isWhole &= Arrays.stream(ends).allMatch(end -> end == columns);
    }
    List<Tensor> pooled = new ArrayList<>();
    for (Mode mode : modes) {
      pooled.add(
          switch (mode) {
            case CLS -> at(hidden, first(ends, skipped));
            case LAST_TOKEN -> at(hidden, last(ends));
            case MAX ->
                Layers.max(
                    isWhole
                        ? hidden
                        : hidden.maskedFill(
                            weights(ends, columns, skipped, Mode.MEAN).le(Tensor.of(new float[1])),
                            Double.NEGATIVE_INFINITY),
                    1);
            case MEAN -> isWhole ? hidden.mean(1, false) : weighted(hidden, ends, skipped, mode);
            case MEAN_SQRT_LEN, WEIGHTED_MEAN -> weighted(hidden, ends, skipped, mode);
          });
    }
    return pooled.size() == 1 ? pooled.getFirst() : Tensor.cat(pooled, 1);
  }

  private static long[] first(long[] ends, int skipped) {
    return Arrays.stream(ends).map(end -> skipped < end ? skipped : 0).toArray();
  }

  private static long[] last(long[] ends) {
    return Arrays.stream(ends).map(end -> Math.max(0, end - 1)).toArray();
  }

  /** (B, C): of each row the state at one column. */
  private static Tensor at(Tensor hidden, long[] columns) {
    long width = hidden.size(1);
    long[] indices = columns.clone();
    for (int row = 0; row < indices.length; row++) {
      indices[row] += row * width;
    }
    return hidden
        .reshape(hidden.size(0) * width, hidden.size(2))
        .indexSelect(0, Tensor.of(indices, indices.length));
  }

  private static Tensor weighted(Tensor hidden, long[] ends, int skipped, Mode mode) {
    Tensor weights = weights(ends, Math.toIntExact(hidden.size(1)), skipped, mode);
    return weights.transpose(1, 2).matmul(hidden).squeeze(1); // (B, 1, T) (B, T, C)
  }

  /** What each token counts, (B, T, 1). */
  private static Tensor weights(long[] ends, int columns, int skipped, Mode mode) {
    float[] weights = new float[Math.multiplyExact(ends.length, columns)];
    for (int row = 0; row < ends.length; row++) {
      double sum = 0;
      for (int t = skipped; t < ends[row]; t++) {
        sum += mode == Mode.WEIGHTED_MEAN ? t + 1 : 1;
      }
      double divisor = mode == Mode.MEAN_SQRT_LEN ? Math.sqrt(sum) : sum;
      for (int t = skipped; t < ends[row]; t++) {
        weights[row * columns + t] = (float) ((mode == Mode.WEIGHTED_MEAN ? t + 1 : 1) / divisor);
      }
    }
    return Tensor.of(weights, ends.length, columns, 1);
  }
}
