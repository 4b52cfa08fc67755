package dev.slipway.infer.grammar;

import dev.slipway.base.SlipwayException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Transition;

/**
 * A recursive transition network over bytes (Woods 1970): rules are automata whose edges take a
 * byte, nothing, or what another rule takes. It is made by a {@link Builder}; {@link
 * Configuration}s walk along it. Some edges tell where arrays and their items begin and end whose
 * items have to differ ({@link UniqueItems}).
 */
final class Grammar {
  /** States of all rules at most. */
  static final int MOST_STATES = 400_000;

  /** How deep rules may stand within each other in an answer. */
  static final int DEEPEST = 64;

  /** Value of {@link #need} where no answer comes to an end. */
  static final int NEVER = Integer.MAX_VALUE;

  // Edges of state s lie from first[s] to first[s + 1]; kind: a rule, BYTES or NOTHING.
  static final int BYTES = -1;
  static final int NOTHING = -2;
  static final int ARRAY = -3;
  static final int ARRAY_END = -4;
  static final int ITEM = -5;
  static final int ITEM_END = -6;

  /** As far as texts, and items that differ, are counted. */
  static final int MANY = 4_096;

  private static final int PASSES = 256;

  final int[] first;
  final int[] kind;
  final short[] low;
  final short[] high;
  final int[] target;
  final boolean[] ends;
  final int[] begin;

  /** How many rules have to be entered, one within the other, before a state's rule ends. */
  final int[] need;

  final int root;

  /** Whether there are arrays whose items have to differ. What follows is for these alone. */
  final boolean hasUniqueItems;

  /** States whose bytes are white space, which makes no difference. */
  final boolean[] isSpace;

  /** States behind an item of such an array. */
  final boolean[] endsItem;

  /** In how many texts a state's rule may go on, or fewer; at most {@link #MANY}. */
  final int[] ways;

  /** How many items may have come at a state of such an array, so that it comes to an end. */
  final int[] room;

  private Grammar(Builder builder, int root) {
    int states = builder.edges.size();
    first = new int[states + 1];
    int count = 0;
    for (int s = 0; s < states; s++) {
      first[s] = count;
      count += builder.edges.get(s).size();
    }
    first[states] = count;
    kind = new int[count];
    low = new short[count];
    high = new short[count];
    target = new int[count];
    ends = new boolean[states];
    for (int s = 0; s < states; s++) {
      int at = first[s];
      for (Edge edge : builder.edges.get(s)) {
        kind[at] = edge.kind;
        low[at] = (short) edge.low;
        high[at] = (short) edge.high;
        target[at++] = edge.target;
      }
    }
    begin = new int[builder.rules.size()];
    for (int r = 0; r < begin.length; r++) {
      begin[r] = builder.rules.get(r)[0];
      ends[builder.rules.get(r)[1]] = true;
    }
    this.root = root;
    isSpace = new boolean[states];
    endsItem = new boolean[states];
    ways = new int[states];
    room = new int[states];
    boolean unique = false;
    for (int s = 0; s < states; s++) {
      for (int e = first[s]; e < first[s + 1]; e++) {
        unique |= kind[e] == ARRAY;
        endsItem[s] |= kind[e] == ITEM_END;
      }
    }
    hasUniqueItems = unique;
    if (unique) {
      markSpace(begin[builder.space]);
      count();
    }
    need = needs();
  }

  private void markSpace(int state) {
    if (!isSpace[state]) {
      isSpace[state] = true;
      for (int e = first[state]; e < first[state + 1]; e++) {
        markSpace(target[e]);
      }
    }
  }

