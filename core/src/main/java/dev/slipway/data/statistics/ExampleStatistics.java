package dev.slipway.data.statistics;

import dev.slipway.data.SplitName;
import dev.slipway.data.column.Quantiles;
import dev.slipway.data.example.ExampleSet;
import dev.slipway.data.example.Field;
import dev.slipway.data.example.Splits;
import dev.slipway.data.example.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What examples are, before anything is learnt from them.
 *
 * @param splits in the order training, validation, test
 * @param classes of the target by name; none where it has more than {@value #CLASSES} values, or
 *     numbers that are fractions or more than 20
 * @param fields in the order of the set
 * @param duplicates between splits
 * @param warnings what a person should know, a sentence each, with the names
 */
public record ExampleStatistics(
    List<SplitSize> splits,
    List<ClassCount> classes,
    List<FieldStatistics> fields,
    List<Duplicate> duplicates,
    List<String> warnings) {
  static final int CLASSES = 1000;
  private static final int FEW = 20;
  private static final int NAMED = 5;
  private static final List<SplitName> ORDER =
      List.of(SplitName.TRAIN, SplitName.VALIDATION, SplitName.TEST);

  public ExampleStatistics {
    splits = List.copyOf(splits);
    classes = List.copyOf(classes);
    fields = List.copyOf(fields);
    duplicates = List.copyOf(duplicates);
    warnings = List.copyOf(warnings);
  }

  public record SplitSize(SplitName split, long examples, long bytes) {}

  /**
   * @param counts by split, as in {@link #splits}
   */
  public record ClassCount(String name, List<Long> counts) {
    public ClassCount {
      counts = List.copyOf(counts);
    }
  }

  /**
   * A field.
   *
   * @param missing examples without a value, in all splits
   * @param quantiles of the numbers, or of the texts' lengths in words: 0, 5, 25, 50, 75, 95 and
   *     100 %; empty for other kinds and where there are none
   */
  public record FieldStatistics(
      String name, Field.Kind kind, long missing, List<Double> quantiles) {
    public FieldStatistics {
      quantiles = List.copyOf(quantiles);
    }
  }

  /**
   * Counts, and looks for duplicates; reads every example.
   *
   * @param target the field that is learnt, if it is one
   * @param pictures by which pictures that look alike are found
   */
  public static ExampleStatistics of(
      ExampleSet set, Splits splits, Optional<String> target, PerceptualHash pictures) {
    List<SplitSize> sizes = new ArrayList<>();
    for (SplitName split : ORDER) {
      int[] members = splits.of(split);
      long bytes = Arrays.stream(members).mapToLong(set::bytes).sum();
      sizes.add(new SplitSize(split, members.length, bytes));
    }
    List<String> warnings = new ArrayList<>(splits.warnings());
    List<FieldStatistics> fields = new ArrayList<>();
    for (Field field : set.fields()) {
      fields.add(field(set, splits, field, target, warnings));
    }
    List<ClassCount> classes = target.map(field -> classes(set, splits, field)).orElse(List.of());
    warnOfClasses(classes, target.orElse(""), warnings);
    List<Duplicate> duplicates = new Duplicates(set, splits, target, pictures).find();
    warnOfDuplicates(duplicates, true, splits, warnings);
    warnOfDuplicates(duplicates, false, splits, warnings);
    if (set.size() > Duplicates.MOST) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "examples that are nearly the same were not looked for among %,d",
              set.size()));
    }
    return new ExampleStatistics(sizes, classes, fields, duplicates, warnings);
  }

  private static FieldStatistics field(
      ExampleSet set, Splits splits, Field field, Optional<String> target, List<String> warnings) {
    long missing = 0;
    long missingInTraining = 0;
    List<Double> measures = new ArrayList<>();
    boolean measured = field.kind() == Field.Kind.NUMBER || field.kind() == Field.Kind.TEXT;
    for (SplitName split : ORDER) {
      for (int example : splits.of(split)) {
        if (!measured && field.kind() != Field.Kind.LABELS) {
          continue; // the content of a picture is there, and large
        }
        switch (set.value(example, field.name())) {
          case Value.Missing _ -> {
            missing++;
            missingInTraining += split == SplitName.TRAIN ? 1 : 0;
          }
          case Value.Number(double number) -> measures.add(number);
          case Value.Text(String text) -> measures.add((double) words(text));
          case Value.Labels _, Value.Content _, Value.Pixels _ -> {}
        }
      }
    }
    int training = splits.train().length;
    String name = field.name();
    if (target.equals(Optional.of(name)) && missing > 0) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "the target '%s' is missing in %,d %s",
              name,
              missing,
              missing == 1 ? "example" : "examples"));
    } else if (missingInTraining == training && training > 0) {
      warnings.add("the column '" + name + "' has no value in any training example");
    } else if (2 * missingInTraining > training) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "the column '%s' is missing in %,d of %,d training examples",
              name,
              missingInTraining,
              training));
    }
    return new FieldStatistics(name, field.kind(), missing, quantiles(measures));
  }

  private static int words(String text) {
    int words = 0;
    boolean within = false;
    for (int i = 0; i < text.length(); i++) {
      boolean blank = Character.isWhitespace(text.charAt(i));
      words += within || blank ? 0 : 1;
      within = !blank;
    }
    return words;
  }

  private static List<Double> quantiles(List<Double> measures) {
    if (measures.isEmpty()) {
      return List.of();
    }
    double[] sorted = measures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    List<Double> quantiles = new ArrayList<>();
    for (double q : new double[] {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1}) {
      quantiles.add(Quantiles.of(sorted, q));
    }
    return quantiles;
  }

  private static List<ClassCount> classes(ExampleSet set, Splits splits, String target) {
    boolean numbers =
        set.fields().stream()
            .anyMatch(f -> f.name().equals(target) && f.kind() == Field.Kind.NUMBER);
    Map<String, long[]> counts = new TreeMap<>();
    for (int s = 0; s < ORDER.size(); s++) {
      for (int example : splits.of(ORDER.get(s))) {
        List<String> names =
            switch (set.value(example, target)) {
              case Value.Text(String text) -> List.of(text.strip());
              case Value.Labels(List<String> labels) -> labels.stream().distinct().toList();
              case Value.Number(double number)
                  when number == Math.rint(number) && Math.abs(number) < 1e9 ->
                  List.of(Long.toString((long) number));
              case Value.Number _ -> List.of("a fraction");
              default -> List.of();
            };
        for (String name : names) {
          if (name.equals("a fraction")) {
            return List.of();
          }
          counts.computeIfAbsent(name, n -> new long[ORDER.size()])[s]++;
          if (counts.size() > (numbers ? FEW : CLASSES)) {
            return List.of();
          }
        }
      }
    }
    return counts.entrySet().stream()
        .map(e -> new ClassCount(e.getKey(), Arrays.stream(e.getValue()).boxed().toList()))
        .toList();
  }

  private static void warnOfClasses(
      List<ClassCount> classes, String target, List<String> warnings) {
    List<String> unknown = new ArrayList<>();
    List<String> rare = new ArrayList<>();
    long largest = 0;
    for (ClassCount one : classes) {
      largest = Math.max(largest, one.counts.getFirst());
    }
    for (ClassCount one : classes) {
      long training = one.counts.getFirst();
      if (training == 0) {
        unknown.add(one.name);
      } else if (10 * training <= largest) {
        rare.add(String.format(Locale.ROOT, "%s (%,d)", one.name, training));
      }
    }
    if (!unknown.isEmpty()) {
      warnings.add(
          "classes of '%s' that no training example has: %s".formatted(target, some(unknown)));
    }
    if (!rare.isEmpty()) {
      warnings.add(
          String.format(
              Locale.ROOT,
              "classes of '%s' with a tenth or less of the largest one's %,d training examples: %s",
              target,
              largest,
              some(rare)));
    }
  }

  private static void warnOfDuplicates(
      List<Duplicate> duplicates, boolean exact, Splits splits, List<String> warnings) {
    for (SplitName split : List.of(SplitName.VALIDATION, SplitName.TEST)) {
      List<Duplicate> own =
          duplicates.stream().filter(d -> d.split() == split && d.exact() == exact).toList();
      if (!own.isEmpty()) {
        warnings.add(
            String.format(
                Locale.ROOT,
                "%,d of %,d %s examples %s %s in another split: %s",
                own.size(),
                splits.of(split).length,
                split.label(),
                own.size() == 1 ? "is" : "are",
                exact ? "also" : "nearly the same as one",
                some(
                    own.stream()
                        .map(d -> d.example() + " = " + d.firstSplit().label() + " " + d.first())
                        .toList())));
      }
    }
  }

  private static String some(List<String> names) {
    return String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
        + (names.size() > NAMED ? ", …" : "");
  }
}
