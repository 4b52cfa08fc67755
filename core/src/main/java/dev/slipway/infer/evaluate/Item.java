package dev.slipway.infer.evaluate;

import java.util.List;

/**
 * One item of a task, ready to be asked.
 *
 * @param context what the model sees; empty for a text
 * @param choices among which it chooses, else empty
 * @param right the number of the right choice, or −1 where it is none of them
 * @param answers each of which is right, or the text that is measured
 */
record Item(String context, List<String> choices, int right, List<String> answers) {
  Item {
    choices = List.copyOf(choices);
    answers = List.copyOf(answers);
  }
}