  /**
   * {@link #ways} and {@link #room}, each by the other: the least fixed point, approached from
   * below in passes; where these do not reach it, fewer items come than might.
   */
  private void count() {
    boolean[] begins = new boolean[ends.length];
    for (int state : begin) {
      begins[state] = true;
    }
    Arrays.fill(room, -1);
    boolean changed = true;
    for (int pass = 0; pass < PASSES && changed; pass++) {
      Effort.spend(ends.length / 16);
      changed = false;
      for (int s = ends.length - 1; s >= 0; s--) {
        int most = Math.max(room[s], roomAt(s));
        int texts = Math.max(ways[s], begins[s] ? waysOfAlternatives(s) : waysFrom(s));
        changed |= most > room[s] || texts > ways[s];
        room[s] = most;
        ways[s] = texts;
      }
    }
  }

  private int waysFrom(int s) {
    if (isSpace[s]) {
      return 1;
    }
    long others = 0;
    for (int e = first[s]; e < first[s + 1]; e++) {
      if (kind[e] != BYTES) {
        others = Math.max(others, waysBy(e));
      }
    }
    return (int) Math.min(MANY, (ends[s] ? 1 : 0) + waysByBytes(s) + others);
  }

  /** {@link #ways} of those texts whose next byte an edge of the state itself takes. */
  int waysByBytes(int s) {
    long ways = 0;
    for (int e = first[s]; e < first[s + 1]; e++) {
      if (kind[e] == BYTES) {
        ways = overlaps(s, e) ? Math.max(ways, waysBy(e)) : ways + waysBy(e);
      }
    }
    return (int) Math.min(MANY, ways);
  }

  /** {@link #room} where an edge of the state itself takes the next byte. */
  int roomByBytes(int s) {
    int most = -1;
    for (int e = first[s]; e < first[s + 1]; e++) {
      if (kind[e] == BYTES) {
        most = Math.max(most, room[target[e]]);
      }
    }
    return most;
  }

  /** Whether an edge of the state itself takes a byte. */
  boolean takes(int s, int value) {
    for (int e = first[s]; e < first[s + 1]; e++) {
      if (kind[e] == BYTES && low[e] <= value && value <= high[e]) {
        return true;
      }
    }
    return false;
  }

  private long waysBy(int e) {
    long behind = ways[target[e]];
    return switch (kind[e]) {
      case BYTES -> behind * (high[e] - low[e] + 1);
      case NOTHING, ARRAY_END -> behind;
      case ARRAY -> room[target[e]] < 0 ? 0 : behind;
      case ITEM, ITEM_END -> Math.min(behind, 1);
      default -> ways[begin[kind[e]]] * behind;
    };
  }

  /**
   * Alternatives at a rule's begin may overlap where they are of the same kind: of those, only the
   * largest one is counted.
   */
  private int waysOfAlternatives(int s) {
    if (isSpace[s]) {
      return 1;
    }
    List<long[]> apart = new ArrayList<>(); // kinds by which texts begin, and how many
    for (int e = first[s]; e < first[s + 1]; e++) {
      long kinds = kindsBy(e, 0);
      long among = 0;
      for (long[] one : List.copyOf(apart)) {
        if ((one[0] & kinds) != 0) {
          kinds |= one[0];
          among += one[1];
          apart.remove(one);
        }
      }
      apart.add(new long[] {kinds, Math.max(among, waysBy(e))});
    }
    return (int) Math.min(MANY, apart.stream().mapToLong(one -> one[1]).sum());
  }

  /** By which of JSON's kinds texts may begin that take an edge, a bit each. */
  private long kindsBy(int edge, int depth) {
    long all = -1;
    if (kind[edge] == BYTES) {
      long kinds = 0;
      for (int b = low[edge]; b <= high[edge]; b++) {
        int at = "{[\"tfn".indexOf(b);
        kinds |= 1L << (at < 0 ? 6 : at);
      }
      return kinds;
    }
    if (kind[edge] >= 0 || depth > 3) {
      return all;
    }
    long kinds = ends[target[edge]] ? all : 0;
    for (int e = first[target[edge]]; e < first[target[edge] + 1]; e++) {
      kinds |= kindsBy(e, depth + 1);
    }
    return kinds;
  }

