package dev.slipway.eval.yardstick;

import de.bwaldvogel.liblinear.Feature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is simple for tasks that write or mark texts. */
public final class TextYardsticks {
  private TextYardsticks() {}

  /**
   * Texts written by a yardstick, one a test example.
   *
   * @param name as a table shows it
   * @param texts to be measured as the model's are
   * @param seconds it took
   * @param saw what it learnt from, a clause
   * @param source the method's paper or the program
   */
  public record Written(
      String name, List<String> texts, double seconds, String saw, String source) {
    public Written {
      texts = List.copyOf(texts);
    }
  }

  /**
   * For sequence to sequence: the input as it is, and a translation memory, which writes the target
   * of the training source that is nearest by the cosine of TF-IDF (words and pairs), the first of
   * equals; Salton and Buckley 1988.
   */
  public static List<Written> sequenceToSequence(
      List<String> sources, List<String> targets, List<String> testSources) {
    if (sources.isEmpty() || sources.size() != targets.size()) {
      throw new IllegalArgumentException(
          sources.size() + " sources and " + targets.size() + " targets came");
    }
    long start = System.nanoTime();
    Features.Texts training = new Features.Texts(sources);
    int[] all = new int[sources.size()];
    Arrays.setAll(all, i -> i);
    SparseRows rows = TfIdf.fit(training, all);
    List<List<Posting>> postings = new ArrayList<>();
    for (int f = 0; f <= rows.width(); f++) {
      postings.add(new ArrayList<>());
    }
    for (int i : all) {
      for (Feature feature : rows.row(training, i)) {
        postings.get(feature.getIndex()).add(new Posting(i, feature.getValue()));
      }
    }
    Features.Texts asked = new Features.Texts(testSources);
    List<String> told = new ArrayList<>();
    for (int t = 0; t < asked.size(); t++) {
      double[] likeness = new double[sources.size()];
      for (Feature feature : rows.row(asked, t)) {
        for (Posting posting : postings.get(feature.getIndex())) {
          likeness[posting.example] += feature.getValue() * posting.value;
        }
      }
      int nearest = 0;
      for (int i : all) {
        nearest = likeness[i] > likeness[nearest] ? i : nearest;
      }
      told.add(targets.get(nearest));
    }
    return List.of(
        new Written("copy of the input", testSources, 0, "the input", "needs no training"),
        new Written(
            "translation memory",
            told,
            (System.nanoTime() - start) / 1e9,
            String.format(Locale.ROOT, "%,d training pairs", sources.size()),
            "nearest source by TF-IDF, Salton and Buckley 1988"));
  }

  private record Posting(int example, double value) {}
}
