package dev.slipway.model.seq2seq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.slipway.base.binding.Auto;
import dev.slipway.model.Pass;
import dev.slipway.nn.Input;
import dev.slipway.nn.Inputs;
import dev.slipway.nn.ParameterSet;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against all targets there are, each computed as a whole. */
class BeamSearchTest {
  private static final int VOCABULARY = 5;
  private static final int LONGEST = 3;
  private static final int BEGIN = 1;
  private static final int END = 2;

  private static EncoderDecoder network(long seed) {
    EncoderDecoderConfig config =
        new EncoderDecoderConfig(
            VOCABULARY,
            VOCABULARY,
            new EncoderDecoderConfig.Size(
                1,
                Auto.auto(),
                8,
                2,
                Auto.of(16),
                0,
                true,
                true,
                EncoderDecoderConfig.Positions.SINUSOIDAL,
                EncoderDecoderConfig.NormPlace.PRE,
                8));
    ParameterSet parameters = ParameterSet.allocate(config.parameters());
    parameters.initialise(seed);
    return new EncoderDecoder(config, parameters);
  }

  private static Tensor source() {
    return Tensor.of(new long[] {3, 4, 3, 4, 4, 0, 0, 3}, 2, 4);
  }

  /** Log-probabilities of what follows a beginning, from a pass over all of it. */
  private static float[] following(EncoderDecoder network, int row, int[] ids) {
    long[] known = new long[ids.length + 1];
    known[0] = BEGIN;
    for (int i = 0; i < ids.length; i++) {
      known[i + 1] = ids[i];
    }
    SequencedMap<String, Input> inputs = new LinkedHashMap<>();
    inputs.put(EncoderDecoder.SOURCE, Input.of(source().narrow(0, row, 1)));
    inputs.put(EncoderDecoder.TARGET, Input.of(Tensor.of(known, 1, known.length)));
    try (Scope _ = Scope.open();
        NoGrad _ = NoGrad.open()) {
      return network
          .output(new Inputs(inputs), Pass.INFERENCE)
          .narrow(1, ids.length, 1)
          .logSoftmax(-1)
          .toFloats();
    }
  }

  private static void enumerate(
      EncoderDecoder network,
      int row,
      int[] ids,
      double logProbability,
      double alpha,
      List<BeamSearch.Hypothesis> all) {
    if (ids.length == LONGEST) {
      all.add(hypothesis(ids, logProbability, LONGEST, alpha));
      return;
    }
    float[] following = following(network, row, ids);
    for (int id = 0; id < VOCABULARY; id++) {
      double with = logProbability + following[id];
      if (id == END) {
        all.add(hypothesis(ids, with, ids.length + 1, alpha));
      } else {
        int[] longer = Arrays.copyOf(ids, ids.length + 1);
        longer[ids.length] = id;
        enumerate(network, row, longer, with, alpha, all);
      }
    }
  }

  private static BeamSearch.Hypothesis hypothesis(
      int[] ids, double logProbability, int tokens, double alpha) {
    return new BeamSearch.Hypothesis(
        ids, logProbability, logProbability / Math.pow((5.0 + tokens) / 6, alpha));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.6, 2})
  void wideEnoughItFindsTheBestOfAll(double alpha) {
    try (Scope _ = Scope.open();
        EncoderDecoder network = network(5)) {
      List<List<BeamSearch.Hypothesis>> found =
          new BeamSearch(network, new BeamSearch.Settings(100, alpha, LONGEST), BEGIN, END)
              .search(Input.of(source()));
      for (int row = 0; row < 2; row++) {
        List<BeamSearch.Hypothesis> all = new ArrayList<>();
        enumerate(network, row, new int[0], 0, alpha, all);
        all.sort(Comparator.comparingDouble((BeamSearch.Hypothesis h) -> -h.score()));
        assertThat(all).hasSize(85); // 1 + 4 + 16 that end, and 64 that are cut
        assertThat(found.get(row)).hasSize(all.size());
        for (int i = 0; i < all.size(); i++) {
          assertThat(found.get(row).get(i).score()).isCloseTo(all.get(i).score(), within(1e-4));
        }
        assertThat(found.get(row).getFirst().ids()).containsExactly(all.getFirst().ids());
      }
    }
  }

  @Test
  void ofOneBeamTakesTheLikeliestAtEachPlace() {
    try (Scope _ = Scope.open();
        EncoderDecoder network = network(6)) {
      List<List<BeamSearch.Hypothesis>> found =
          new BeamSearch(network, BeamSearch.Settings.greedy(LONGEST), BEGIN, END)
              .search(Input.of(source()));
      for (int row = 0; row < 2; row++) {
        int[] ids = new int[0];
        while (ids.length < LONGEST) {
          float[] following = following(network, row, ids);
          int best = 0;
          for (int id = 1; id < VOCABULARY; id++) {
            best = following[id] > following[best] ? id : best;
          }
          if (best == END) {
            break;
          }
          ids = Arrays.copyOf(ids, ids.length + 1);
          ids[ids.length - 1] = best;
        }
        assertThat(found.get(row)).hasSize(1);
        assertThat(found.get(row).getFirst().ids()).containsExactly(ids);
      }
    }
  }
}