  private boolean overlaps(int s, int edge) {
    for (int e = first[s]; e < edge; e++) {
      if (kind[e] == BYTES && low[e] <= high[edge] && low[edge] <= high[e]) {
        return true;
      }
    }
    return false;
  }

  private int roomAt(int s) {
    int most = -1;
    for (int e = first[s]; e < first[s + 1]; e++) {
      int here =
          switch (kind[e]) {
            case ARRAY, ITEM_END -> -1;
            case ARRAY_END -> MANY;
            case ITEM -> {
              int call = first[target[e]]; // of the item's rule, and behind it the item's end
              int behind = target[first[target[call]]];
              yield Math.min(ways[begin[kind[call]]], room[behind]) - 1;
            }
            default -> room[target[e]];
          };
      most = Math.max(most, here);
    }
    return most;
  }

  /** The least fixed point, by passes until nothing changes. */
  private int[] needs() {
    int[] result = new int[ends.length];
    Arrays.fill(result, NEVER);
    boolean changed = true;
    while (changed) {
      Effort.spend(ends.length / 16);
      changed = false;
      for (int s = ends.length - 1; s >= 0; s--) {
        int least = ends[s] ? 0 : result[s];
        for (int e = first[s]; e < first[s + 1]; e++) {
          int rest = result[target[e]];
          if (rest == NEVER || (kind[e] == ARRAY && room[target[e]] < 0)) {
            continue;
          }
          if (kind[e] >= 0) {
            int inner = result[begin[kind[e]]];
            if (inner == NEVER) {
              continue;
            }
            rest = Math.max(rest, inner + 1);
          }
          least = Math.min(least, rest);
        }
        if (least < result[s]) {
          result[s] = least;
          changed = true;
        }
      }
    }
    return result;
  }

  /** Whether any answer comes to an end. */
  private boolean isEmpty() {
    return need[begin[root]] == NEVER;
  }

  private boolean isTooDeep() {
    return need[begin[root]] > DEEPEST && !isEmpty();
  }

  /** States from which their rule can end without a byte. */
  private boolean[] skippable() {
    boolean[] result = ends.clone();
    boolean changed = true;
    while (changed) {
      Effort.spend(ends.length / 16);
      changed = false;
      for (int s = ends.length - 1; s >= 0; s--) {
        for (int e = first[s]; e < first[s + 1] && !result[s]; e++) {
          result[s] =
              kind[e] != BYTES && result[target[e]] && (kind[e] < 0 || result[begin[kind[e]]]);
          changed |= result[s];
        }
      }
    }
    return result;
  }

  /** Whether a rule can enter itself before it has taken a byte, which no walk would get out of. */
  private boolean isLeftRecursive() {
    boolean[] skippable = skippable();
    int[] seen = new int[ends.length]; // 0 new, 1 on the way, 2 done
    for (int rule = 0; rule < begin.length; rule++) {
      if (circles(begin[rule], seen, skippable)) {
        return true;
      }
    }
    return false;
  }

  /** Depth first, on a stack of its own, over edges that take no byte. */
  private boolean circles(int start, int[] seen, boolean[] skippable) {
    if (seen[start] != 0) {
      return false;
    }
    int[] states = new int[64];
    int[] edges = new int[64];
    int depth = 0;
    states[0] = start;
    edges[0] = 2 * first[start];
    seen[start] = 1;
    while (depth >= 0) {
      int s = states[depth];
      if (edges[depth] == 2 * first[s + 1]) {
        seen[s] = 2;
        depth--;
        continue;
      }
      // Each edge has two turns: into what it calls, and past it where that may take nothing.
      int turn = edges[depth]++;
      int e = turn / 2;
      boolean past = turn % 2 == 1;
      if (kind[e] == BYTES || (past && kind[e] >= 0 && !skippable[begin[kind[e]]])) {
        continue;
      }
      int next = kind[e] >= 0 && !past ? begin[kind[e]] : target[e];
      if (seen[next] == 1) {
        return true;
      }
      if (seen[next] == 0) {
        if (++depth == states.length) {
          states = Arrays.copyOf(states, 2 * depth);
          edges = Arrays.copyOf(edges, 2 * depth);
        }
        seen[next] = 1;
        states[depth] = next;
        edges[depth] = 2 * first[next];
      }
    }
    return false;
  }

