package dev.slipway.task;

import java.util.List;
import java.util.SequencedMap;

/** What a model says of one example, in full; a {@link Task} puts names to it. */
public sealed interface Answer {
  /**
   * One of several classes.
   *
   * @param probabilities of each class, in the task's order
   */
  record Classified(double[] probabilities) implements Answer {}

  /**
   * Any of several labels.
   *
   * @param probabilities of each label, in the task's order
   */
  record Labelled(double[] probabilities) implements Answer {}

  /** A number in the target's unit, or a score. */
  record Estimated(double value) implements Answer {}

  /**
   * A tag for each token.
   *
   * @param tags index of the most probable one
   * @param probabilities of that
   */
  record Tagged(int[] tags, double[] probabilities) implements Answer {}

  /**
   * A text, word for word.
   *
   * @param logProbability natural logarithm of its probability given the input, its end included
   */
  record Written(String text, double logProbability) implements Answer {}

  /**
   * Items for a user, the best first.
   *
   * @param items indices in the task's list
   * @param scores as many
   * @param byPopularity whether the user is unknown, so that scores are shares of all users
   */
  record Recommended(int[] items, double[] scores, boolean byPopularity) implements Answer {}

  /**
   * A part of a text that answers a question.
   *
   * @param best the likeliest first; one without text says that there is no answer
   */
  record Spanned(List<Span> best) implements Answer {
    public Spanned {
      best = List.copyOf(best);
    }
  }

  /**
   * A part of a text.
   *
   * @param start of its first character in the text
   * @param end behind its last one
   * @param probability among those that were looked at
   */
  record Span(String text, int start, int end, double probability) {}

  /** Vectors of the texts that belong together, the query's first. */
  record Embedded(float[][] vectors) implements Answer {}

  /** One for each head. */
  record Several(SequencedMap<String, Answer> byHead) implements Answer {}
}
