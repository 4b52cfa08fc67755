package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Answers that a constraint lets through, chosen at random in place of by a model. */
final class Answers {
  /** A byte-level BPE that has merged pieces of JSON, so that tokens cross what rules part. */
  static final Tokenizer TOKENIZER =
      BpeTrainer.train(
          Stream.generate(
                  () ->
                      "{\"name\": \"Ada\", \"age\": 36, \"tags\": [\"a\", \"b\"], \"ok\": true,\n  \"none\": null}"
                          + "{\"p0\":{\"p1\":[[1,2.5],[3,4]],\"p2\":\"x\"},\"p3\":\"2024-01-02\"} false")
              .limit(3)
              .iterator(),
          BpeConfig.ofSize(420));

  private static final int PATIENCE = 150;

  private Answers() {}

  /** An answer that went on for too long, as in a text that has yet to match a pattern. */
  static final class Endless extends AssertionError {
    private static final long serialVersionUID = 1;

    private final String begun;

    Endless(String begun) {
      super("comes to no end: " + begun);
      this.begun = begun;
    }

    /** The answer with the shortest end that it may have, whose items need not differ. */
    String ended(Grammar grammar) {
      Configuration at = Objects.requireNonNull(new Configuration.Space(grammar).start());
      for (byte b : begun.getBytes(StandardCharsets.UTF_8)) {
        at = Objects.requireNonNull(at.next(b & 0xFF));
      }
      Map<Configuration, String> ends = new LinkedHashMap<>(Map.of(at, ""));
      Deque<Configuration> open = new ArrayDeque<>(List.of(at));
      while (!open.isEmpty()) {
        at = open.remove();
        for (char c = ' '; c < 127; c++) {
          Configuration next = at.next(c);
          if (next != null && ends.putIfAbsent(next, ends.get(at) + c) == null) {
            if (next.accepts()) {
              return begun + ends.get(next);
            }
            open.add(next);
          }
        }
      }
      throw this;
    }
  }

  /** An answer by uniformly drawn tokens, which is brought to an end when it gets long. */
  static String random(Constraint constraint, SplittableRandom random) {
    Constraint.Cursor cursor = constraint.begin();
    int[] taken = new int[3_000];
    int length = 0;
    while (!cursor.isComplete()) {
      List<Integer> allowed = cursor.allowed();
      if (allowed.isEmpty()
          || (cursor.accepts() && random.nextInt(length < PATIENCE ? 8 : 2) == 0)) {
        break;
      }
      int id = allowed.get(random.nextInt(allowed.size()));
      if (length > PATIENCE) {
        id = ending(allowed, id);
      }
      cursor.accept(id);
      if (length == taken.length) {
        throw new Endless(TOKENIZER.decode(taken, false));
      }
      taken[length++] = id;
    }
    if (!cursor.accepts()) {
      throw new AssertionError(
          "no token may follow " + TOKENIZER.decode(Arrays.copyOf(taken, length), false));
    }
    return TOKENIZER.decode(Arrays.copyOf(taken, length), false);
  }

  /** The same of a schema, with the shortest end where an answer went on for too long. */
  static String random(JsonNode schema, Constraint constraint, SplittableRandom random) {
    try {
      return random(constraint, random);
    } catch (Endless e) {
      return e.ended(SchemaGrammar.of(schema));
    }
  }

  /** Of the allowed tokens one that closes something, else the one that was drawn. */
  private static int ending(List<Integer> allowed, int drawn) {
    for (String closing : List.of("\"", "}", "]", "n", ",")) {
      int id = TOKENIZER.id(closing);
      if (allowed.contains(id)) {
        return id;
      }
    }
    return drawn;
  }

  /** Whether a text passes as an answer. */
  static boolean accepts(Constraint constraint, String text) {
    Constraint.Cursor cursor = constraint.begin();
    for (int id : TOKENIZER.encodeOrdinary(text)) {
      if (!cursor.allowed().contains(id)) {
        return false;
      }
      cursor.accept(id);
    }
    return cursor.accepts();
  }

  static Constraint schema(String json) {
    return new Constraints(TOKENIZER).schema(Json.parse(json, "the schema"));
  }
}
