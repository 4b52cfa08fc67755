package dev.slipway.infer.grammar;

import dev.slipway.base.SlipwayException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  /**
   * @param items of the arrays that it stands in and whose items have to differ; null for none
   */
  private record Place(int state, @Nullable Frame frame, @Nullable UniqueItems items) {}

  /** All configurations of a grammar that have been met; not for several threads. */
  static final class Space {
    /** Then all are forgotten and found again as they are needed, which bounds the memory. */
    static final int MOST = 2_000;

    /** Ways in which one text can be read at the same time. */
    private static final int MOST_PLACES = 2_000;

    /** Bytes that are looked at for an item that differs. */
    private static final int MOST_STEPS = 500;

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
      Closure closure = new Closure(false);
      closure.add(grammar.begin[grammar.root], null, null);
      return closure.configuration();
    }

    /** Whether items have to be told apart, for which answers are to be {@link #followed}. */
    boolean tellsItemsApart() {
      return grammar.hasUniqueItems;
    }

    /** Follows edges that take nothing until only states are left that take a byte. */
    private final class Closure {
      private final Set<Place> seen = new HashSet<>();
      private final Set<Place> places = new HashSet<>();
      private final ArrayDeque<Place> open = new ArrayDeque<>();
      private final boolean followed;
      private final boolean sifting; // leaves out places from which items can't end
      private boolean accepts;

      Closure(boolean followed) {
        this(followed, true);
      }

      private Closure(boolean followed, boolean sifting) {
        this.followed = followed;
        this.sifting = sifting;
      }

      void add(int state, @Nullable Frame frame, @Nullable UniqueItems items) {
        push(state, frame, items);
        while (!open.isEmpty()) {
          expand(open.pop());
        }
      }

      private void push(int state, @Nullable Frame frame, @Nullable UniqueItems items) {
        if (!comesToEnd(state, frame)) {
          return;
        }
        Place place = new Place(state, frame, items);
        if (seen.add(place)) {
          if (seen.size() > 10 * MOST_PLACES) {
            throw tooMany(10 * MOST_PLACES);
          }
          open.push(place);
        }
      }

      /** Whether a state's rule ends within the depth. */
      private boolean comesToEnd(int state, @Nullable Frame frame) {
        int depth = frame == null ? 0 : frame.depth;
        int need = grammar.need[state];
        return need != Grammar.NEVER && depth + need <= Grammar.DEEPEST;
      }

      private void expand(Place place) {
        int state = place.state;
        Frame frame = place.frame;
        UniqueItems items = place.items;
        if (grammar.ends[state]) {
          if (frame == null) {
            accepts = true;
          } else {
            push(frame.back, frame.outer, items);
          }
        }
        boolean takes = false;
        for (int e = grammar.first[state]; e < grammar.first[state + 1]; e++) {
          int kind = grammar.kind[e];
          if (kind == Grammar.BYTES) {
            takes = true;
          } else if (kind == Grammar.NOTHING) {
            push(grammar.target[e], frame, items);
          } else if (kind >= 0) {
            if (comesToEnd(grammar.target[e], frame)) { // what follows the rule does, too
              push(grammar.begin[kind], new Frame(grammar.target[e], frame), items);
            }
          } else {
            tell(kind, state, grammar.target[e], frame, items);
          }
        }
        if (takes && (items == null || !sifting || canEnd(place, items))) {
          places.add(place);
          if (places.size() > MOST_PLACES) {
            throw tooMany(MOST_PLACES);
          }
        }
      }

      private static SlipwayException tooMany(int most) {
        return Refusal.tooLarge("what a schema leaves open at one place", most, "ways on");
      }

      /** Where an array, or an item, begins or ends. */
      private void tell(
          int kind, int from, int to, @Nullable Frame frame, @Nullable UniqueItems items) {
        if (kind == Grammar.ARRAY) {
          push(to, frame, UniqueItems.within(items));
          return;
        }
        UniqueItems own = Objects.requireNonNull(items);
        if (kind == Grammar.ARRAY_END) {
          push(to, frame, own.outer());
          return;
        }
        boolean begins = kind == Grammar.ITEM;
        if (begins && own.count() > grammar.room[from]) {
          return; // all values have come, or those that have to come would not find one
        }
        UniqueItems next = begins ? own.begin(followed) : own.end();
        if (next != null) {
          push(to, frame, next);
        }
      }

      /**
       * Whether some way from here ends each open item as none that came before: there are more
       * ways than earlier items that go on alike, or one is found. Only bytes that the place itself
       * takes are counted: other places of the same state are asked by themselves, so that of more
       * ways than items some place has more as well.
       */
      private boolean canEnd(Place place, UniqueItems items) {
        // White space tells nothing apart.
        Frame behind = grammar.isSpace[place.state] ? place.frame : null;
        boolean spaced = behind != null;
        int at = behind == null ? place.state : behind.back;
        Frame within = behind == null ? place.frame : behind.outer;
        UniqueItems own = items;
        if (!own.isOpen()) {
          if (own.count() > (spaced ? grammar.room[at] : grammar.roomByBytes(at))) {
            return false;
          }
          own = own.outer();
        }
        long ways = spaced ? grammar.ways[at] : grammar.waysByBytes(at);
        for (; within != null && own != null; within = within.outer) {
          if (grammar.endsItem[within.back]) {
            ways -= spaced ? own.rivals() : own.rivals(b -> grammar.takes(at, b));
            if (ways <= 0 && !(own == items && differs(place, items))) {
              return false;
            }
            ways = Math.max(ways, 1);
            own = own.outer();
          }
          ways = Math.min(Grammar.MANY, ways * grammar.ways[within.back]);
        }
        return true;
      }

      /** Looks for a way on which the open item ends as none that came before. */
      private boolean differs(Place begin, UniqueItems items) {
        ArrayDeque<Place> ways = new ArrayDeque<>(List.of(begin));
        for (int step = 0; !items.isUnnamed() && !ways.isEmpty() && step < MOST_STEPS; step++) {
          Place place = ways.pop();
          UniqueItems own = Objects.requireNonNull(place.items);
          for (int e = grammar.first[place.state]; e < grammar.first[place.state + 1]; e++) {
            for (int b = grammar.low[e];
                grammar.kind[e] == Grammar.BYTES && b <= grammar.high[e];
                b++) {
              UniqueItems next = grammar.isSpace[place.state] ? own : own.take(b);
              if (next.rivals() == 0) {
                return true;
              }
              Closure closure = new Closure(false, false);
              closure.add(grammar.target[e], place.frame, next);
              for (Place one : closure.places) {
                UniqueItems after = one.items;
                if (after == null || after.depth() < items.depth()) {
                  return true; // it has ended
                }
                if (after.depth() == items.depth()) {
                  if (!after.isOpen()) {
                    return true;
                  }
                  ways.push(one);
                }
              }
            }
          }
        }
        return false;
      }

      @Nullable Configuration configuration() {
        if (followed) {
          return places.isEmpty() && !accepts
              ? null
              : new Configuration(Space.this, places, accepts, true);
        }
        if (places.isEmpty() && !accepts) {
          return null;
        }
        if (accepts) {
          places.add(new Place(-1, null, null)); // tells apart sets that differ by this alone
        }
        Configuration known = met.get(places);
        if (known == null) {
          if (met.size() >= MOST) {
            // Successors hold on to each other from the start on: they have to go as well.
            met.values().forEach(Configuration::forget);
            met.clear();
          }
          known = new Configuration(Space.this, places, accepts, false);
          met.put(places, known);
        }
        return known;
      }
    }
  }

  private final Space space;
  private final List<Place> places;
  private final boolean accepts;
  private final boolean followed;
  private final @Nullable Configuration[] next;
  private final boolean[] known;

  private Configuration(Space space, Set<Place> places, boolean accepts, boolean followed) {
    this.space = space;
    List<Place> taking = new ArrayList<>(places);
    taking.removeIf(place -> place.state < 0);
    this.places = taking;
    this.accepts = accepts;
    this.followed = followed;
    next = new Configuration[followed ? 0 : 256];
    known = new boolean[followed ? 0 : 256];
  }

  /** The same for an answer itself, of which texts of items are kept; it is not remembered. */
  Configuration followed() {
    return new Configuration(space, Set.copyOf(places), accepts, true);
  }

  /** What tokens are tried on, of one that is {@link #followed}. */
  @Nullable Configuration tried() {
    Space.Closure closure = space.new Closure(false);
    for (Place place : places) {
      UniqueItems items = place.items == null ? null : place.items.untold();
      closure.places.add(new Place(place.state, place.frame, items));
    }
    closure.accepts = accepts;
    return closure.configuration();
  }

  private void forget() {
    Arrays.fill(next, null);
    Arrays.fill(known, false);
  }

  /** In how many ways the bytes so far can be read. */
  int ways() {
    return places.size();
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
    if (followed) {
      return after(value);
    }
    if (!known[value]) {
      next[value] = after(value);
      known[value] = true;
    }
    return next[value];
  }

  private @Nullable Configuration after(int value) {
    Space.Closure closure = space.new Closure(followed);
    Grammar grammar = space.grammar;
    for (Place place : places) {
      for (int e = grammar.first[place.state]; e < grammar.first[place.state + 1]; e++) {
        if (grammar.kind[e] == Grammar.BYTES
            && grammar.low[e] <= value
            && value <= grammar.high[e]) {
          UniqueItems items = place.items;
          closure.add(
              grammar.target[e],
              place.frame,
              items == null || grammar.isSpace[place.state] ? items : items.take(value));
        }
      }
    }
    return closure.configuration();
  }
}
