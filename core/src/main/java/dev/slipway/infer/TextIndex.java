package dev.slipway.infer;

import dev.slipway.base.Hashing;
import dev.slipway.tensor.DType;
import dev.slipway.tensor.NoGrad;
import dev.slipway.tensor.Scope;
import dev.slipway.tensor.Tensor;
import dev.slipway.weights.SafeTensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Texts by their vectors, of which the nearest to another are found by cosine; all are looked at,
 * so that none is missed.
 */
public final class TextIndex {
  private final List<String> texts;
  private final float[] vectors;
  private final int width;

  private TextIndex(List<String> texts, float[] vectors, int width) {
    this.texts = List.copyOf(texts);
    this.vectors = vectors;
    this.width = width;
  }

  /** A text near another: its place in the list, and the cosine of both. */
  public record Hit(int text, double cosine) {}

  /** Embeds texts. */
  public static TextIndex of(Embedder embedder, List<String> texts) {
    List<float[]> all = embedder.embed(texts);
    int width = embedder.width();
    float[] vectors = new float[Math.multiplyExact(texts.size(), width)];
    for (int i = 0; i < all.size(); i++) {
      System.arraycopy(unit(all.get(i)), 0, vectors, i * width, width);
    }
    return new TextIndex(texts, vectors, width);
  }

  /**
   * As {@link #of}, from a file where that has these texts' vectors by this model; else they are
   * made and written there.
   *
   * @param model the model's folder
   * @param file null keeps nothing
   */
  public static TextIndex kept(
      Embedder embedder, Path model, List<String> texts, @Nullable Path file) {
    if (file == null) {
      return of(embedder, texts);
    }
    String name = "vectors." + fingerprint(model, texts);
    if (Files.isRegularFile(file)) {
      try (SafeTensors kept = SafeTensors.open(file);
          Scope _ = Scope.open();
          NoGrad _ = NoGrad.open()) {
        if (kept.names().contains(name)) {
          return new TextIndex(texts, kept.tensor(name).toFloats(), embedder.width());
        }
      }
    }
    TextIndex index = of(embedder, texts);
    try (Scope _ = Scope.open()) {
      SafeTensors.write(
          file, Map.of(name, Tensor.of(index.vectors, texts.size(), index.width)), DType.FLOAT32);
    }
    return index;
  }

  private static String fingerprint(Path model, List<String> texts) {
    StringBuilder all = new StringBuilder();
    for (String name :
        List.of("config.json", "modules.json", "model.safetensors", "tokenizer.json")) {
      Path file = model.resolve(name);
      all.append(Files.isRegularFile(file) ? Hashing.sha256(file) : "none").append('\n');
    }
    texts.forEach(text -> all.append(text.length()).append(' ').append(text).append('\n'));
    return Hashing.sha256(all.toString());
  }

  private static float[] unit(float[] vector) {
    double squares = 1e-24;
    for (float value : vector) {
      squares += (double) value * value;
    }
    float[] unit = new float[vector.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (float) (vector[i] / Math.sqrt(squares));
    }
    return unit;
  }

  public List<String> texts() {
    return texts;
  }

  /** The cosine of a vector with each text's. */
  public double[] cosines(float[] query) {
    float[] unit = unit(query);
    double[] cosines = new double[texts.size()];
    for (int text = 0; text < cosines.length; text++) {
      float sum = 0;
      int from = text * width;
      for (int i = 0; i < width; i++) {
        sum += unit[i] * vectors[from + i];
      }
      cosines[text] = sum;
    }
    return cosines;
  }

  /** The nearest texts, the nearest first, equal ones by their place. */
  public List<Hit> nearest(float[] query, int most) {
    double[] cosines = cosines(query);
    PriorityQueue<Hit> best =
        new PriorityQueue<>(
            (a, b) ->
                a.cosine == b.cosine
                    ? Integer.compare(b.text, a.text)
                    : Double.compare(a.cosine, b.cosine));
    for (int text = 0; text < cosines.length; text++) {
      best.add(new Hit(text, cosines[text]));
      if (best.size() > most) {
        best.remove();
      }
    }
    List<Hit> hits = new ArrayList<>();
    while (!best.isEmpty()) {
      hits.addFirst(best.remove());
    }
    return hits;
  }
}
