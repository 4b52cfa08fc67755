package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Output;
import dev.slipway.eval.metric.Interval;
import dev.slipway.eval.metric.Proportion;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "feedback",
    mixinStandardHelpOptions = true,
    description =
        "Counts the ratings that `serve --feedback` took, by model, and says whether one is liked better.")
final class FeedbackCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "What `serve --feedback` wrote.")
  private Path file = Path.of("");

  @Option(
      names = "--versions",
      description = "Tell versions of a model apart, too, as after `/admin/reload`.")
  private boolean versions;

  @Mixin private Output output = new Output();

  /** Answers of one model that somebody said something of. */
  private static final class Ratings {
    private long liked;
    private long rated;
    private long corrected;
  }

  /** How far B is above A in the share of answers that were liked. */
  private record Difference(String first, String second, Interval interval) {
    String sentence() {
      String by =
          String.format(
              Locale.ROOT,
              "%+.1f points of 100 (95 %%: %+.1f to %+.1f)",
              100 * interval.estimate(),
              100 * interval.low(),
              100 * interval.high());
      if (interval.low() > 0) {
        return second + " is liked better than " + first + ": " + by;
      }
      return interval.high() < 0
          ? second + " is liked less than " + first + ": " + by
          : "whether " + second + " is liked better than " + first + " can't be said yet: " + by;
    }
  }

  @Override
  public Integer call() {
    Map<String, Ratings> all = read();
    List<Difference> differences = differences(all);
    output.print(json(all, differences), () -> text(all, differences));
    return 0;
  }

  private Map<String, Ratings> read() {
    Map<String, Ratings> all = new TreeMap<>();
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      int number = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        number++;
        // What was taken back is blank.
        if (!line.isBlank()) {
          add(all, Json.parse(line, file + ", line " + number), number);
        }
      }
    } catch (NoSuchFileException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "feedback.missing",
          "there is no file " + file + ", expected what `serve --feedback` wrote",
          "check the path",
          e);
    } catch (IOException e) {
      throw new SlipwayException(
          Exit.INPUT,
          "feedback.unreadable",
          file + " can't be read (" + e.getMessage() + "), expected what `serve --feedback` wrote",
          "check that it is that file and that you may read it",
          e);
    }
    return all;
  }

  private void add(Map<String, Ratings> all, JsonNode row, int number) {
    String model = row.path("model").asString("");
    if (model.isEmpty() || !row.path("label").isBoolean()) {
      throw new SlipwayException(
          Exit.INPUT,
          "feedback.unreadable",
          file + ", line " + number + " has no 'model' and 'label', expected a rated answer",
          "give the file that `serve --feedback` wrote");
    }
    String version = row.path("version").asString("");
    String name = versions && !version.isEmpty() ? model + " " + version : model;
    Ratings ratings = all.computeIfAbsent(name, _ -> new Ratings());
    ratings.rated++;
    ratings.liked += row.path("label").booleanValue() ? 1 : 0;
    ratings.corrected += row.path("chosen").isNull() || row.path("chosen").isMissingNode() ? 0 : 1;
  }

  /** Of each model from the one that has most ratings, which is the one in use. */
  private static List<Difference> differences(Map<String, Ratings> all) {
    String most = null;
    for (Map.Entry<String, Ratings> one : all.entrySet()) {
      if (most == null || one.getValue().rated > Objects.requireNonNull(all.get(most)).rated) {
        most = one.getKey();
      }
    }
    List<Difference> differences = new ArrayList<>();
    for (Map.Entry<String, Ratings> one : all.entrySet()) {
      if (most != null && !one.getKey().equals(most)) {
        Ratings of = Objects.requireNonNull(all.get(most));
        @Nullable Interval interval =
            Proportion.difference(one.getValue().liked, one.getValue().rated, of.liked, of.rated);
        differences.add(new Difference(most, one.getKey(), Objects.requireNonNull(interval)));
      }
    }
    return differences;
  }

  private static Map<String, Interval> shares(Map<String, Ratings> all) {
    Map<String, Interval> shares = new LinkedHashMap<>();
    all.forEach(
        (name, ratings) ->
            shares.put(
                name, Objects.requireNonNull(Proportion.wilson(ratings.liked, ratings.rated))));
    return shares;
  }

  private static JsonNode json(Map<String, Ratings> all, List<Difference> differences) {
    ObjectNode document = Json.object();
    ArrayNode models = document.putArray("models");
    Map<String, Interval> shares = shares(all);
    all.forEach(
        (name, ratings) ->
            models
                .addObject()
                .put("model", name)
                .put("rated", ratings.rated)
                .put("liked", ratings.liked)
                .put("corrected", ratings.corrected)
                .set("share", interval(Objects.requireNonNull(shares.get(name)))));
    ArrayNode compared = document.putArray("differences");
    for (Difference difference : differences) {
      compared
          .addObject()
          .put("first", difference.first)
          .put("second", difference.second)
          .put("sentence", difference.sentence())
          .set("difference", interval(difference.interval));
    }
    return document;
  }

  private static ObjectNode interval(Interval interval) {
    return Json.object()
        .put("estimate", interval.estimate())
        .put("low", interval.low())
        .put("high", interval.high());
  }

  private static String text(Map<String, Ratings> all, List<Difference> differences) {
    if (all.isEmpty()) {
      return "nothing was rated yet\n";
    }
    StringBuilder text = new StringBuilder();
    int width = all.keySet().stream().mapToInt(String::length).max().orElse(0);
    Map<String, Interval> shares = shares(all);
    all.forEach(
        (name, ratings) -> {
          Interval share = Objects.requireNonNull(shares.get(name));
          text.append(
              String.format(
                  Locale.ROOT,
                  "%-"
                      + Math.max(1, width)
                      + "s  %d of %d liked, %.1f %% (95 %%: %.1f to %.1f), %d corrected%n",
                  name,
                  ratings.liked,
                  ratings.rated,
                  100 * share.estimate(),
                  100 * share.low(),
                  100 * share.high(),
                  ratings.corrected));
        });
    differences.forEach(difference -> text.append(difference.sentence()).append('\n'));
    return text.toString();
  }
}
