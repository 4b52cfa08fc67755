package dev.slipway.infer.grammar;

import dev.slipway.base.Json;
import dev.slipway.tokenizer.BpeConfig;
import dev.slipway.tokenizer.BpeTrainer;
import dev.slipway.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

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
        throw new AssertionError("comes to no end: " + TOKENIZER.decode(taken, false));
      }
      taken[length++] = id;
    }
    if (!cursor.accepts()) {
      throw new AssertionError(
          "no token may follow " + TOKENIZER.decode(Arrays.copyOf(taken, length), false));
    }
    return TOKENIZER.decode(Arrays.copyOf(taken, length), false);
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
