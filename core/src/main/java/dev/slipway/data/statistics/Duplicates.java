package dev.slipway.data.statistics;

import dev.slipway.base.Hashing;
import dev.slipway.data.SplitName;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Splits;
import dev.slipway.data.example.Value;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Finds examples of a split that an earlier split (training, validation) has too. */
final class Duplicates {
  /** Texts whose runs of words are so alike are the same but for some words. */
  static final double ALIKE = 0.8;

  /** Of the 64 bits of a perceptual hash so many may differ. */
  static final int BITS = 3;

  /**
   * Correlation from which pictures are the same but for size, light and compression. On cats and
   * dogs pairs above it are the same photograph; of handwritten digits two in a thousand reach it.
   */
  static final double SAME_PICTURE = 0.98;

  /** Of pictures whose bits are close, so many of the closest are looked at. */
  private static final int LOOKED_AT = 32;

  /** Of more examples near ones are not looked for. */
  static final int MOST = 400_000;

  /** Of a key that very many share only so many are compared. */
  private static final int BUCKET = 64;

  private static final List<SplitName> ORDER =
      List.of(SplitName.TRAIN, SplitName.VALIDATION, SplitName.TEST);

  private final ExampleSet set;
  private final Splits splits;
  private final List<Field> fields;
  private final PerceptualHash pictures;

  Duplicates(ExampleSet set, Splits splits, Optional<String> target, PerceptualHash pictures) {
    this.set = set;
    this.splits = splits;
    this.fields = set.fields().stream().filter(f -> !f.name().equals(target.orElse(null))).toList();
    this.pictures = pictures;
  }

  /** Each example that has one in an earlier split, with the first such. */
  List<Duplicate> find() {
    List<Duplicate> found = new ArrayList<>();
    int[] order = ORDER.stream().map(splits::of).flatMapToInt(Arrays::stream).toArray();
    SplitName[] splitOf = new SplitName[set.size()];
    for (SplitName split : ORDER) {
      for (int example : splits.of(split)) {
        splitOf[example] = split;
      }
    }
    String[] sums = new String[set.size()];
    IntStream.of(order).parallel().forEach(example -> sums[example] = sum(example));
    Map<String, Integer> first = new HashMap<>();
    boolean[] exact = new boolean[set.size()];
    for (int example : order) {
      Integer there = first.putIfAbsent(sums[example], example);
      if (there != null && splitOf[there] != splitOf[example]) {
        exact[example] = true;
        found.add(duplicate(there, example, splitOf, true, 1));
      }
    }
    if (order.length <= MOST) {
      int[] rest = Arrays.stream(order).filter(example -> !exact[example]).toArray();
      fields.stream()
          .filter(field -> field.kind() == Field.Kind.TEXT)
          .filter(field -> isProse(field.name()))
          .findFirst()
          .ifPresent(field -> nearTexts(rest, field.name(), splitOf, found));
      fields.stream()
          .filter(field -> field.kind() == Field.Kind.PICTURE)
          .findFirst()
          .ifPresent(field -> nearPictures(rest, field.name(), splitOf, found));
    }
    return found;
  }

  private Duplicate duplicate(
      int earlier, int later, SplitName[] splitOf, boolean exact, double similarity) {
    return new Duplicate(
        splitOf[earlier], set.id(earlier), splitOf[later], set.id(later), exact, similarity);
  }

  /** Of all fields but the target; white space and case of texts don't count. */
  private String sum(int example) {
    MessageDigest digest = Hashing.digest();
    for (Field field : fields) {
      switch (set.value(example, field.name())) {
        case Value.Missing _ -> digest.update((byte) 0);
        case Value.Text(String text) ->
            digest.update(
                String.join(" ", text.strip().toLowerCase(Locale.ROOT).split("\\s+"))
                    .getBytes(StandardCharsets.UTF_8));
        case Value.Number(double number) ->
            digest.update(Double.toString(number).getBytes(StandardCharsets.UTF_8));
        case Value.Labels(List<String> labels) ->
            digest.update(String.join("\u0000", labels).getBytes(StandardCharsets.UTF_8));
        case Value.Content(byte[] bytes) -> digest.update(bytes);
        case Value.Pixels pixels -> digest.update(pixels.bytes());
      }
      digest.update((byte) 1);
    }
    return Hashing.hex(digest.digest());
  }

