package dev.slipway.infer.grammar;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an answer has to look like, compiled for one vocabulary. Several answers may follow it at
 * the same time, on any threads: what one finds out about the tokens that may come serves the
 * others.
 */
public final class Constraint {
  private static final int KEPT_MASKS = 256;

  private final Vocabulary vocabulary;
  private final Configuration.Space space;
  private final Configuration start;

  /** The masks that were used last; one has a bit for each token of the vocabulary. */
  private final Map<Configuration, long[]> masks =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Configuration, long[]> eldest) {
          return size() > KEPT_MASKS;
        }
      };

  Constraint(Grammar grammar, Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    space = new Configuration.Space(grammar);
    Configuration begin = space.start();
    if (begin == null) {
      throw Refusal.empty("no answer satisfies the schema");
    }
    start = begin;
  }

  /** Follows a new answer from its beginning. */
  public Cursor begin() {
    return new Cursor();
  }

  private synchronized long[] mask(Configuration at) {
    long[] mask = masks.get(at);
    if (mask == null) {
      mask = vocabulary.mask(at);
      masks.put(at, mask);
    }
    return mask;
  }

  /** How many places of answers are remembered. */
  synchronized int remembered() {
    return space.size();
  }

  private synchronized @Nullable Configuration after(Configuration at, int id) {
    return vocabulary.after(at, id);
  }

  private synchronized @Nullable Configuration tried(Configuration at) {
    return at.tried();
  }

  /** The place in one answer. Not for several threads. */
  public final class Cursor {
    private Configuration at = start;
    private Configuration followed = space.tellsItemsApart() ? start.followed() : start;

    private Cursor() {}

    /**
     * Puts the logits of tokens that may not come to −∞.
     *
     * @param logits (V), of the vocabulary or with rows beyond it
     * @param eos ids that end an answer, which may come where it is whole
     */
    public void mask(float[] logits, Iterable<Integer> eos) {
      long[] mask = Constraint.this.mask(at);
      float[] ends = null;
      if (at.accepts()) {
        ends = new float[logits.length];
        for (int id : eos) {
          if (id < logits.length) {
            ends[id] = logits[id];
          }
        }
      }
      boolean any = false;
      for (int id = 0; id < logits.length; id++) {
        if (id >= vocabulary.size() || (mask[id >> 6] >> (id & 63) & 1) == 0) {
          logits[id] = Float.NEGATIVE_INFINITY;
        } else {
          any = true;
        }
      }
      if (ends != null) {
        for (int id : eos) {
          if (id < logits.length) {
            logits[id] = ends[id];
            any = true;
          }
        }
      }
      if (!any && !isComplete()) {
        throw new SlipwayException(
            Exit.USAGE,
            "constraint.stuck",
            "none of the model's tokens continues the answer as its format asks",
            "use a model whose vocabulary spells every byte, or another format");
      }
    }

    /** Goes on by a token that came. */
    public void accept(int id) {
      Configuration next = after(followed, id);
      Configuration trying = next != null && space.tellsItemsApart() ? tried(next) : next;
      if (next == null || trying == null) {
        throw new IllegalStateException("the token " + id + " was masked, and came");
      }
      followed = next;
      at = trying;
    }

    /** Whether the answer is whole and nothing can follow. */
    public boolean isComplete() {
      return at.accepts() && !at.continues();
    }

    /** Whether the answer could end here. */
    public boolean accepts() {
      return at.accepts();
    }

    /** The ids that may come next, ascending; an end is not among them. */
    public List<Integer> allowed() {
      long[] mask = Constraint.this.mask(at);
      return java.util.stream.IntStream.range(0, vocabulary.size())
          .filter(id -> (mask[id >> 6] >> (id & 63) & 1) != 0)
          .boxed()
          .toList();
    }
  }
}
