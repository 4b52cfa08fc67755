package dev.slipway.infer.grammar;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.Transition;
import org.apache.lucene.util.automaton.UTF32ToUTF8;
import org.jspecify.annotations.Nullable;

/**
 * A regular language over Unicode scalar values, as Lucene's automata. What an operation makes
 * counts as {@link Effort}; where that may be much more than the operands, before it is made.
 */
final class Language {
  /** States of one language at most, and of what is multiplied on the way. */
  static final int MOST_STATES = 60_000;

  /** Lucene's bound for what is known to be small. */
  private static final int WORK = 200_000;

  private static final int LAST = Character.MAX_CODE_POINT;

  /** Every scalar value: surrogates are none. */
  static final Language ANY_CHARACTER =
      new Language(
              Operations.union(
                  List.of(Automata.makeCharRange(0, 0xD7FF), Automata.makeCharRange(0xE000, LAST))))
          .deterministic();

  static final Language EMPTY_TEXT = new Language(Automata.makeEmptyString()).deterministic();
  static final Language NOTHING = new Language(Automata.makeEmpty()).deterministic();
  static final Language ANY_TEXT = ANY_CHARACTER.repeat(0, -1).deterministic();

  /** Well-formed UTF-8 (Unicode 16, table 3-7). */
  private static final Automaton UTF_8 =
      Operations.determinize(
          Operations.repeat(
              Operations.union(
                  List.of(
                      Automata.makeCharRange(0, 0x7F),
                      sequence(0xC2, 0xDF, 0x80, 0xBF, 0),
                      sequence(0xE0, 0xE0, 0xA0, 0xBF, 1),
                      sequence(0xE1, 0xEC, 0x80, 0xBF, 1),
                      sequence(0xED, 0xED, 0x80, 0x9F, 1),
                      sequence(0xEE, 0xEF, 0x80, 0xBF, 1),
                      sequence(0xF0, 0xF0, 0x90, 0xBF, 2),
                      sequence(0xF1, 0xF3, 0x80, 0xBF, 2),
                      sequence(0xF4, 0xF4, 0x80, 0x8F, 2)))),
          WORK);

  private final Automaton automaton;

  /** Made when first asked for; of a constant at once, so that no schema is the one that pays. */
  private @Nullable Language deterministic;

  Language(Automaton automaton) {
    this.automaton = automaton;
    Effort.spend((long) automaton.getNumStates() + automaton.getNumTransitions());
  }

  /** A first byte, a second one, and so many more that continue. */
  private static Automaton sequence(int first, int last, int from, int to, int more) {
    Automaton two =
        Operations.concatenate(
            List.of(Automata.makeCharRange(first, last), Automata.makeCharRange(from, to)));
    return more == 0
        ? two
        : Operations.concatenate(
            List.of(two, Operations.repeat(Automata.makeCharRange(0x80, 0xBF), more, more)));
  }

  static Language text(String text) {
    return new Language(Automata.makeString(text));
  }

  static Language range(int first, int last) {
    return new Language(Automata.makeCharRange(first, last)).and(ANY_CHARACTER);
  }

  static Language union(Collection<Language> languages) {
    List<Automaton> parts = new ArrayList<>();
    long states = 0;
    for (Language language : languages) {
      parts.add(language.automaton);
      states += language.automaton.getNumStates();
    }
    check(states, "an alternative");
    return new Language(Operations.union(parts));
  }

  static Language concat(List<Language> languages) {
    List<Automaton> parts = new ArrayList<>();
    long states = 0;
    for (Language language : languages) {
      parts.add(language.automaton);
      states += language.automaton.getNumStates();
    }
    check(states, "a sequence");
    long edges = 0;
    long behind = 0; // edges by which the rest begins: each end of a part gets them
    for (Automaton part : parts.reversed()) {
      edges += Automatons.ends(part) * behind;
      boolean skipped = part.getNumStates() > 0 && part.isAccept(0);
      behind = Automatons.firstEdges(part) + (skipped ? behind : 0);
    }
    Effort.spend(edges);
    return new Language(Operations.concatenate(parts));
  }

  Language then(Language next) {
    return concat(List.of(this, next));
  }

  Language or(Language other) {
    return union(List.of(this, other));
  }