  private record Edge(int kind, int low, int high, int target) {}

  /** Puts rules together. */
  static final class Builder {
    private final List<List<Edge>> edges = new ArrayList<>();
    private final List<int[]> rules = new ArrayList<>();
    private int space = -1;

    int state() {
      if (edges.size() >= MOST_STATES) {
        throw Refusal.tooLarge("the schema", MOST_STATES, "states");
      }
      Effort.spend(1);
      edges.add(new ArrayList<>(2));
      return edges.size() - 1;
    }

    /** A rule whose begin and end are not joined yet. */
    int rule() {
      rules.add(new int[] {state(), state()});
      return rules.size() - 1;
    }

    /** A rule of white space, which makes no difference between items; there is only one. */
    int space() {
      space = rule();
      return space;
    }

    /** An array begins whose items have to differ. */
    int array(int from) {
      int to = state();
      edges.get(from).add(new Edge(ARRAY, 0, 0, to));
      return to;
    }

    void arrayEnd(int from, int to) {
      edges.get(from).add(new Edge(ARRAY_END, 0, 0, to));
    }

    /** An item of such an array. */
    void item(int from, int rule, int to) {
      int begins = state();
      int begun = state();
      int ended = state();
      nothing(from, begins);
      edges.get(begins).add(new Edge(ITEM, 0, 0, begun));
      call(begun, rule, ended);
      edges.get(ended).add(new Edge(ITEM_END, 0, 0, to));
    }

    int begin(int rule) {
      return rules.get(rule)[0];
    }

    int end(int rule) {
      return rules.get(rule)[1];
    }

    void nothing(int from, int to) {
      edges.get(from).add(new Edge(NOTHING, 0, 0, to));
    }

    void call(int from, int rule, int to) {
      edges.get(from).add(new Edge(rule, 0, 0, to));
    }

    /** Takes a text; the state behind it. */
    int text(int from, String text) {
      int at = from;
      for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
        int next = state();
        edges.get(at).add(new Edge(BYTES, b & 0xFF, b & 0xFF, next));
        at = next;
      }
      return at;
    }

    /** Takes a text of a language. */
    void language(int from, Language language, int to) {
      Automaton automaton = language.bytes();
      if (automaton.getNumStates() == 0) {
        return; // takes nothing at all: there is no way
      }
      int[] states = new int[automaton.getNumStates()];
      for (int s = 0; s < states.length; s++) {
        states[s] = state();
      }
      nothing(from, states[0]);
      Transition transition = new Transition();
      for (int s = 0; s < states.length; s++) {
        int count = automaton.initTransition(s, transition);
        for (int i = 0; i < count; i++) {
          automaton.getNextTransition(transition);
          edges
              .get(states[s])
              .add(new Edge(BYTES, transition.min, transition.max, states[transition.dest]));
        }
        if (automaton.isAccept(s)) {
          nothing(states[s], to);
        }
      }
    }

    Grammar build(int root) {
      return build(root, () -> Refusal.empty("no answer satisfies the schema"));
    }

    /**
     * @param emptiness what to say where there is no answer
     */
    Grammar build(int root, Supplier<SlipwayException> emptiness) {
      Grammar grammar = new Grammar(this, root);
      if (grammar.isLeftRecursive()) {
        throw Refusal.unsupported(
            "the schema refers to itself without anything in between",
            "let it refer to itself through a property or an item");
      }
      if (grammar.isTooDeep()) {
        throw Refusal.unsupported(
            "every answer that satisfies the schema nests deeper than " + DEEPEST + " levels",
            "ask for less in one another");
      }
      if (grammar.isEmpty()) {
        throw emptiness.get();
      }
      return grammar;
    }
  }
}
