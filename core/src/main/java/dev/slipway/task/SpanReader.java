package dev.slipway.task;

import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.feature.TokensFeature;
import dev.slipway.tokenizer.SequenceTokenizer;
import dev.slipway.tokenizer.TokenSequence;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Answers between the characters of a text and the tokens of windows over it, as Hugging Face's
 * example of question answering goes from the one to the other. Places of characters are counted in
 * code points.
 */
final class SpanReader {
  private final TokensFeature tokens;
  private final SequenceTokenizer tokenizer;

  SpanReader(TokensFeature tokens) {
    this.tokens = tokens;
    tokenizer = tokens.open();
  }

  TokensFeature tokens() {
    return tokens;
  }

  List<List<TokenSequence>> windows(ExampleSet examples) {
    return tokens.windows(examples, tokenizer);
  }

  List<List<TokenSequence>> windows(List<String> questions, List<String> contexts) {
    return tokenizer.windows(questions, contexts);
  }

  /**
   * First and last token of an answer in a window; both 0, the first special token, where it does
   * not stand there as a whole.
   *
   * @param start of its first character; below 0 for no answer
   * @param end behind its last one
   */
  static int[] place(TokenSequence window, int start, int end) {
    int first = 0;
    while (first < window.length() && window.texts()[first] != 1) {
      first++;
    }
    int last = window.length() - 1;
    while (last >= 0 && window.texts()[last] != 1) {
      last--;
    }
    if (start < 0 || first > last || window.starts()[first] > start || window.ends()[last] < end) {
      return new int[] {0, 0};
    }
    int from = first;
    while (from <= last && window.starts()[from] <= start) {
      from++;
    }
    int to = last;
    while (to >= first && window.ends()[to] >= end) {
      to--;
    }
    return new int[] {from - 1, to + 1};
  }

  /** How answers are looked for. */
  record Search(int longest, int candidates, boolean unanswerable, double threshold) {}

  private record Candidate(double score, int start, int end) {}

  /**
   * The likeliest answers.
   *
   * @param logits of each window {@code {of first tokens, of last tokens}}
   */
  static Answer.Spanned best(
      String context, List<TokenSequence> windows, List<float[][]> logits, Search search) {
    List<Candidate> found = new ArrayList<>();
    double none = Double.POSITIVE_INFINITY;
    for (int w = 0; w < windows.size(); w++) {
      TokenSequence window = windows.get(w);
      float[] starts = logits.get(w)[0];
      float[] ends = logits.get(w)[1];
      none = Math.min(none, (double) starts[0] + ends[0]);
      int[] lasts = largest(ends, window.length(), search.candidates);
      for (int first : largest(starts, window.length(), search.candidates)) {
        for (int last : lasts) {
          if (window.texts()[first] == 1
              && window.texts()[last] == 1
              && last >= first
              && last - first < search.longest) {
            found.add(
                new Candidate(
                    (double) starts[first] + ends[last],
                    window.starts()[first],
                    window.ends()[last]));
          }
        }
      }
    }
    found.sort((a, b) -> Double.compare(b.score, a.score));
    List<Candidate> best =
        new ArrayList<>(found.subList(0, Math.min(found.size(), search.candidates)));
    if (search.unanswerable || best.isEmpty()) {
      Candidate no = new Candidate(none, 0, 0);
      boolean isNone = best.isEmpty() || none - best.getFirst().score > search.threshold;
      best.add(isNone ? 0 : best.size(), no);
    }
    return new Answer.Spanned(spans(context, best));
  }

  private static List<Answer.Span> spans(String context, List<Candidate> best) {
    double highest =
        best.stream().mapToDouble(Candidate::score).max().orElse(Double.NEGATIVE_INFINITY);
    double sum = best.stream().mapToDouble(one -> Math.exp(one.score - highest)).sum();
    int[] offsets = offsets(context);
    return best.stream()
        .map(
            one ->
                new Answer.Span(
                    context.substring(offsets[one.start], offsets[one.end]),
                    offsets[one.start],
                    offsets[one.end],
                    Math.exp(one.score - highest) / sum))
        .toList();
  }

  /** Index of each code point's first char, and the length. */
  private static int[] offsets(String text) {
    int[] offsets = new int[text.codePointCount(0, text.length()) + 1];
    int at = 0;
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = at;
      at += at < text.length() ? Character.charCount(text.codePointAt(at)) : 0;
    }
    return offsets;
  }

  /** Indices of the largest, the largest first. */
  private static int[] largest(float[] values, int length, int most) {
    return IntStream.range(0, length)
        .boxed()
        .sorted((a, b) -> Float.compare(values[b], values[a]))
        .limit(most)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