  /** Whether a field is of texts with some words, and not of categories. */
  private boolean isProse(String field) {
    if (set.coded(field).isPresent()) {
      return false;
    }
    int some = Math.min(100, set.size());
    long words = 0;
    for (int i = 0; i < some; i++) {
      words +=
          set.value(i, field) instanceof Value.Text(String text) ? text.split("\\s+").length : 0;
    }
    return words > 4L * some;
  }

  /** Band by band, so that the keys of one are in memory at a time. */
  private void nearTexts(int[] order, String field, SplitName[] splitOf, List<Duplicate> found) {
    long @Nullable [][] bands = new long[set.size()][];
    IntStream.of(order)
        .parallel()
        .forEach(example -> bands[example] = MinHash.bands(shingles(example, field)));
    int[] best = new int[set.size()];
    double[] similarity = new double[set.size()];
    Arrays.fill(best, -1);
    for (int band = 0; band < MinHash.BANDS; band++) {
      Map<Long, List<Integer>> buckets = new HashMap<>();
      for (int example : order) {
        long[] keys = bands[example];
        if (keys == null) {
          continue;
        }
        long[] own = null;
        List<Integer> bucket = buckets.computeIfAbsent(keys[band], _ -> new ArrayList<>(1));
        for (int other : bucket) {
          if (splitOf[other] != splitOf[example] && other != best[example]) {
            own = own == null ? shingles(example, field) : own;
            double alike = MinHash.jaccard(shingles(other, field), own);
            if (alike > similarity[example]) {
              similarity[example] = alike;
              best[example] = other;
            }
          }
        }
        if (bucket.size() < BUCKET) {
          bucket.add(example);
        }
      }
    }
    for (int example : order) {
      if (similarity[example] >= ALIKE) {
        found.add(duplicate(best[example], example, splitOf, false, similarity[example]));
      }
    }
  }

  private long[] shingles(int example, String field) {
    return set.value(example, field) instanceof Value.Text(String text)
        ? MinHash.shingles(text)
        : new long[0];
  }

  /** Hashes that differ in three bits at most share one of four parts of 16 bits. */
  private void nearPictures(int[] order, String field, SplitName[] splitOf, List<Duplicate> found) {
    OptionalLong[] hashes = new OptionalLong[set.size()];
    IntStream.of(order)
        .parallel()
        .forEach(example -> hashes[example] = pictures.of(set.value(example, field)));
    Map<Long, List<Integer>> buckets = new HashMap<>();
    for (int example : order) {
      if (hashes[example].isEmpty()) {
        continue;
      }
      long hash = hashes[example].getAsLong();
      Map<Integer, Integer> close = new HashMap<>();
      for (int part = 0; part < 4; part++) {
        long key = (hash >>> (16 * part) & 0xffff) << 2 | part;
        List<Integer> bucket = buckets.computeIfAbsent(key, k -> new ArrayList<>());
        for (int other : bucket) {
          int bits = Long.bitCount(hash ^ hashes[other].orElse(~hash));
          if (splitOf[other] != splitOf[example] && bits <= BITS) {
            close.put(other, bits);
          }
        }
        if (bucket.size() < 16 * BUCKET) {
          bucket.add(example);
        }
      }
      if (!close.isEmpty()) {
        closest(example, close, field)
            .ifPresent(
                one ->
                    found.add(duplicate(one.example(), example, splitOf, false, one.likeness())));
      }
    }
  }

  private record Look(int example, double likeness) {}

  /** Digits share bits with thousands of others: only a look at the pictures tells. */
  private Optional<Look> closest(int example, Map<Integer, Integer> close, String field) {
    Value own = set.value(example, field);
    return close.entrySet().stream()
        .sorted(
            Map.Entry.<Integer, Integer>comparingByValue()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(LOOKED_AT)
        .map(
            entry ->
                new Look(entry.getKey(), pictures.likeness(own, set.value(entry.getKey(), field))))
        .filter(look -> look.likeness() >= SAME_PICTURE)
        .max(Comparator.comparingDouble(Look::likeness));
  }
}
