package dev.slipway.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/**
 * Chooses one token after another by a {@link Sampling}. Its random numbers are SplitMix64's
 * (Steele, Lea, Flood 2014), the same on every machine. One for each sequence; not for several
 * threads.
 */
final class Sampler {
  private static final int FEW = 256;
  private static final int PART = 512;

  private final Sampling sampling;
  private final int vocabulary;
  private final DoubleSupplier random;
  private final BitSet seen = new BitSet();
  private final Map<Integer, Integer> chosen = new HashMap<>();
  private final SamplingRoom room;

  /** Random numbers that {@link #ahead} has seen before their time. */
  private final List<Double> drawn = new ArrayList<>();

  Sampler(Sampling sampling) {
    this(sampling, Integer.MAX_VALUE);
  }

  /**
   * @param vocabulary ids from it on are never chosen: a model may have rows that no token has
   */
  Sampler(Sampling sampling, int vocabulary) {
    this(sampling, vocabulary, new SamplingRoom());
  }

  /** As above, with room that it shares with others of its thread. */
  Sampler(Sampling sampling, int vocabulary, SamplingRoom room) {
    this(sampling, vocabulary, room, new SplittableRandom(sampling.seed())::nextDouble);
  }

  private Sampler(Sampling sampling, int vocabulary, SamplingRoom room, DoubleSupplier random) {
    this.sampling = sampling;
    this.vocabulary = vocabulary;
    this.room = room;
    this.random = random;
  }

  /**
   * One that chooses as this one will, by the same random numbers, and leaves it as it is: by the
   * same logits it chooses the same tokens. To be used before this one goes on.
   */
  Sampler ahead() {
    Sampler ahead =
        new Sampler(
            sampling,
            vocabulary,
            room,
            new DoubleSupplier() {
              private int next;

              @Override
              public double getAsDouble() {
                if (next == drawn.size()) {
                  drawn.add(random.getAsDouble());
                }
                return drawn.get(next++);
              }
            });
    ahead.seen.or(seen);
    ahead.chosen.putAll(chosen);
    return ahead;
  }

  /** A token of the prompt, which the repetition penalty counts. */
  void saw(int id) {
    seen.set(id);
  }

  /** The next token, which counts as seen and chosen from now on. */
  int next(float[] logits) {
    if (sampling.isPlainlyGreedy()) {
      return largest(
          logits, size(logits)); // nothing else is asked of the scores, nor of what was seen
    }
    double[] scores = penalised(logits);
    int id = sampling.temperature() == 0 ? argmax(scores) : draw(filter(scores));
    seen.set(id);
    chosen.merge(id, 1, Integer::sum);
    return id;
  }

  /** Probabilities after all filters, which add up to one; they stay until the next choice. */
  double[] distribution(float[] logits) {
    return filter(penalised(logits));
  }

  private double[] penalised(float[] logits) {
    double[] scores = room.scores(size(logits));
    for (int i = 0; i < scores.length; i++) {
      scores[i] = logits[i];
    }
    sampling.bias().forEach((id, bias) -> add(scores, id, bias));
    double penalty = sampling.repetitionPenalty();
    if (penalty != 1) {
      seen.stream()
          .filter(id -> id < scores.length)
          .forEach(id -> scores[id] = scores[id] < 0 ? scores[id] * penalty : scores[id] / penalty);
    }
    double once = sampling.presencePenalty();
    double each = sampling.frequencyPenalty();
    if (once != 0 || each != 0) {
      chosen.forEach((id, times) -> add(scores, id, -each * times - once));
    }
    return scores;
  }

  private static void add(double[] scores, int id, double value) {
    if (id < scores.length) {
      scores[id] += value;
    }
  }

  private int size(float[] logits) {
    return Math.min(logits.length, vocabulary);
  }

