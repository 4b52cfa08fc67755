package dev.slipway.cli;

import dev.slipway.base.Exit;
import dev.slipway.base.Json;
import dev.slipway.base.SlipwayException;
import dev.slipway.cli.display.Output;
import dev.slipway.cli.input.TextFiles;
import dev.slipway.cli.input.TextLines;
import dev.slipway.cli.input.TextLinesOption;
import dev.slipway.cli.model.ModelPath;
import dev.slipway.eval.measure.Metrics;
import dev.slipway.eval.metric.MetricReport;
import dev.slipway.eval.metric.MetricRow;
import dev.slipway.eval.yardstick.KeywordSearch;
import dev.slipway.infer.CrossEncoder;
import dev.slipway.infer.Embedder;
import dev.slipway.infer.TextIndex;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    description =
        "The texts nearest to a question by their vectors; or how often the right one is found.")
final class SearchCommand implements Callable<Integer> {
  private static final int[] CUTS = {10, 1};

  @Parameters(paramLabel = "MODEL", description = "A model folder or a run.")
  private Path model = Path.of("");

  @Mixin private TextLinesOption text = new TextLinesOption();

  @Option(
      names = "--query",
      paramLabel = "TEXT",
      description = "What is looked for; may be given several times.")
  private List<String> queries = List.of();

  @Option(
      names = "--top",
      defaultValue = "10",
      paramLabel = "N",
      description = "How many texts are told (default: ${DEFAULT-VALUE}).")
  private int top;

  @Option(
      names = "--index",
      paramLabel = "FILE",
      description =
          "Where the vectors are kept, and taken from while texts and model are the same.")
  private @Nullable Path index;

  @Option(
      names = "--rerank",
      paramLabel = "CROSSENCODER",
      description =
          "A cross-encoder that reads the nearest texts together with the question and orders them.")
  private @Nullable Path rerank;

  @Option(
      names = "--candidates",
      defaultValue = "50",
      paramLabel = "N",
      description = "How many of the nearest texts --rerank reads (default: ${DEFAULT-VALUE}).")
  private int candidates;

  @Option(
      names = "--judge",
      paramLabel = "FILE",
      description =
          "A .jsonl of {\"query\", \"text\"}: tells how often the right text is found, beside BM25.")
  private @Nullable Path judge;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() {
    if (queries.isEmpty() == (judge == null)) {
      throw new SlipwayException(
          Exit.USAGE,
          "search.nothing-asked",
          queries.isEmpty() ? "neither --query nor --judge came" : "--query and --judge came",
          "give one of them");
    }
    if (top < 1) {
      throw new SlipwayException(
          Exit.USAGE, "usage", "--top is " + top + ", expected at least 1", "give a larger number");
    }
    if (candidates < 1) {
      throw new SlipwayException(
          Exit.USAGE,
          "usage",
          "--candidates is " + candidates + ", expected at least 1",
          "give a larger number");
    }
    Path folder = ModelPath.folder(model);
    TextLines lines = text.read();
    try (Embedder embedder = Embedder.open(folder);
        CrossEncoder reader = rerank == null ? null : RerankCommand.open(rerank)) {
      TextIndex found = TextIndex.kept(embedder, folder, lines.texts(), index);
      if (judge == null) {
        tell(embedder, found, reader, lines);
      } else {
        judge(embedder, found, reader, judge);
      }
      return 0;
    }
  }

  /**
   * A text near a question.
   *
   * @param score a cross-encoder's; null without one
   */
  private record Found(TextIndex.Hit hit, @Nullable Double score) {}

