package dev.slipway.eval.measure;

import dev.slipway.base.Exit;
import dev.slipway.base.SlipwayException;
import dev.slipway.eval.metric.Better;
import dev.slipway.eval.metric.Examples;
import dev.slipway.eval.metric.Measured;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.metric.classification.Average;
import dev.slipway.eval.metric.classification.ClassCounts;
import dev.slipway.eval.metric.tagging.Entities;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Tagged sequences; they are what is resampled, since tokens of one are no independent draws. */
final class TaggingReport {
  private static final Pattern ENTITY = Pattern.compile("O|[BIES]-.+");

  private TaggingReport() {}

  static MetricReport of(List<List<String>> truth, List<List<String>> predicted, long seed) {
    int sequences = Examples.count("truth", truth.size(), "prediction", predicted.size());
    double[] right = new double[sequences];
    double[] tokens = new double[sequences];
    boolean chunks = true;
    for (int i = 0; i < sequences; i++) {
      List<String> is = truth.get(i);
      List<String> told = predicted.get(i);
      if (is.size() != told.size()) {
        throw new SlipwayException(
            Exit.INPUT,
            "eval.lengths-differ",
            "sequence "
                + (i + 1)
                + " has "
                + is.size()
                + " true and "
                + told.size()
                + " predicted tags, expected as many",
            "give one tag of each for every token");
      }
      tokens[i] = is.size();
      for (int j = 0; j < is.size(); j++) {
        right[i] += is.get(j).equals(told.get(j)) ? 1 : 0;
        chunks &= ENTITY.matcher(is.get(j)).matches() && ENTITY.matcher(told.get(j)).matches();
      }
    }
    Rows rows = new Rows(sequences, seed);
    if (chunks) {
      addEntities(rows, truth, predicted);
    } else {
      rows.add(
          MetricRow.of(
              "entity-f1-micro",
              Better.HIGHER,
              Measured.undefined("the tags are not of the form B-X, I-X and O")));
    }
    double accuracy = ratio(right, tokens, Rows.all(sequences));
    rows.addAll(
        List.of(
            Rows.Figure.of(
                "token-accuracy",
                Better.HIGHER,
                Double.isNaN(accuracy)
                    ? Measured.undefined("the sequences have no tokens")
                    : Measured.of(accuracy))),
        drawn -> new double[] {ratio(right, tokens, drawn)});
    return new MetricReport("tagging", sequences, rows.list(), List.of());
  }

  private static double ratio(double[] parts, double[] wholes, int[] drawn) {
    double part = 0;
    double whole = 0;
    for (int i : drawn) {
      part += parts[i];
      whole += wholes[i];
    }
    return whole == 0 ? Double.NaN : part / whole;
  }

  private static void addEntities(
      Rows rows, List<List<String>> truth, List<List<String>> predicted) {
    List<List<Entities.Entity>> is = truth.stream().map(Entities::of).toList();
    List<List<Entities.Entity>> told = predicted.stream().map(Entities::of).toList();
    TreeSet<String> types = new TreeSet<>();
    is.forEach(list -> list.forEach(entity -> types.add(entity.type())));
    told.forEach(list -> list.forEach(entity -> types.add(entity.type())));
    List<String> names = List.copyOf(types);
    if (names.isEmpty()) {
      rows.add(
          MetricRow.of(
              "entity-f1-micro",
              Better.HIGHER,
              Measured.undefined("neither truth nor prediction has an entity")));
      return;
    }
    ClassCounts[] counts = new ClassCounts[is.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = counts(is.get(i), told.get(i), names);
    }
    ClassCounts all = sum(counts, Rows.all(counts.length), names.size());
    List<String> figures =
        List.of(
            "entity-f1-micro",
            "entity-precision-micro",
            "entity-recall-micro",
            "entity-f1-macro",
            "entity-f1-weighted");
    double[] values = averages(all);
    List<Rows.Figure> listed = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      listed.add(Rows.Figure.higher(figures.get(i), values[i]));
    }
    for (int type = 0; type < names.size(); type++) {
      listed.add(Rows.Figure.higher("entity-f1[" + names.get(type) + "]", all.f1(type)));
    }
    rows.addAll(
        listed,
        drawn -> {
          ClassCounts some = sum(counts, drawn, names.size());
          double[] found = Arrays.copyOf(averages(some), listed.size());
          for (int type = 0; type < names.size(); type++) {
            found[values.length + type] = some.occurs(type) ? some.f1(type) : Double.NaN;
          }
          return found;
        });
  }

  private static double[] averages(ClassCounts counts) {
    return new double[] {
      counts.f1(Average.MICRO),
      counts.precision(Average.MICRO),
      counts.recall(Average.MICRO),
      counts.f1(Average.MACRO),
      counts.f1(Average.WEIGHTED)
    };
  }

  private static ClassCounts counts(
      List<Entities.Entity> is, List<Entities.Entity> told, List<String> names) {
    long[] hits = new long[names.size()];
    long[] guesses = new long[names.size()];
    long[] actual = new long[names.size()];
    Set<Entities.Entity> there = new HashSet<>(is);
    for (Entities.Entity entity : is) {
      actual[names.indexOf(entity.type())]++;
    }
    for (Entities.Entity entity : told) {
      int type = names.indexOf(entity.type());
      guesses[type]++;
      hits[type] += there.contains(entity) ? 1 : 0;
    }
    return new ClassCounts(hits, guesses, actual, is.size());
  }

  private static ClassCounts sum(ClassCounts[] counts, int[] drawn, int types) {
    long[] hits = new long[types];
    long[] guesses = new long[types];
    long[] actual = new long[types];
    long examples = 0;
    for (int i : drawn) {
      for (int type = 0; type < types; type++) {
        hits[type] += counts[i].hits()[type];
        guesses[type] += counts[i].predicted()[type];
        actual[type] += counts[i].actual()[type];
      }
      examples += counts[i].examples();
    }
    return new ClassCounts(hits, guesses, actual, examples);
  }
}