  /** The first of the largest ones; a part whose largest is no larger is looked at no further. */
  private static int largest(float[] logits, int size) {
    int best = 0;
    for (int from = 0; from < size; from += PART) {
      int to = Math.min(size, from + PART);
      if (!(largest(logits, from, to) <= logits[best])) { // also where one is no number
        for (int i = from; i < to; i++) {
          if (logits[i] > logits[best]) {
            best = i;
          }
        }
      }
    }
    return best;
  }

  /** A loop that the JVM makes vectors of. */
  private static float largest(float[] logits, int from, int to) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, logits[i]);
    }
    return largest;
  }

  static int argmax(double[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }

  /** Makes probabilities of scores, in their place. */
  private double[] filter(double[] scores) {
    if (sampling.temperature() != 0) {
      for (int i = 0; i < scores.length; i++) {
        scores[i] /= sampling.temperature();
      }
    }
    if (sampling.topK() > 0 && sampling.topK() < scores.length) {
      keepFrom(scores, kthLargest(scores, sampling.topK()));
    }
    double[] probabilities = softmax(scores);
    if (sampling.topP() < 1) {
      keepShare(probabilities, sampling.topP(), room.order(probabilities.length));
      normalise(probabilities);
    }
    if (sampling.minP() > 0) {
      double least = sampling.minP() * probabilities[argmax(probabilities)];
      for (int i = 0; i < probabilities.length; i++) {
        if (probabilities[i] < least) {
          probabilities[i] = 0;
        }
      }
      normalise(probabilities);
    }
    return probabilities;
  }

  private static double kthLargest(double[] scores, int k) {
    if (k > FEW) {
      double[] sorted = scores.clone();
      Arrays.sort(sorted);
      return sorted[sorted.length - k];
    }
    double[] largest = new double[k]; // ascending; few scores get in after the first ones
    Arrays.fill(largest, Double.NEGATIVE_INFINITY);
    for (double score : scores) {
      if (score > largest[0]) {
        int at = 1;
        while (at < k && largest[at] < score) {
          largest[at - 1] = largest[at++];
        }
        largest[at - 1] = score;
      }
    }
    return largest[0];
  }

  private static void keepFrom(double[] scores, double least) {
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] < least) {
        scores[i] = Double.NEGATIVE_INFINITY;
      }
    }
  }

  /** Drops the least likely tokens as long as all that is dropped stays within 1 - p. */
  private static void keepShare(double[] probabilities, double p, long[] order) {
    // All that are below this reach no more than 1 - p together: they go without being sorted.
    double negligible = (1 - p) / probabilities.length;
    int kept = 0;
    double dropped = 0;
    for (int i = 0; i < probabilities.length; i++) {
      if (probabilities[i] < negligible) {
        dropped += probabilities[i];
        probabilities[i] = 0;
      } else if (probabilities[i] > 0) {
        // Positive floats sort as their bits do: probability first, then the higher id goes first.
        order[kept++] =
            ((long) Float.floatToIntBits((float) probabilities[i]) << 32) | (Integer.MAX_VALUE - i);
      }
    }
    Arrays.sort(order, 0, kept);
    for (int rank = 0; rank < kept - 1; rank++) {
      int id = Integer.MAX_VALUE - (int) order[rank];
      dropped += probabilities[id];
      if (dropped > 1 - p) {
        return;
      }
      probabilities[id] = 0;
    }
  }

  private static double[] softmax(double[] scores) {
    double largest = scores[argmax(scores)];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.exp(scores[i] - largest);
    }
    normalise(scores);
    return scores;
  }

  private static void normalise(double[] probabilities) {
    double sum = 0;
    for (double probability : probabilities) {
      sum += probability;
    }
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] /= sum;
    }
  }

  private int draw(double[] probabilities) {
    double left = drawn.isEmpty() ? random.getAsDouble() : drawn.removeFirst();
    int last = 0;
    for (int i = 0; i < probabilities.length; i++) {
      if (probabilities[i] > 0) {
        last = i;
        left -= probabilities[i];
        if (left < 0) {
          return i;
        }
      }
    }
    return last;
  }
}
