package dev.slipway.infer.grammar;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.Transition;

/**
 * What may multiply states, done so that each step counts as {@link Effort} when it is made:
 * Lucene's own operations count less than they do, and only tell afterwards.
 */
final class Automatons {
  /** States that are copied or compared in the time of one edge. */
  private static final int COPIED = 8;

  /** Pairs of states at most, which are not all in what comes of them. */
  private static final int MOST_PAIRS = 300_000;

  private Automatons() {}

  /** The same texts by at most one way each (Rabin and Scott 1959): states are sets of states. */
  static Automaton determinize(Automaton automaton) {
    if (automaton.isDeterministic() || automaton.getNumStates() <= 1) {
      return automaton;
    }
    return new Subsets(automaton).determinized();
  }

  private static final class Subsets {
    private final Automaton of;
    private final Automaton made = new Automaton();
    private final Map<IntSet, Integer> known = new HashMap<>();
    private final List<int[]> sets = new ArrayList<>();
    private final Transition transition = new Transition();

    // The states that the character at hand leads to, ascending, and by how many edges.
    private final int[] edgesTo;
    private int[] reached = new int[16];
    private int count;

    private static final class IntSet {
      private final int[] states;
      private final int hash;

      IntSet(int[] states) {
        this.states = states;
        hash = Arrays.hashCode(states);
      }

      @Override
      public int hashCode() {
        return hash;
      }

      @Override
      public boolean equals(Object other) {
        return other instanceof IntSet set && Arrays.equals(states, set.states);
      }
    }

    Subsets(Automaton of) {
      this.of = of;
      edgesTo = new int[of.getNumStates()];
    }

    Automaton determinized() {
      state(new int[] {0});
      for (int s = 0; s < sets.size(); s++) {
        leave(s, sets.get(s));
      }
      made.finishState();
      return made;
    }

    private int state(int[] set) {
      IntSet key = new IntSet(set);
      Integer state = known.get(key);
      if (state == null) {
        Language.check(sets.size() + 1L, "an expression");
        state = made.createState();
        made.setAccept(state, Arrays.stream(set).anyMatch(of::isAccept));
        known.put(key, state);
        sets.add(set);
      }
      return state;
    }

    /** Sweeps over the characters at which edges of a set begin and end. */
    private void leave(int from, int[] set) {
      int edges = 0;
      for (int s : set) {
        edges += of.getNumTransitions(s);
      }
      Effort.spend(2L * edges + set.length);
      long[] events = new long[2 * edges]; // a character, whether an edge begins, and its target
      int n = 0;
      for (int s : set) {
        int transitions = of.initTransition(s, transition);
        for (int t = 0; t < transitions; t++) {
          of.getNextTransition(transition);
          events[n++] = ((long) transition.min << 32) | (1L << 31) | transition.dest;
          events[n++] = ((transition.max + 1L) << 32) | transition.dest;
        }
      }
      Arrays.sort(events);
      int begin = 0;
      for (int e = 0; e < n; e++) {
        int character = (int) (events[e] >> 32);
        if (count > 0 && character > begin) {
          Effort.spend(1 + count / COPIED);
          made.addTransition(from, state(Arrays.copyOf(reached, count)), begin, character - 1);
        }
        begin = character;
        int to = (int) (events[e] & Integer.MAX_VALUE);
        if (((events[e] >> 31) & 1) != 0) {
          if (edgesTo[to]++ == 0) {
            add(to);
          }
        } else if (--edgesTo[to] == 0) {
          remove(to);
        }
      }
    }

    private void add(int state) {
      if (count == reached.length) {
        reached = Arrays.copyOf(reached, 2 * count);
      }
      int at = -Arrays.binarySearch(reached, 0, count, state) - 1;
      System.arraycopy(reached, at, reached, at + 1, count++ - at);
      reached[at] = state;
    }

    private void remove(int state) {
      int at = Arrays.binarySearch(reached, 0, count, state);
      System.arraycopy(reached, at + 1, reached, at, --count - at);
    }
  }

  /** The texts that both take: states are pairs of states. */
  static Automaton intersection(Automaton a, Automaton b) {
    if (a.getNumStates() == 0 || b.getNumStates() == 0) {
      return new Automaton();
    }
    Effort.spend(a.getNumTransitions() / COPIED + b.getNumTransitions() / COPIED);
    Transition[][] ofA = a.getSortedTransitions();
    Transition[][] ofB = b.getSortedTransitions();
    Automaton made = new Automaton();
    Map<Long, Integer> known = new HashMap<>();
    ArrayDeque<long[]> open = new ArrayDeque<>();
    pair(0, 0, a, b, made, known, open);
    while (!open.isEmpty()) {
      long[] next = open.removeFirst(); // a state of each, and their pair's
      Transition[] some = ofA[(int) next[0]];
      Transition[] others = ofB[(int) next[1]];
      Effort.spend(1L + (some.length + others.length) / COPIED);
      int first = 0;
      for (Transition one : some) {
        while (first < others.length && others[first].max < one.min) {
          first++;
        }
        for (int i = first; i < others.length && others[i].min <= one.max; i++) {
          Effort.spend(1);
          if (others[i].max >= one.min) {
            made.addTransition(
                (int) next[2],
                pair(one.dest, others[i].dest, a, b, made, known, open),
                Math.max(one.min, others[i].min),
                Math.min(one.max, others[i].max));
          }
        }
      }
    }
    made.finishState();
    return Operations.removeDeadStates(made);
  }

  private static int pair(
      int ofA,
      int ofB,
      Automaton a,
      Automaton b,
      Automaton made,
      Map<Long, Integer> known,
      ArrayDeque<long[]> open) {
    long key = ((long) ofA << 32) | ofB;
    Integer state = known.get(key);
    if (state == null) {
      if (known.size() == MOST_PAIRS) {
        throw Refusal.tooLarge("what has to hold together", MOST_PAIRS, "states");
      }
      state = made.createState();
      made.setAccept(state, a.isAccept(ofA) && b.isAccept(ofB));
      known.put(key, state);
      open.add(new long[] {ofA, ofB, state});
    }
    return state;
  }

  /** How many edges a state has at most that lead out of where texts begin. */
  static int firstEdges(Automaton automaton) {
    return automaton.getNumStates() == 0 ? 0 : automaton.getNumTransitions(0);
  }

  /** How many states texts end at. */
  static long ends(Automaton automaton) {
    return automaton.getNumStates() == 0 ? 0 : automaton.getAcceptStates().cardinality();
  }
}