  /** The nearest texts; where there is a cross-encoder the nearest of all in its order. */
  private List<Found> found(
      TextIndex index, @Nullable CrossEncoder reader, String query, float[] vector, int most) {
    if (reader == null) {
      return index.nearest(vector, most).stream().map(hit -> new Found(hit, null)).toList();
    }
    List<TextIndex.Hit> near = index.nearest(vector, Math.max(candidates, most));
    List<Double> scores =
        reader
            .scores(
                List.of(query), near.stream().map(hit -> index.texts().get(hit.text())).toList())
            .scores();
    return IntStream.range(0, near.size())
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -scores.get(i)).thenComparing(i -> i))
        .limit(most)
        .map(i -> new Found(near.get(i), scores.get(i)))
        .toList();
  }

  private void tell(
      Embedder embedder, TextIndex index, @Nullable CrossEncoder reader, TextLines lines) {
    ObjectNode document = Json.object();
    ArrayNode results = document.putArray("results");
    StringBuilder plain = new StringBuilder();
    List<float[]> vectors = embedder.embed(queries);
    for (int q = 0; q < queries.size(); q++) {
      ObjectNode result = results.addObject().put("query", queries.get(q));
      ArrayNode hits = result.putArray("hits");
      plain.append(queries.size() > 1 ? queries.get(q) + "\n" : "");
      for (Found each : found(index, reader, queries.get(q), vectors.get(q), top)) {
        TextIndex.Hit hit = each.hit;
        String near = index.texts().get(hit.text());
        ObjectNode told =
            hits.addObject()
                .put("line", lines.numbers().get(hit.text()))
                .put("cosine", hit.cosine());
        Double score = each.score;
        if (score != null) {
          told.put("score", score);
        }
        told.put("text", near);
        plain.append(
            String.format(Locale.ROOT, "%.3f  %s%n", score == null ? hit.cosine() : score, near));
      }
    }
    output.print(document, plain::toString);
  }

  private record Question(String query, String text) {}

  private static List<Question> questions(Path file, Map<String, Integer> places) {
    List<Question> questions = new ArrayList<>();
    List<String> lines = TextLines.of(TextFiles.read(file.toString()));
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      JsonNode line = Json.parse(lines.get(i), file + ":" + (i + 1));
      String query = line.path("query").asString("");
      String right = line.path("text").asString("");
      if (query.isBlank() || !places.containsKey(right)) {
        throw new SlipwayException(
            Exit.INPUT,
            "search.bad-question",
            file
                + ":"
                + (i + 1)
                + (query.isBlank()
                    ? " has no query"
                    : " has a text that is none of those that are searched"),
            "write {\"query\": …, \"text\": …} with a line of --text");
      }
      questions.add(new Question(query, right));
    }
    return questions;
  }

  private void judge(Embedder embedder, TextIndex index, @Nullable CrossEncoder reader, Path file) {
    List<String> texts = index.texts();
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < texts.size(); i++) {
      places.putIfAbsent(texts.get(i), i);
    }
    List<Question> questions = questions(file, places);
    List<float[]> vectors = embedder.embed(questions.stream().map(Question::query).toList());
    int[] ranks = new int[questions.size()];
    int[] words = new int[questions.size()];
    int[] read = new int[questions.size()];
    try (KeywordSearch keywords = new KeywordSearch(texts)) {
      for (int q = 0; q < ranks.length; q++) {
        String right = questions.get(q).text();
        double[] cosines = index.cosines(vectors.get(q));
        double own = cosines[places.getOrDefault(right, 0)];
        ranks[q] = 1;
        for (int i = 0; i < cosines.length; i++) {
          ranks[q] += cosines[i] > own && !texts.get(i).equals(right) ? 1 : 0;
        }
        read[q] = ranks[q];
        if (reader != null && ranks[q] <= candidates) {
          List<Found> order =
              found(index, reader, questions.get(q).query(), vectors.get(q), candidates);
          read[q] = 1;
          while (read[q] < order.size()
              && !texts.get(order.get(read[q] - 1).hit.text()).equals(right)) {
            read[q]++;
          }
        }
        List<Integer> found = keywords.find(questions.get(q).query(), 1000);
        words[q] = 1;
        while (words[q] <= found.size() && !texts.get(found.get(words[q] - 1)).equals(right)) {
          words[q]++;
        }
        // Not among what has a word of it: behind all.
        words[q] = words[q] > found.size() ? texts.size() : words[q];
      }
    }
    MetricReport ours = Metrics.retrieval(ranks, CUTS, 1);
    MetricReport theirs = Metrics.retrieval(words, CUTS, 1);
    ObjectNode document = Json.object().put("texts", texts.size()).put("questions", ranks.length);
    document.set("model", ours.json());
    document.set("bm25", theirs.json());
    MetricReport reread = reader == null ? null : Metrics.retrieval(read, CUTS, 1);
    if (reread != null) {
      document.set("reranked", reread.json());
    }
    output.print(document, () -> table(ours, reread, theirs, texts.size()));
  }

  private static String table(
      MetricReport ours, @Nullable MetricReport reread, MetricReport theirs, int texts) {
    StringBuilder table =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%,d questions, %,d texts%n%-12s %8s%s %8s%n",
                ours.examples(),
                texts,
                "",
                "model",
                reread == null ? "" : " reranked",
                "BM25"));
    for (MetricRow row : ours.rows()) {
      table.append(
          String.format(
              Locale.ROOT,
              "%-12s %8.3f%s %8.3f%n",
              row.name(),
              row.measured().orNaN(),
              reread == null ? "" : String.format(Locale.ROOT, " %8.3f", reread.value(row.name())),
              theirs.value(row.name())));
    }
    return table.toString();
  }
}
