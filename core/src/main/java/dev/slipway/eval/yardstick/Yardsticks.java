package dev.slipway.eval.yardstick;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.LanguageModelMetrics;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Computes yardsticks on held-out documents (UTF-8), in bits per byte. */
public final class Yardsticks {
  /** At 16 bytes more order gains little on source code and text, and memory stays small. */
  public static final int NGRAM_ORDER = 16;

  private Yardsticks() {}

  /**
   * The n-gram model, xz alone and xz given the training text, on two threads; they need about 9
   * bytes of memory a byte of training text and 12 times what xz is given.
   *
   * @param xzTrainingBytes what xz is given at most of the training text; it takes about a second a
   *     megabyte
   * @param done is told each as it is ready, by one thread at a time
   * @return always in the order above
   */
  public static List<Yardstick> all(
      List<byte[]> training,
      List<byte[]> heldOut,
      long bootstrapSeed,
      long xzTrainingBytes,
      Consumer<Yardstick> done) {
    Object turn = new Object();
    UnaryOperator<Yardstick> told =
        yardstick -> {
          synchronized (turn) {
            done.accept(yardstick);
          }
          return yardstick;
        };
    FutureTask<Yardstick> ngram =
        new FutureTask<>(() -> told.apply(ngram(training, heldOut, NGRAM_ORDER, bootstrapSeed)));
    Thread thread = Thread.ofPlatform().name("yardstick-ngram").daemon().start(ngram);
    try {
      Yardstick alone = told.apply(xz(heldOut));
      Yardstick given = told.apply(xzGivenTraining(training, heldOut, xzTrainingBytes));
      return List.of(ngram.get(), alone, given);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SlipwayException(
          Exit.INTERRUPTED, "eval.interrupted", "the yardsticks were stopped", "run eval again", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException problem) {
        throw problem;
      }
      throw new IllegalStateException("the n-gram model failed", e.getCause());
    } finally {
      thread.interrupt();
    }
  }

  /** The n-gram model, trained on all of the training documents. */
  public static Yardstick ngram(
      List<byte[]> training, List<byte[]> heldOut, int order, long bootstrapSeed) {
    long start = System.nanoTime();
    NgramModel model = NgramModel.train(training, order);
    double[] nats = new double[heldOut.size()];
    double[] bytes = new double[heldOut.size()];
    for (int i = 0; i < nats.length; i++) {
      nats[i] = model.nats(heldOut.get(i));
      bytes[i] = heldOut.get(i).length;
    }
    Interval interval = LanguageModelMetrics.bitsPerByte(nats, bytes, bootstrapSeed);
    return new Yardstick(
        order + "-gram of bytes",
        interval.estimate(),
        interval,
        secondsSince(start),
        "all " + megabytes(size(training)) + " of training text",
        "interpolated modified Kneser-Ney, Chen and Goodman 1998");
  }

  /** xz on the held-out documents alone, one after the other. */
  public static Yardstick xz(List<byte[]> heldOut) {
    long start = System.nanoTime();
    long compressed = XzYardstick.compressedSize(heldOut);
    return new Yardstick(
        "xz -9e",
        bitsPerByte(compressed, heldOut),
        null,
        secondsSince(start),
        "nothing but the held-out text before each byte",
        "LZMA2 by XZ for Java, preset 9e");
  }

  /**
   * xz on the held-out documents, given the training documents first: what it grows by after them.
   *
   * @param mostTrainingBytes of longer training text, the last documents of that size together are
   *     given, and {@link Yardstick#saw} says so
   */
  public static Yardstick xzGivenTraining(
      List<byte[]> training, List<byte[]> heldOut, long mostTrainingBytes) {
    long start = System.nanoTime();
    List<byte[]> given = XzYardstick.tail(training, mostTrainingBytes);
    long compressed = XzYardstick.compressedSizeAfter(given, heldOut);
    String saw =
        given.size() == training.size()
            ? "all " + megabytes(size(training)) + " of training text"
            : "the last "
                + megabytes(size(given))
                + " of "
                + megabytes(size(training))
                + " of training text";
    return new Yardstick(
        "xz -9e after the training text",
        bitsPerByte(compressed, heldOut),
        null,
        secondsSince(start),
        saw + ", and the held-out text before each byte",
        "LZMA2 by XZ for Java, preset 9e, dictionary over all of the text");
  }

  private static double bitsPerByte(long compressed, List<byte[]> documents) {
    return 8.0 * compressed / size(documents);
  }

  static long size(List<byte[]> documents) {
    return documents.stream().mapToLong(document -> document.length).sum();
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, bytes < 100_000 ? "%.3f MB" : "%.1f MB", bytes / 1e6);
  }

  private static double secondsSince(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
