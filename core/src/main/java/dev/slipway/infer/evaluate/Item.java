package dev.slipway.infer.evaluate;

import java.util.List;

/**
 * One item of a task, ready to be asked.
 *
 * @param contexts what the model sees, one for all choices or one for each; empty texts for a text
 * @param choices among which it chooses, else empty
 * @param continuation what follows each context where these end with the choices, else empty
 * @param right the numbers of the right choices, or none where there are none
 * @param answers each of which is right, or the text that is measured
 */
record Item(
    List<String> contexts,
    List<String> choices,
    String continuation,
    List<Integer> right,
    List<String> answers) {
  Item {
    contexts = List.copyOf(contexts);
    choices = List.copyOf(choices);
    right = List.copyOf(right);
    answers = List.copyOf(answers);
  }

  /** What the model sees where that is the same for all choices. */
  String context() {
    return contexts.getFirst();
  }
}
