package dev.slipway.infer.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where one can be in a {@link Grammar} after some bytes: a set of states, each with the rules that
 * it stands in. The same set is one object, so that its successors and its mask are found only
 * once.
 */
final class Configuration {
  /** A rule that was entered, by the state where it goes on afterwards. */
  private static final class Frame {
    final int back;
    final @Nullable Frame outer;
    final int depth;
    final int hash;

    Frame(int back, @Nullable Frame outer) {
      this.back = back;
      this.outer = outer;
      depth = outer == null ? 1 : outer.depth + 1;
      hash = 31 * (outer == null ? 7 : outer.hash) + back;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      if (this == other) {
        return true;
      }
      if (!(other instanceof Frame frame) || frame.hash != hash || frame.depth != depth) {
        return false;
      }
      Frame a = this;
      Frame b = frame;
      while (a != null && b != null && a != b) {
        if (a.back != b.back) {
          return false;
        }
        a = a.outer;
        b = b.outer;
      }
      return a == b;
    }
  }

  private record Place(int state, @Nullable Frame frame) {}

  /** All configurations of a grammar that have been met; not for several threads. */
  static final class Space {
    /** Then all are forgotten and found again as they are needed, which bounds the memory. */
    static final int MOST = 2_000;

    /** Ways in which one text can be read at the same time. */
    private static final int MOST_PLACES = 2_000;

    private final Grammar grammar;
    private final Map<Set<Place>, Configuration> met = new HashMap<>();

    Space(Grammar grammar) {
      this.grammar = grammar;
    }

    /** How many are remembered. */
    int size() {
      return met.size();
    }

    @Nullable Configuration start() {
      Closure closure = new Closure();
      closure.add(grammar.begin[grammar.root], null);
      return closure.configuration();
    }

    /** Follows edges that take nothing until only states are left that take a byte. */
    private final class Closure {
      private final Set<Place> seen = new HashSet<>();
      private final Set<Place> places = new HashSet<>();
      private final ArrayDeque<Place> open = new ArrayDeque<>();
      private boolean accepts;

      void add(int state, @Nullable Frame frame) {
        push(state, frame);
        while (!open.isEmpty()) {
          Place place = open.pop();
          expand(place.state, place.frame);
        }
      }

      private void push(int state, @Nullable Frame frame) {
        int depth = frame == null ? 0 : frame.depth;
        int need = grammar.need[state];
        if (need == Grammar.NEVER || depth + need > Grammar.DEEPEST) {
          return; // comes to no end within the depth
        }
        Place place = new Place(state, frame);
        if (seen.add(place)) {
          if (seen.size() > 10 * MOST_PLACES) {
            throw Refusal.tooLarge("what the schema leaves open at one place");
          }
          open.push(place);
        }
      }

      private void expand(int state, @Nullable Frame frame) {
        if (grammar.ends[state]) {
          if (frame == null) {
            accepts = true;
          } else {
            push(frame.back, frame.outer);
          }
        }
        boolean takes = false;
        for (int e = grammar.first[state]; e < grammar.first[state + 1]; e++) {
          int kind = grammar.kind[e];
          if (kind == Grammar.BYTES) {
            takes = true;
          } else if (kind == Grammar.NOTHING) {
            push(grammar.target[e], frame);
          } else {
            push(grammar.begin[kind], new Frame(grammar.target[e], frame));
          }
        }
        if (takes) {
          places.add(new Place(state, frame));
          if (places.size() > MOST_PLACES) {
            throw Refusal.tooLarge("what the schema leaves open at one place");
          }
        }
      }

      @Nullable Configuration configuration() {
        if (places.isEmpty() && !accepts) {
          return null;
        }
        if (accepts) {
          places.add(new Place(-1, null)); // tells apart sets that differ by this alone
        }
        Configuration known = met.get(places);
        if (known == null) {
          if (met.size() >= MOST) {
            // Successors hold on to each other from the start on: they have to go as well.
            met.values().forEach(Configuration::forget);
            met.clear();
          }
          known = new Configuration(Space.this, places, accepts);
          met.put(places, known);
        }
        return known;
      }
    }
  }

  private final Space space;
  private final List<Place> places;
  private final boolean accepts;
  private final @Nullable Configuration[] next = new Configuration[256];
  private final boolean[] known = new boolean[256];

  private Configuration(Space space, Set<Place> places, boolean accepts) {
    this.space = space;
    List<Place> taking = new ArrayList<>(places);
    taking.removeIf(place -> place.state < 0);
    this.places = taking;
    this.accepts = accepts;
  }

  private void forget() {
    Arrays.fill(next, null);
    Arrays.fill(known, false);
  }

  /** Whether the bytes so far are a whole answer. */
  boolean accepts() {
    return accepts;
  }

  /** Whether any byte may follow. */
  boolean continues() {
    return !places.isEmpty();
  }

  /** Where one is after one more byte, from 0 to 255; null where it may not come. */
  @Nullable Configuration next(int value) {
    if (!known[value]) {
      Space.Closure closure = space.new Closure();
      Grammar grammar = space.grammar;
      for (Place place : places) {
        for (int e = grammar.first[place.state]; e < grammar.first[place.state + 1]; e++) {
          if (grammar.kind[e] == Grammar.BYTES
              && grammar.low[e] <= value
              && value <= grammar.high[e]) {
            closure.add(grammar.target[e], place.frame);
          }
        }
      }
      next[value] = closure.configuration();
      known[value] = true;
    }
    return next[value];
  }
}