  /**
   * @param most -1 for any number
   */
  Language repeat(int least, int most) {
    check((long) automaton.getNumStates() * Math.max(Math.max(least, most), 1), "a repetition");
    Effort.spend(
        Automatons.ends(automaton)
            * Automatons.firstEdges(automaton)
            * Math.max(Math.max(least, most), 1));
    if (most < 0) {
      return new Language(
          least == 0 ? Operations.repeat(automaton) : Operations.repeat(automaton, least));
    }
    return new Language(Operations.repeat(automaton, least, most));
  }

  Language and(Language other) {
    return new Language(Automatons.intersection(automaton, other.automaton));
  }

  Language minus(Language other) {
    Automaton out = other.deterministic().automaton;
    return new Language(
        Automatons.intersection(automaton, Operations.complement(out, Integer.MAX_VALUE)));
  }

  boolean isEmpty() {
    return Operations.isEmpty(automaton);
  }

  boolean contains(String text) {
    Effort.spend(1 + text.length() / 8);
    return Operations.run(deterministic().automaton, text);
  }

  Language deterministic() {
    Language known = deterministic;
    if (known == null) {
      known = new Language(Operations.removeDeadStates(Automatons.determinize(automaton)));
      known.deterministic = known;
      deterministic = known;
    }
    return known;
  }

  /** The same texts as UTF-8: a deterministic automaton over bytes without dead states. */
  Automaton bytes() {
    Automaton characters = deterministic().automaton;
    Effort.spend(4L * characters.getNumTransitions());
    Automaton bytes = new UTF32ToUTF8().convert(characters);
    // Lucene's takes longer spellings of a character too, which its own texts never have.
    return new Language(Automatons.intersection(bytes, UTF_8)).deterministic().automaton;
  }

  /**
   * The JSON strings, quotes included, of these values, each spelt in one way: {@code "}, {@code \}
   * and control characters escaped, all else as it is.
   */
  Language quoted() {
    Language quote = text("\"");
    return concat(List.of(quote, spelt(), quote));
  }

  /** {@link #quoted} without the quotes. */
  Language spelt() {
    Automaton values = deterministic().automaton;
    Automaton.Builder spelt = new Automaton.Builder();
    for (int state = 0; state < values.getNumStates(); state++) {
      spelt.createState();
    }
    Transition transition = new Transition();
    for (int state = 0; state < values.getNumStates(); state++) {
      spelt.setAccept(state, values.isAccept(state));
      int count = values.initTransition(state, transition);
      for (int i = 0; i < count; i++) {
        values.getNextTransition(transition);
        spell(spelt, state, transition);
      }
    }
    return new Language(spelt.finish());
  }

  private static void spell(Automaton.Builder spelt, int state, Transition transition) {
    Map<String, Integer> begun = new HashMap<>(); // escapes that begin alike share their states
    int plain = transition.min;
    for (int c = transition.min; c <= Math.min(transition.max, '\\'); c++) {
      if (c >= 0x20 && c != '"' && c != '\\') {
        continue;
      }
      if (plain < c) {
        spelt.addTransition(state, transition.dest, plain, c - 1);
      }
      plain = c + 1;
      String escape = escape(c);
      int from = state;
      for (int i = 0; i < escape.length(); i++) {
        boolean last = i == escape.length() - 1;
        Integer known =
            last ? Integer.valueOf(transition.dest) : begun.get(escape.substring(0, i + 1));
        int to = known == null ? spelt.createState() : known;
        if (last || known == null) {
          spelt.addTransition(from, to, escape.charAt(i), escape.charAt(i));
        }
        begun.put(escape.substring(0, i + 1), to);
        from = to;
      }
    }
    if (plain <= transition.max) {
      spelt.addTransition(state, transition.dest, plain, transition.max);
    }
  }

  /** What stands for a character that a JSON string can't hold itself. */
  static String escape(int c) {
    return switch (c) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\r' -> "\\r";
      case '\t' -> "\\t";
      case '\b' -> "\\b";
      case '\f' -> "\\f";
      default -> String.format(java.util.Locale.ROOT, "\\u%04x", c);
    };
  }

  static void check(long states, String what) {
    if (states > MOST_STATES) {
      throw Refusal.tooLarge(what, MOST_STATES, "states");
    }
  }
}
