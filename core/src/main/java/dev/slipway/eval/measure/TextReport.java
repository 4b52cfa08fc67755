package dev.slipway.eval.measure;

import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.text.Bleu;
import dev.slipway.eval.metric.text.ChrF;
import dev.slipway.eval.metric.text.ErrorRate;
import dev.slipway.eval.metric.text.Rouge;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Written text, and text from speech. */
final class TextReport {
  private TextReport() {}

  static MetricReport written(List<List<String>> references, List<String> told, long seed) {
    int count = Examples.count("references", references.size(), "texts", told.size());
    for (List<String> given : references) {
      Examples.some(given.size());
    }
    ChrF chrF = new ChrF(0);
    ChrF chrFWords = new ChrF(2);
    long[][] bleu = each(count, i -> Bleu.numbers(told.get(i), references.get(i)));
    long[][] characters = each(count, i -> chrF.numbers(told.get(i), references.get(i)));
    long[][] words = each(count, i -> chrFWords.numbers(told.get(i), references.get(i)));
    int[] all = Rows.all(count);
    Rows rows = new Rows(count, seed);
    rows.addAll(
        List.of(
            new Rows.Figure(
                "bleu",
                Better.HIGHER,
                Measured.of(Bleu.score(sum(bleu, all))),
                Bleu.signature(references)),
            new Rows.Figure(
                "chrf",
                Better.HIGHER,
                Measured.of(chrF.score(sum(characters, all))),
                chrF.signature(references)),
            new Rows.Figure(
                "chrf++",
                Better.HIGHER,
                Measured.of(chrFWords.score(sum(words, all))),
                chrFWords.signature(references))),
        drawn ->
            new double[] {
              Bleu.score(sum(bleu, drawn)),
              chrF.score(sum(characters, drawn)),
              chrFWords.score(sum(words, drawn))
            });
    for (int n = 1; n <= 2; n++) {
      int order = n;
      rows.add(
          rows.mean(
              "rouge-" + n,
              Better.HIGHER,
              best(references, (given, i) -> Rouge.ofNgrams(given, told.get(i), order).f1())));
    }
    rows.add(
        rows.mean(
            "rouge-l",
            Better.HIGHER,
            best(
                references,
                (given, i) -> Rouge.ofLongestCommonSubsequence(given, told.get(i)).f1())));
    long exact =
        IntStream.range(0, count).filter(i -> references.get(i).contains(told.get(i))).count();
    rows.add(rows.share("exact-match", exact, count, ""));
    return new MetricReport("text", count, rows.list(), List.of());
  }

  private interface OfReference {
    double score(String reference, int text);
  }

  private static double[] best(List<List<String>> references, OfReference of) {
    return IntStream.range(0, references.size())
        .parallel()
        .mapToDouble(
            i ->
                references.get(i).stream()
                    .mapToDouble(given -> of.score(given, i))
                    .max()
                    .orElseThrow())
        .toArray();
  }

  private interface Numbers {
    long[] of(int text);
  }

  private static long[][] each(int count, Numbers numbers) {
    return IntStream.range(0, count).parallel().mapToObj(numbers::of).toArray(long[][]::new);
  }

  private static long[] sum(long[][] numbers, int[] drawn) {
    long[] sum = new long[numbers[0].length];
    for (int i : drawn) {
      for (int j = 0; j < sum.length; j++) {
        sum[j] += numbers[i][j];
      }
    }
    return sum;
  }

  static MetricReport transcribed(List<String> references, List<String> told, long seed) {
    int count = Examples.count("references", references.size(), "texts", told.size());
    List<ErrorRate> words = new ArrayList<>();
    List<ErrorRate> characters = new ArrayList<>();
    long exact = 0;
    for (int i = 0; i < count; i++) {
      words.add(ErrorRate.ofWords(references.get(i), told.get(i)));
      characters.add(ErrorRate.ofCharacters(references.get(i), told.get(i)));
      exact += references.get(i).equals(told.get(i)) ? 1 : 0;
    }
    Rows rows = new Rows(count, seed);
    rows.addAll(
        List.of(
            Rows.Figure.of("wer", Better.LOWER, rate(words, "words")),
            Rows.Figure.of("cer", Better.LOWER, rate(characters, "characters"))),
        drawn -> new double[] {rate(words, drawn), rate(characters, drawn)});
    MetricRow exactly = rows.share("exact-match", exact, count, "");
    rows.add(exactly);
    return new MetricReport("transcription", count, rows.list(), List.of());
  }

  private static Measured rate(List<ErrorRate> rates, String unit) {
    double rate = rate(rates, Rows.all(rates.size()));
    return Double.isNaN(rate)
        ? Measured.undefined("the references have no " + unit)
        : Measured.of(rate);
  }

  private static double rate(List<ErrorRate> rates, int[] drawn) {
    double length = sum(rates, drawn, ErrorRate::length);
    return length == 0 ? Double.NaN : sum(rates, drawn, ErrorRate::edits) / length;
  }

  private static double sum(List<ErrorRate> rates, int[] drawn, ToDoubleFunction<ErrorRate> of) {
    double sum = 0;
    for (int i : drawn) {
      sum += of.applyAsDouble(rates.get(i));
    }
    return sum;
  }
}
