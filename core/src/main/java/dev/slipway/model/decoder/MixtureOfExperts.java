package dev.slipway.model.decoder;

import dev.slipway.tensor.DType;
import dev.slipway.tensor.Functional;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Of several feed-forward parts a position takes the few that a router likes best, weighted by the
 * router's softmax (Shazeer et al. 2017; Fedus et al. 2022).
 */
final class MixtureOfExperts implements FeedForward {
  private final Tensor router;
  private final List<FeedForward> experts;
  private final int perToken;
  private final boolean normalised;

  /**
   * @param router (E, C)
   * @param perToken k, how many experts a position takes
   * @param normalised whether the shares of those add up to one
   */
  MixtureOfExperts(Tensor router, List<FeedForward> experts, int perToken, boolean normalised) {
    this.router = router;
    this.experts = List.copyOf(experts);
    this.perToken = perToken;
    this.normalised = normalised;
  }

  @Override
  public Tensor forward(Tensor x) {
    long width = x.size(x.dim() - 1);
    Tensor rows = x.reshape(x.numel() / width, width); // (N, C)
    Tensor shares = Functional.linear(rows, router, null).to(DType.FLOAT32).softmax(1); // (N, E)
    Tensor chosen = shares.topk(perToken).indices(); // (N, k)
    Tensor weights = shares.gather(1, chosen); // (N, k)
    if (normalised) {
      weights = weights.div(weights.sum(1, true)); // (N, k)
    }
    Tensor outputs = ofChosen(rows, chosen.toLongs()); // (N k, C)
    return outputs
        .view(rows.size(0), perToken, width)
        .mul(weights.to(x.dtype()).unsqueeze(2))
        .sum(1, false)
        .view(x.shape()); // as x
  }

  /**
   * Each expert does all its rows at once; what it gives is put back in the order of the choices.
   *
   * @param chosen (N, k) row after row
   * @return (N k, C)
   */
  private Tensor ofChosen(Tensor rows, long[] chosen) {
    List<Tensor> outputs = new ArrayList<>();
    long[] placeOfChoice = new long[chosen.length];
    int placed = 0;
    for (int expert = 0; expert < experts.size(); expert++) {
      List<Integer> choices = new ArrayList<>();
      for (int i = 0; i < chosen.length; i++) {
        if (chosen[i] == expert) {
          choices.add(i);
          placeOfChoice[i] = placed++;
        }
      }
      if (!choices.isEmpty()) {
        long[] rowOfChoice = choices.stream().mapToLong(i -> i / perToken).toArray();
        Tensor mine = rows.indexSelect(0, Tensor.of(rowOfChoice, rowOfChoice.length)); // (n, C)
        outputs.add(experts.get(expert).forward(mine)); // (n, C)
      }
    }
    return Tensor.cat(outputs, 0).indexSelect(0, Tensor.of(placeOfChoice, placeOfChoice.length));
  }
}
